import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 under the installation's key, base64url: lets equal things be found without being readable. `purpose` keeps one use from answering for another. */
export const keyedDigest = (installationKey: string, purpose: string, value: string): string =>
  createHmac('sha256', Buffer.from(installationKey, 'base64url')).update(`${purpose}|${value}`).digest('base64url');

/** An address as it is compared: without surrounding blanks, in lower case, in NFC. */
export const normalizedEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();
