import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 22;
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const CHECKS = 62n ** BigInt(CHECK_LENGTH);
const START_ID_LENGTH = 6;

/** A new key: `<prefix>_<id>_<secret>_<check>`. The secret part is 32 random bytes; nothing but the digest of the whole is ever stored. */
export interface NewApiKey {
  readonly secret: string;
  readonly digest: string;
  /** For people to recognise it: the prefix and the last six characters of the id. */
  readonly start: string;
}

/** Makes the key of this id. */
export function newApiKey(installationKey: string, prefix: string, keyId: string): NewApiKey {
  const id = base62(Buffer.from(keyId.replaceAll('-', ''), 'hex'), ID_LENGTH);
  const body = `${prefix}_${id}_${base62(randomBytes(32), SECRET_LENGTH)}`;
  const secret = `${body}_${check(installationKey, body)}`;
  return { secret, digest: apiKeyDigest(secret), start: `${prefix}_…${id.slice(-START_ID_LENGTH)}` };
}

/** SHA-256 of a whole key, hex. It holds 256 bits of chance, so no slow hash is needed. */
export const apiKeyDigest = (secret: string): string => hash('sha256', secret, 'hex');

/** Whether a text has the form of a key and the check of this installation: an invented one is refused without a look-up. */
export function looksLikeApiKey(installationKey: string, prefix: string, presented: string): boolean {
  const body = presented.slice(0, -CHECK_LENGTH - 1);
  const parts = presented.split('_');
  if (parts.length !== 4 || parts[0] !== prefix || parts[1]?.length !== ID_LENGTH || parts[2]?.length !== SECRET_LENGTH || parts[3]?.length !== CHECK_LENGTH) return false;
  if (!/^[0-9A-Za-z_]+$/.test(presented.slice(prefix.length))) return false;
  return timingSafeEqual(Buffer.from(parts[3]), Buffer.from(check(installationKey, body)));
}

/** The last digits of a keyed hash: six of them, so one invented key in 57 billion passes. */
function check(installationKey: string, body: string): string {
  let rest = Number(createHmac('sha256', keyOf(installationKey)).update(`key-check|${body}`).digest().readBigUInt64BE() % CHECKS);
  let text = '';
  for (let i = 0; i < CHECK_LENGTH; i++) {
    text = (ALPHABET[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Read once: a process has one, and every key that nobody knows is checked by it. */
const keys = new Map<string, KeyObject>();

function keyOf(installationKey: string): KeyObject {
  const known = keys.get(installationKey) ?? createSecretKey(installationKey, 'base64url');
  keys.set(installationKey, known);
  return known;
}

function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < length; i++) {
    text = (ALPHABET[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}
