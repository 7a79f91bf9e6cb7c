import { once } from 'node:events';
import { Certificates, ConfigError, errorFields, type Logger, LOGGER, SERVICE_CONFIG } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import type { MailerConfig } from '../config.ts';
import { readReport } from './delivery-report.ts';
import { ReturnedMails } from './returned-mails.ts';
import { returnedMessage } from '../mail/return-path.ts';

/** A report quotes our message, which is short. */
const REPORT_BYTES_MAX = 256 * 1024;

/** Takes in what mail servers return, where the operator's own mail server hands it to us: SMTP on `BOUNCE_PORT`. */
@Injectable()
export class Returns implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly certificates: Certificates | undefined;
  private shown: Certificates['now'] | undefined;
  private server: SMTPServer | undefined;

  constructor(
    private readonly returned: ReturnedMails,
    @Inject(SERVICE_CONFIG) private readonly config: MailerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.certificates = Certificates.of(config, logger);
    if (config.bouncePort !== undefined && config.mailReturnPath === undefined)
      throw new ConfigError(['MAIL_RETURN_PATH: is needed with BOUNCE_PORT, such as bounces@mail.example.com']);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bouncePort, bounceHost } = this.config;
    if (bouncePort === undefined) return;
    this.server = this.makeServer();
    // Several mailers of one machine share it: each can write down what comes.
    const listening = this.server.listen({ port: bouncePort, host: bounceHost, reusePort: true });
    await once(listening, 'listening').catch((error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? new Error(`port ${bouncePort} is in use. Set BOUNCE_PORT to another one, or unset it`)
        : error;
    });
    // A client that goes away in the middle of a sentence is none of our troubles.
    this.server.on('error', () => undefined);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server) await new Promise<void>((closed) => server.close(closed));
  }

  private makeServer() {
    const { cert, key } = (this.shown = this.certificates?.now) ?? {};
    return new SMTPServer({
      disabledCommands: cert ? ['AUTH'] : ['AUTH', 'STARTTLS'],
      ...(cert ? { cert, key } : {}),
      logger: false,
      disableReverseLookup: true,
      size: REPORT_BYTES_MAX,
      maxClients: 20,
      socketTimeout: 30_000,
      closeTimeout: 1_000,
      onConnect: (_session, done) => {
        this.renew();
        done();
      },
      onRcptTo: ({ address }, { envelope }, done) => {
        if (this.messageOf(address) === undefined) done(refusal(550, 'No message of ours was sent from this address.'));
        else done(envelope.rcptTo.length === 0 ? undefined : refusal(452, 'One message at a time.'));
      },
      onData: (stream, { envelope }, done) => {
        this.take(stream, this.messageOf(envelope.rcptTo[0]?.address ?? '')).then(done, (error: unknown) => {
          this.logger.warn(errorFields(error), 'a returned mail could not be taken; it will be sent again');
          done(refusal(451, 'This cannot be recorded now. Send it again.'));
        });
      },
    });
  }

  /** Another certificate where its files have changed. */
  private renew() {
    const now = this.certificates?.now;
    if (!now || now === this.shown) return;
    this.server?.updateSecureContext({ cert: now.cert, key: now.key });
    this.shown = now;
  }

  private messageOf(address: string): string | undefined {
    return returnedMessage(this.config.installationKey, this.config.mailReturnPath ?? '', address);
  }

  /** Answers why it is not taken, or undefined. */
  private async take(stream: SMTPServerDataStream, messageId: string | undefined): Promise<Error | undefined> {
    const message = await kept(stream);
    if (message.length > REPORT_BYTES_MAX) return refusal(552, `A report has ${REPORT_BYTES_MAX} bytes at most.`);
    const report = await readReport(message);
    if (report === undefined || messageId === undefined)
      return refusal(554, 'Reports of delivery alone are read here (RFC 3464).');
    if (report === 'failed' && !(await this.returned.record(messageId)))
      return refusal(550, 'This message was never sent.');
    return undefined;
  }
}

/** What came, cut where it is too long; the rest is read and let go, as SMTP has no other way to say no. */
async function kept(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    if (length <= REPORT_BYTES_MAX) pieces.push(piece);
    length += piece.length;
  }
  return Buffer.concat(pieces);
}

const refusal = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
