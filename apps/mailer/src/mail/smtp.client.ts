import { getCACertificates } from 'node:tls';
import { Certificates, LOGGER, type Logger, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type { MailerConfig } from '../config.ts';
import type { Mail } from '../letters/letter.ts';
import { returnPath } from './return-path.ts';

/** The mail server's answer: taken, refused for good, or try again. `why` holds codes only: its words quote addresses. */
export type Delivery =
  { outcome: 'accepted' } | { outcome: 'refused' | 'later'; why: { code: string; command: string; status: number } };

/** How many connections to the mail server a process has: some are kept for mails that somebody waits for. */
export const CONNECTIONS = { kept: 2, shared: 4 } as const;
export type Way = keyof typeof CONNECTIONS;

/** Our one client of the mail server. */
@Injectable()
export class Smtp implements OnApplicationShutdown {
  private readonly certificates: Certificates | undefined;
  private authority: Buffer | undefined;
  private readonly pools = new Map<Way, Transporter>();
  private readonly host: string;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: MailerConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.certificates = Certificates.of(config, logger);
    this.host = new URL(config.origin).hostname;
  }

  async send(way: Way, messageId: string, email: string, { subject, text, html }: Mail): Promise<Delivery> {
    const { installationKey, mailReturnPath } = this.config;
    try {
      await this.transport(way).sendMail({
        from: this.config.mailFrom,
        to: { name: '', address: email },
        ...(mailReturnPath === undefined
          ? {}
          : { envelope: { from: returnPath(installationKey, mailReturnPath, messageId), to: email } }),
        messageId: `<${messageId}@${this.host}>`,
        subject,
        text,
        html,
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      return { outcome: 'accepted' };
    } catch (error) {
      return deliveryOf(error);
    }
  }

  onApplicationShutdown(): void {
    for (const pool of this.pools.values()) pool.close();
    this.pools.clear();
  }

  /** Others where the authority has changed: the connections of the old ones end. */
  private transport(way: Way): Transporter {
    const ca = this.certificates?.now.ca;
    if (ca !== this.authority) this.onApplicationShutdown();
    this.authority = ca;
    const pool = this.pools.get(way) ?? createTransport(transportOptions(this.config.smtpUrl, CONNECTIONS[way], ca));
    this.pools.set(way, pool);
    return pool;
  }
}

/** Under our authority a mail server is never spoken to in clear, unless its address allows it; it may be anybody's, whom the system knows. */
function transportOptions(smtpUrl: string, maxConnections: number, ca: Buffer | undefined) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  return {
    pool: true as const,
    maxConnections,
    host: hostname,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && (searchParams.get('starttls') ?? (ca ? 'required' : 'optional')) === 'required',
    ...(ca ? { tls: { ca: [...getCACertificates(), ca.toString()] } } : {}),
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 20_000,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

/** Only what the server says of the recipient or of the message is final: what it says of us (sign-in, sender) is ours to mend. */
function deliveryOf(error: unknown): Delivery {
  const { code, command, responseCode } = (error instanceof Error ? error : {}) as {
    code?: unknown;
    command?: unknown;
    responseCode?: unknown;
  };
  const why = { code: text(code), command: text(command), status: typeof responseCode === 'number' ? responseCode : 0 };
  return {
    outcome: why.status >= 500 && (why.command === 'RCPT TO' || why.command === 'DATA') ? 'refused' : 'later',
    why,
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : 'none');
