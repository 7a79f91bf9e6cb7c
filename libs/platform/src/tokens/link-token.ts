import { createHmac, timingSafeEqual } from 'node:crypto';
import { ringOf } from './key-ring.ts';

/** What a link in a mail is for. A token of one purpose opens nothing else. */
export type LinkPurpose =
  | 'sign-up'
  | 'invitation'
  | 'reset'
  | 'reactivation'
  | 'address-confirm'
  | 'address-undo'
  | 'recovery-confirm'
  | 'recovery-cancel'
  | 'recovery-complete'
  | 'sso-bind';

/** What a token is derived from: the thing it is about and the event that allowed it. Another event (a link sent again) makes the older token dead. */
export interface LinkSubject {
  readonly id: string;
  readonly eventId: string;
  readonly purpose: LinkPurpose;
}

/**
 * The token of a mailed link: the id it is about, then HMAC-SHA-256 over purpose, id and event id under the installation's key.
 * Nothing of it is stored, and a mail that is sent again carries the same one.
 */
export function linkToken(installationKey: string, subject: LinkSubject): string {
  return Buffer.concat([
    Buffer.from(subject.id.replaceAll('-', ''), 'hex'),
    mac(ringOf(installationKey, 'links')[0] ?? '', subject),
  ]).toString('base64url');
}

/** The id that a token claims to be about, or undefined where it is no token at all. */
export function linkSubjectId(token: string): string | undefined {
  if (!/^[\w-]{64}$/.test(token)) return undefined;
  return Buffer.from(token, 'base64url')
    .subarray(0, 16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Whether the token was derived from this subject, under any of the keys for links. Takes the same time for every token. */
export function isLinkToken(installationKey: string, token: string, subject: LinkSubject): boolean {
  const given = Buffer.from(token, 'base64url').subarray(16);
  return ringOf(installationKey, 'links')
    .map((key) => mac(key, subject))
    .map((expected) => given.length === expected.length && timingSafeEqual(given, expected))
    .includes(true);
}

const mac = (key: string, { purpose, id, eventId }: LinkSubject) =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(`link|${purpose}|${id}|${eventId}`).digest();
