import { getCACertificates } from 'node:tls';
import { Certificates, LOGGER, type Logger, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type { MailerConfig } from '../config.ts';
import type { Mail } from '../letters/letter.ts';

/** The mail server's answer: taken, refused for good, or try again. `why` holds codes only: its words quote addresses. */
export type Delivery =
  { outcome: 'accepted' } | { outcome: 'refused' | 'later'; why: { code: string; command: string; status: number } };

/** Our one way to the mail server. */
@Injectable()
export class Smtp implements OnApplicationShutdown {
  private readonly certificates: Certificates | undefined;
  private authority: Buffer | undefined;
  private pool: Transporter | undefined;
  private readonly host: string;

  constructor(
    @Inject(SERVICE_CONFIG) private readonly config: MailerConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.certificates = Certificates.of(config, logger);
    this.host = new URL(config.origin).hostname;
  }

  async send(messageId: string, email: string, { subject, text, html }: Mail): Promise<Delivery> {
    try {
      await this.transport().sendMail({
        from: this.config.mailFrom,
        to: { name: '', address: email },
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
    this.pool?.close();
  }

  /** Another one where the authority has changed: the connections of the old one end. */
  private transport(): Transporter {
    const ca = this.certificates?.now.ca;
    if (this.pool && ca === this.authority) return this.pool;
    this.pool?.close();
    this.authority = ca;
    this.pool = createTransport(transportOptions(this.config.smtpUrl, ca));
    return this.pool;
  }
}

/** Under our authority a mail server is never spoken to in clear, unless its address allows it; it may be anybody's, whom the system knows. */
function transportOptions(smtpUrl: string, ca: Buffer | undefined) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  return {
    pool: true as const,
    maxConnections: 4,
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
