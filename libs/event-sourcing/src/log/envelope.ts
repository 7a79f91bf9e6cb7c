import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** Where a person's key lies: outside the log, so that destroying it makes every envelope of that person unreadable. */
export interface PersonKeys {
  /** The person's key, made on first use. */
  obtain(personId: string): Promise<Buffer>;
  /** The key, or undefined once it was destroyed (or was never made). `afresh`: asked now, not remembered. */
  find(personId: string, options?: { readonly afresh?: boolean }): Promise<Buffer | undefined>;
  /** Erasure: the key is gone for good. */
  destroy(personId: string): Promise<void>;
}

/** Keys that seal for one purpose: the first makes, all of them open. */
export type SealingKeys = readonly [Buffer, ...Buffer[]];

/** By what a key is known where it must not be seen: eight signs that tell nothing of it. */
export const keyName = (key: Buffer): string =>
  createHmac('sha256', key).update('seal|name').digest('base64url').slice(0, 8);

/** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the ciphertext. `bound` is authenticated, not stored. */
export function seal(key: Buffer, bound: string, plain: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** @throws when the key is another, or the ciphertext was changed or belongs elsewhere than `bound`. */
export function open(key: Buffer, bound: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(Buffer.from(bound));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

/** Opens by whichever of these keys fits. @throws as `open` does, when none does. */
export function openAny([key, ...older]: SealingKeys, bound: string, sealed: Buffer): Buffer {
  const [next, ...others] = older;
  if (next === undefined) return open(key, bound, sealed);
  try {
    return open(key, bound, sealed);
  } catch {
    return openAny([next, ...others], bound, sealed);
  }
}

/** The place an envelope belongs to; moved anywhere else it does not open. */
export const place = (streamId: string, version: number, type: string): string => `${streamId}|${version}|${type}`;
