import { count, mailFrom, serviceConfig, smtpUrl } from '#platform';
import { z } from 'zod';

/** Mailer's settings beside those of every service. */
export const mailerConfig = serviceConfig.extend({
  /** The mail server: `smtp://user:password@host:port`, or `smtps://` for TLS from the first byte; `?starttls=required` to send nothing in clear. */
  smtpUrl: smtpUrl(),
  /** The sender that people see: `Rollcall <no-reply@example.com>`. */
  mailFrom: mailFrom().default('Rollcall <no-reply@localhost>'),
  /** What the mail server takes a second, of all processes together. Unset: no limit. */
  mailsPerSecond: count(14).unwrap().optional(),
  /** Where people meet the installation; the links in mails begin with it. */
  origin: z
    .url({ protocol: /^https?$/, error: 'must be where people meet the installation, such as https://id.example.com' })
    .transform((origin) => origin.replace(/\/+$/, '')),
});

export type MailerConfig = z.output<typeof mailerConfig>;
