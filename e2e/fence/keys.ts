import { apiKeyDigest, newApiKey } from '#platform';

export const INSTALLATION_KEY = 'the installation of the model';
export const KEY_PREFIX = 'rck';

/** A key as its holder has it, and the subjects whose withdrawal withdraws it. */
export interface Key {
  readonly keyId: string;
  readonly accountId: string;
  readonly secret: string;
  readonly digest: string;
  /** The digest as a gateway keeps it. */
  readonly kept: string;
}

/** A key of an account. */
export function keyOf(accountId: string, keyId: string): Key {
  const { secret } = newApiKey(INSTALLATION_KEY, KEY_PREFIX, keyId);
  const digest = apiKeyDigest(secret);
  return { keyId, accountId, secret, digest, kept: Buffer.from(digest, 'hex').toString('latin1') };
}

export const concerns = (key: Key, subject: string): boolean => key.keyId === subject || key.accountId === subject;
