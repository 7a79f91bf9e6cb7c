import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { makingKey } from './key-ring.ts';

/** HMAC-SHA-256 under the installation's key for digests, base64url: lets equal things be found without being readable. `purpose` keeps one use from answering for another. */
export const keyedDigest = (installationKey: string, purpose: string, value: string): string =>
  createHmac('sha256', makingKey(installationKey, 'digests')).update(`${purpose}|${value}`).digest('base64url');

/** An address as it is kept and shown: without surrounding blanks, in lower case, in NFC. */
export const normalizedEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();

/** An address as it is compared: its domain as DNS has it (RFC 5891), so that `bücher.example` and `xn--bcher-kva.example` are one. */
export function comparedEmail(email: string): string {
  const kept = normalizedEmail(email);
  return kept.slice(0, kept.lastIndexOf('@') + 1) + addressDomain(kept);
}

/** The domain of an address as DNS has it; as it stands where it is no domain at all. */
export function addressDomain(email: string): string {
  const kept = normalizedEmail(email);
  const domain = kept.slice(kept.lastIndexOf('@') + 1);
  return domainToASCII(domain) || domain;
}
