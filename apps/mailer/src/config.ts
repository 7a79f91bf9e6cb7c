import { brandFile, count, mailFrom, port, serviceConfig, smtpUrl } from '#platform';
import { z } from 'zod';

/** Mailer's settings beside those of every service. */
export const mailerConfig = serviceConfig.extend({
  /** The mail server: `smtp://user:password@host:port`, or `smtps://` for TLS from the first byte; `?starttls=required` to send nothing in clear. */
  smtpUrl: smtpUrl(),
  /** The sender that people see: `Rollcall <no-reply@example.com>`. */
  mailFrom: mailFrom().default('Rollcall <no-reply@localhost>'),
  /** What the mails are called and look like. */
  brand: brandFile(),
  /** What the mail server takes a second, of all processes together. Unset: no limit. */
  mailsPerSecond: count(14).unwrap().optional(),
  /** Where what cannot be delivered comes back to, each message to an address of its own (`bounces+…@…`). Unset: to `MAIL_FROM`, and nobody reads it. */
  mailReturnPath: z
    .string()
    .regex(
      /^[\w.-]{1,14}@[\w.-]{1,180}$/,
      'must look like bounces@mail.example.com, with 14 characters at most before the @',
    )
    .optional(),
  /** Where the operator's mail server hands over what comes back, by SMTP. Unset: nowhere. */
  bouncePort: port(2526).optional(),
  /** Where a provider's word that a mail came back is taken, `POST /bounces` by HTTP. Unset: nowhere. */
  bounceHookPort: port(2580).optional(),
  /** By which that word is signed, as Standard Webhooks are: `whsec_` and base64. */
  mailBounceSecret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 random bytes in base64')
    .optional(),
  /** Where both ports are. */
  bounceHost: z.string().default('127.0.0.1'),
  /** Where people meet the installation; the links in mails begin with it. */
  origin: z
    .url({ protocol: /^https?$/, error: 'must be where people meet the installation, such as https://id.example.com' })
    .transform((origin) => origin.replace(/\/+$/, '')),
});

export type MailerConfig = z.output<typeof mailerConfig>;
