import { createHmac, timingSafeEqual } from 'node:crypto';
import { ringOf } from '#platform';

/**
 * The sender on the envelope of one message: what cannot be delivered comes back to it. `bounces+<message id>.<check>@…`, where the check is
 * HMAC-SHA-256 under the installation's key, cut to 64 bits as such names are short: nobody makes up the return of a message that was not sent to them.
 * @param base `MAIL_RETURN_PATH`
 */
export function returnPath(installationKey: string, base: string, messageId: string): string {
  const [local = '', domain = ''] = base.split('@');
  return `${local}+${messageId.replaceAll('-', '')}.${check(ringOf(installationKey, 'links')[0] ?? '', messageId)}@${domain}`;
}

/** The message that came back to an address, or undefined where it is none of ours. Mail servers may have changed its case. */
export function returnedMessage(installationKey: string, base: string, address: string): string | undefined {
  const [, digits = '', given = ''] = /\+([\da-f]{32})\.([\da-f]{16})@/.exec(address.toLowerCase()) ?? [];
  const messageId = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const known = ringOf(installationKey, 'links')
    .map((key) => check(key, messageId))
    .some((expected) => given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected)));
  const [local = '', domain = ''] = base.toLowerCase().split('@');
  return known && address.toLowerCase() === `${local}+${digits}.${given}@${domain}` ? messageId : undefined;
}

const check = (key: string, messageId: string) =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(`return|${messageId}`).digest('hex').slice(0, 16);
