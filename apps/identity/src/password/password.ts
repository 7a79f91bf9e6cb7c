import { hash, needsRehash, verify } from 'argon2';
import { shapes } from '#contracts';
import { Problem } from '#platform';
import { BreachedPasswords } from './breached-passwords.ts';
import { isCommon, isMadeOf } from './common-passwords.ts';

/** argon2id as OWASP gives it for a server: 19 MiB, two passes, one lane. */
const COST = { type: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const BYTES_MAX = 1024;
const WAITING_MAX = 32;

/** A password as it is compared: in NFC, as keyboards differ in how they compose a letter. */
export const comparable = (password: string): string => password.normalize('NFC');

/**
 * Refuses what NIST SP 800-63B-4 wants refused: too short to stand alone, known to everybody, or the person's own data. No rules of composition.
 * Answers whether it is long enough to stand alone. @param about what of the person stands in no good password. @throws Problem
 */
export function requireGoodPassword(
  password: string,
  about: readonly string[],
  { alone }: { readonly alone: boolean },
): boolean {
  // Half a character is U+FFFD on its way here, which every other half would open, too.
  if (!password.isWellFormed() || password.includes('\uFFFD'))
    throw invalid('One of its characters cannot be read (half of a character, or U+FFFD). Leave it out.');
  const length = Array.from(comparable(password)).length;
  const least = alone ? shapes.passwordLengths.alone : shapes.passwordLengths.beside;
  if (length < least)
    throw invalid(`Use at least ${least} characters. A few words are easier to keep in mind than a riddle.`);
  if (Buffer.byteLength(comparable(password)) > BYTES_MAX) throw invalid(`Use at most ${BYTES_MAX} bytes.`);
  if (isCommon(password) || isMadeOf([...about, 'rollcall'], password)) throw tooCommon();
  return length >= shapes.passwordLengths.alone;
}

/** As it is compared, and as it was typed where that differs. */
const spellings = (password: string) => [...new Set([comparable(password), password])];

const invalid = (detail: string) =>
  new Problem('request/invalid', detail, { fields: [{ pointer: '/password', detail }] });

const tooCommon = () =>
  new Problem('password/too-common', 'This password is on every list of guesses. Choose another one.', {
    fields: [{ pointer: '/password', detail: 'is too easy to guess' }],
  });

/** What a password of this person must not be made of. */
export const aboutPerson = ({ email, name }: { readonly email: string; readonly name: string }): readonly string[] => [
  email,
  email.split('@')[0] ?? '',
  name,
];

/** Hashes and checks passwords, a few at a time: a flood of sign-ins gets 503 before it gets the machine. */
export class Passwords {
  private running = 0;
  /** Those that go first, and the others. */
  private readonly waiting: readonly [(() => void)[], (() => void)[]] = [[], []];
  private readonly nobody: Promise<string>;

  private readonly breached: BreachedPasswords | undefined;

  /** @param breached the operator's file of passwords that were found in breaches */
  constructor(
    private readonly workers: number,
    breached?: string,
  ) {
    this.nobody = hash('nobody has this password', COST);
    this.breached = breached === undefined ? undefined : new BreachedPasswords(breached);
  }

  /** As `requireGoodPassword`, and refuses what the operator's file knows. @throws Problem */
  requireGood(password: string, about: readonly string[], options: { readonly alone: boolean }): boolean {
    const standsAlone = requireGoodPassword(password, about, options);
    if (spellings(password).some((spelling) => this.breached?.has(spelling))) throw tooCommon();
    return standsAlone;
  }

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(comparable(password), COST));
  }

  /** Whether a digest was made at another cost than today's. */
  isOutdated(digest: string): boolean {
    return digest.startsWith('$argon2') && needsRehash(digest, COST);
  }

  /** The digest of a text under a salt, at a password's cost. */
  digest(text: string, salt: Buffer): Promise<Buffer> {
    return this.inTurn(() => hash(text, { ...COST, salt, raw: true }));
  }

  /**
   * Whether the password belongs to the digest. Without a digest, which is also what is left of an erased one, it takes as long and says no.
   * Digests of 0.1.0 are of passwords as they were typed. `first`: before those who wait already, as others'
   * guesses must keep nobody out whose device is known.
   */
  async verify(
    digest: string | undefined,
    password: string,
    { first = false }: { readonly first?: boolean } = {},
  ): Promise<boolean> {
    const kept = digest?.startsWith('$argon2') === true ? digest : undefined;
    for (const spelling of spellings(password)) {
      const right = await this.inTurn(async () => verify(kept ?? (await this.nobody), spelling), first);
      if (right && kept !== undefined) return true;
    }
    return false;
  }

  private async inTurn<T>(work: () => Promise<T>, first = false): Promise<T> {
    if (this.running >= this.workers) {
      const waiting = this.waiting[first ? 0 : 1];
      if (waiting.length >= WAITING_MAX)
        throw new Problem(
          'service/busy',
          'Too many people are signing in at this moment. Try again in a few seconds.',
          { retryAfterSeconds: 2 },
        );
      await new Promise<void>((turn) => waiting.push(turn));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      // The place goes straight to the longest waiting call, so that no new call can take it in between.
      const next = this.waiting[0].shift() ?? this.waiting[1].shift();
      if (next) next();
      else this.running--;
    }
  }
}
