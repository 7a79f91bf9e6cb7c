import { SERVICE_CONFIG } from '#platform';
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
  private readonly transport: Transporter;
  private readonly host: string;

  constructor(@Inject(SERVICE_CONFIG) private readonly config: MailerConfig) {
    this.transport = createTransport(transportOptions(config.smtpUrl));
    this.host = new URL(config.origin).hostname;
  }

  async send(messageId: string, email: string, { subject, text, html }: Mail): Promise<Delivery> {
    try {
      await this.transport.sendMail({
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
    this.transport.close();
  }
}

function transportOptions(smtpUrl: string) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  return {
    pool: true as const,
    maxConnections: 4,
    host: hostname,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
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
