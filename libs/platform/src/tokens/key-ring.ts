import { keyName, type SealingKeys } from '#event-sourcing';
import { z } from 'zod';

/**
 * What the installation's keys are for. `checks`: the check characters of API keys. `links`: tokens in mails. `seals`: addresses of who is
 * invited, secrets of connections to identity providers. `digests`: what is kept for good and found by its digest: addresses, Idempotency-Keys, limits.
 */
export const KEY_PURPOSES = ['checks', 'links', 'seals', 'digests'] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** One of a ring. */
interface RingKey {
  /** 32 bytes in base64url. */
  readonly key: string;
  /** Whether it is accepted and makes nothing yet: it is to be known to all before anybody makes something by it. */
  readonly next: boolean;
}

const ENTRY = /^(?:(checks|links|seals|digests):)?(\+?)([\w-]{43})$/;
const MASTER_ENTRY = /^(\+?)([\w-]{43})$/;

/**
 * The secrets of the installation: 32 bytes each in base64url, with commas between several. One with the name of a purpose before it
 * (`links:…`) is for that alone, the others are for all; the first of a purpose makes, each of them is accepted. One with `+` before it comes last: it makes
 * nothing yet.
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
      const ring = keysOf(text, purpose);
      if (ring[0]?.next !== false)
        fault(`has no key for ${purpose}: add one without a purpose before it, or ${purpose}:<key>`);
      if (purpose === 'digests' && ring.length > 1)
        fault(
          'has several keys for digests, which are found by one alone: write digests: before the key that the database was made with, once',
        );
    }
  });

/** The keys that wrap the keys of all personal data: as the installation's, without purposes. */
export const masterRing = (): z.ZodString =>
  z.string().superRefine((text, context) => {
    if (text.split(',').every((entry) => MASTER_ENTRY.test(entry)) && keysOf(text, 'master')[0]?.next === false) return;
    context.addIssue({
      code: 'custom',
      message: 'must be 32 bytes in base64url (43 characters); several with commas between them, the first seals',
    });
  });

const rings = new Map<string, readonly RingKey[]>();

/** Digests are found by one key: those that name them stand before those for all. */
function keysOf(text: string, purpose: KeyPurpose | 'master'): readonly RingKey[] {
  const known = rings.get(`${purpose} ${text}`);
  if (known) return known;
  const entries = text.split(',').map((entry) => {
    const [, named, next, key] = ENTRY.exec(entry) ?? [];
    return { named, key: key ?? entry, next: next === '+' };
  });
  const named = entries.filter((entry) => entry.named === purpose);
  const ring = (
    purpose === 'digests' && named.length > 0
      ? named
      : entries.filter((entry) => entry.named === undefined || entry.named === purpose)
  )
    .map(({ key, next }) => ({ key, next }))
    .toSorted((a, b) => Number(a.next) - Number(b.next));
  rings.set(`${purpose} ${text}`, ring);
  return ring;
}

/** The keys of a purpose, the one that makes first. */
export const ringOf = (installationKey: string, purpose: KeyPurpose): readonly string[] =>
  keysOf(installationKey, purpose).map(({ key }) => key);

/** The key of a purpose that makes what is new. */
export const makingKey = (installationKey: string, purpose: KeyPurpose): Buffer =>
  bytes(ringOf(installationKey, purpose)[0] ?? '');

/** The master keys, the one that seals first. */
export const masterKeysOf = ({ masterKey }: { readonly masterKey: string }): SealingKeys =>
  keysOf(masterKey, 'master').map(({ key }) => bytes(key)) as [Buffer, ...Buffer[]];

const bytes = (key: string) => Buffer.from(key, 'base64url');

/** A ring as it may be shown: the names of its keys in their order, `+` before one that makes nothing yet. */
export const ringNames = (text: string, purpose: KeyPurpose | 'master'): readonly string[] =>
  keysOf(text, purpose).map(({ key, next }) => `${next ? '+' : ''}${keyName(bytes(key))}`);

/** All rings of the installation's keys as they may be shown: a purpose and its names, with spaces between. */
export const ringsOf = (installationKey: string): string[] =>
  KEY_PURPOSES.map((purpose) => [purpose, ...ringNames(installationKey, purpose)].join(' '));

/** The three steps by which a ring gets another key: everybody knows it, it makes, the others are gone. */
export const RING_STEPS = ['add', 'use', 'drop'] as const;
export type RingStep = (typeof RING_STEPS)[number];

/** Which step a ring is to take next, by its names. */
export const nextStep = (names: readonly string[]): RingStep =>
  names.length === 1 ? 'add' : names.some((name) => name.startsWith('+')) ? 'use' : 'drop';

/** The ring after its next step. @param made the key that is added where that is the step: 32 bytes in base64url */
export function stepped(text: string, purpose: KeyPurpose | 'master', made: string): string {
  const ring = keysOf(text, purpose);
  const step = nextStep(ringNames(text, purpose));
  const after =
    step === 'add'
      ? [...ring, { key: made, next: true }]
      : step === 'use'
        ? [
            ...ring.filter(({ next }) => next).map(({ key }) => ({ key, next: false })),
            ...ring.filter(({ next }) => !next),
          ]
        : ring.slice(0, 1);
  const entries = (keys: readonly RingKey[]) => keys.map(({ key, next }) => `${next ? '+' : ''}${key}`);
  if (purpose === 'master') return entries(after).join(',');
  return KEY_PURPOSES.flatMap((each) =>
    entries(each === purpose ? after : keysOf(text, each)).map((entry) => `${each}:${entry}`),
  ).join(',');
}
