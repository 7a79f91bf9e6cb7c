import { createHmac, createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import { ringOf } from './key-ring.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 22;
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const CHECKS = 62 ** CHECK_LENGTH;
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
  const secret = `${body}_${check(keysOf(installationKey)[0], body)}`;
  return { secret, digest: apiKeyDigest(secret), start: `${prefix}_…${id.slice(-START_ID_LENGTH)}` };
}

/** SHA-256 of a whole key, hex. It holds 256 bits of chance, so no slow hash is needed. */
export const apiKeyDigest = (secret: string): string => hash('sha256', secret, 'hex');

/** In one report: as many as its text has room for. */
const KEYS_MAX = 100;

/**
 * Every key in a text, of any prefix, each once and not more than `max`; the text itself without white space around it where there
 * is none: what was pasted with a line end, a header's name or a whole file around it is still a key.
 */
export function apiKeysIn(text: string, max = KEYS_MAX): readonly [string, ...string[]] {
  const [first = text.trim(), ...others] = new Set(text.match(ANYWHERE));
  return [first, ...others.slice(0, max - 1)];
}

const ANYWHERE = /(?<![0-9A-Za-z])[a-z0-9]+_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}(?![0-9A-Za-z])/g;
const FORM = /^([a-z0-9]+)_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/;

/** Whether a text has the form of a key and a check of this installation: an invented one is refused without a look-up. */
export function looksLikeApiKey(installationKey: string, prefix: string, presented: string): boolean {
  if (FORM.exec(presented)?.[1] !== prefix) return false;
  const body = presented.slice(0, -CHECK_LENGTH - 1);
  let found = false;
  for (const key of keysOf(installationKey)) {
    const right = check(key, body);
    // All of them, always: how soon it is refused says nothing about how much was right.
    let differs = 0;
    for (let i = 0; i < CHECK_LENGTH; i++) differs |= right.charCodeAt(i) ^ presented.charCodeAt(body.length + 1 + i);
    found = differs === 0 || found;
  }
  return found;
}

/** The first 64 bits of a keyed hash, in as many digits as there is room for: one invented key in 57 billion passes. */
function check(key: KeyObject, body: string): string {
  const digest = createHmac('sha256', key).update(`key-check|${body}`).digest('hex');
  let rest = 0;
  for (let i = 0; i < 16; i += 4) rest = (rest * 0x10000 + parseInt(digest.slice(i, i + 4), 16)) % CHECKS;
  let text = '';
  for (let i = 0; i < CHECK_LENGTH; i++) {
    text = (ALPHABET[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Read once: a process has one, and every unknown key is checked by it. */
const keys = new Map<string, readonly [KeyObject, ...KeyObject[]]>();

function keysOf(installationKey: string): readonly [KeyObject, ...KeyObject[]] {
  const known = keys.get(installationKey);
  if (known) return known;
  const [making = '', ...others] = ringOf(installationKey, 'checks');
  const made = [making, ...others].map((key) => createSecretKey(key, 'base64url')) as [KeyObject, ...KeyObject[]];
  keys.set(installationKey, made);
  return made;
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
