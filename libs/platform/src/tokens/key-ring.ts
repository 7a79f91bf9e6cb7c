import { z } from 'zod';

/**
 * What the installation's keys are for. `checks`: the check characters of API keys. `links`: tokens in mails. `seals`: addresses of who is
 * invited, secrets of connections to identity providers. `digests`: what is kept for good and found by its digest: addresses, Idempotency-Keys, limits.
 */
export const KEY_PURPOSES = ['checks', 'links', 'seals', 'digests'] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

const ENTRY = /^(?:(checks|links|seals|digests):)?([\w-]{43})$/;

/**
 * The secrets of the installation: 32 bytes each in base64url, with commas between several. One with the name of a purpose before it
 * (`links:…`) is for that alone, the others are for all; the first of a purpose makes, each of them is accepted.
 */
export const keyRing = (): z.ZodString =>
  z.string().superRefine((text, context) => {
    const fault = (message: string) => {
      context.addIssue({ code: 'custom', message });
    };
    if (!text.split(',').every((entry) => ENTRY.test(entry))) {
      fault(
        'must be 32 bytes in base64url (43 characters); several with commas between them, each with links: or another purpose before it where it is for that alone',
      );
      return;
    }
    for (const purpose of KEY_PURPOSES) {
      const { length } = ringOf(text, purpose);
      if (length === 0) fault(`has no key for ${purpose}: add one without a purpose before it, or ${purpose}:<key>`);
      if (purpose === 'digests' && length > 1)
        fault(
          'has several keys for digests, which are found by one alone: write digests: before the key that the database was made with, once',
        );
    }
  });

const rings = new Map<string, readonly string[]>();

/** The keys of a purpose, the one that makes first. Digests are found by one key: those that name them stand before those for all. */
export function ringOf(installationKey: string, purpose: KeyPurpose): readonly string[] {
  const known = rings.get(`${purpose} ${installationKey}`);
  if (known) return known;
  const entries = installationKey.split(',').map((entry) => {
    const [, named, key] = ENTRY.exec(entry) ?? [];
    return { named, key: key ?? entry };
  });
  const named = entries.filter((entry) => entry.named === purpose);
  const ring = (
    purpose === 'digests' && named.length > 0
      ? named
      : entries.filter((entry) => entry.named === undefined || entry.named === purpose)
  ).map(({ key }) => key);
  rings.set(`${purpose} ${installationKey}`, ring);
  return ring;
}

/** The key of a purpose that makes what is new. */
export const makingKey = (installationKey: string, purpose: KeyPurpose): Buffer =>
  Buffer.from(ringOf(installationKey, purpose)[0] ?? '', 'base64url');
