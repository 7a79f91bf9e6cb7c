import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Further from our clock than this, a signature is not believed: somebody may have recorded it. */
const TOLERANCE_S = 300;

/** Whether the headers name an instant near `now`. Asked before the body is read. */
export function isNear(headers: IncomingHttpHeaders, now: Date): boolean {
  const seconds = headers['webhook-timestamp'];
  return (
    typeof seconds === 'string' &&
    /^\d{1,12}$/.test(seconds) &&
    Math.abs(now.getTime() / 1_000 - Number(seconds)) <= TOLERANCE_S
  );
}

/** Whether one of the signatures is that of the body: HMAC-SHA-256 over `id.timestamp.body` as Standard Webhooks has it. @param secret `whsec_` and base64 */
export function isSigned(headers: IncomingHttpHeaders, body: Buffer, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (![id, timestamp, signatures].every((header) => typeof header === 'string')) return false;
  const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${String(id)}.${String(timestamp)}.`)
    .update(body)
    .digest();
  return String(signatures)
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}
