import { hash, verify } from 'argon2';
import { Problem } from '#platform';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** argon2id as OWASP gives it for a server: 19 MiB, two passes, one lane. */
const COST = { type: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Code points that a password has at least: where it is all that is asked for, and where a second factor stands beside it. */
const LENGTH_MIN = { alone: 15, beside: 8 } as const;
const BYTES_MAX = 1024;
const WAITING_MAX = 32;

/**
 * Refuses what NIST SP 800-63B-4 wants refused: too short to stand alone, known to everybody, or the person's own data. No rules of composition.
 * Answers whether it is long enough to stand alone. @throws Problem
 */
export function requireGoodPassword(
  password: string,
  about: readonly string[],
  { alone }: { readonly alone: boolean },
): boolean {
  const length = Array.from(password).length;
  const least = alone ? LENGTH_MIN.alone : LENGTH_MIN.beside;
  if (length < least)
    throw invalid(`Use at least ${least} characters. A few words are easier to keep in mind than a riddle.`);
  if (Buffer.byteLength(password) > BYTES_MAX) throw invalid(`Use at most ${BYTES_MAX} bytes.`);
  const folded = password.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  const common =
    new Set(folded).size < 5 ||
    COMMON_PASSWORDS.has(folded) ||
    about.some((word) => word.length > 3 && folded === word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''));
  if (common)
    throw new Problem('password/too-common', 'This password is on every list of guesses. Choose another one.', {
      fields: [{ pointer: '/password', detail: 'is too easy to guess' }],
    });
  return length >= LENGTH_MIN.alone;
}

const invalid = (detail: string) =>
  new Problem('request/invalid', detail, { fields: [{ pointer: '/password', detail }] });

/** Hashes and checks passwords, a few at a time: a flood of sign-ins gets 503 before it gets the machine. */
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly nobody: Promise<string>;

  constructor(private readonly workers: number) {
    this.nobody = hash('nobody has this password', COST);
  }

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, COST));
  }

  /** The digest of a text under a salt, at a password's cost. */
  digest(text: string, salt: Buffer): Promise<Buffer> {
    return this.inTurn(() => hash(text, { ...COST, salt, raw: true }));
  }

  /** Whether the password belongs to the digest. Without a digest it takes as long and says no. */
  async verify(digest: string | undefined, password: string): Promise<boolean> {
    const right = await this.inTurn(async () => verify(digest ?? (await this.nobody), password));
    return right && digest !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.workers) {
      if (this.waiting.length >= WAITING_MAX)
        throw new Problem(
          'service/busy',
          'Too many people are signing in at this moment. Try again in a few seconds.',
          { retryAfterSeconds: 2 },
        );
      await new Promise<void>((turn) => this.waiting.push(turn));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      // The place goes straight to the longest waiting call, so that no new call can take it in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
