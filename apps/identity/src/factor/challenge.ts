import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ringOf } from '#platform';

/** How long a challenge lives. */
export const CHALLENGE_MS = 5 * 60_000;
const [EXPIRY, RANDOM, MAC] = [6, 16, 32];
/** 54 bytes: a whole number of base64url's fours, so that one challenge has one spelling. */
const SPELLING = new RegExp(`^[\\w-]{${((EXPIRY + RANDOM + MAC) / 3) * 4}}$`);

/** What an authenticator's answer is for. */
export type ChallengePurpose = 'register' | 'sign-in' | 'half' | 'prove';

/** What a challenge is bound to. `subject`: the session, or the half session, that asks; empty where nobody has proved anything. */
export interface ChallengeBond {
  readonly purpose: ChallengePurpose;
  readonly subject: string;
  /** Of the gateway: `https://rollcall.example`. */
  readonly origin: string;
}

/**
 * A challenge that nobody need keep: when it ends, 16 random bytes, and HMAC-SHA-256 over both and its bond under the installation's key for
 * links. 72 characters of base64url. `now`: the real clock, as people's devices have it.
 */
export function newChallenge(installationKey: string, bond: ChallengeBond, now: Date): string {
  const head = Buffer.alloc(EXPIRY + RANDOM);
  head.writeUIntBE(now.getTime() + CHALLENGE_MS, 0, EXPIRY);
  randomBytes(RANDOM).copy(head, EXPIRY);
  return Buffer.concat([head, mac(ringOf(installationKey, 'links')[0] ?? '', head, bond)]).toString('base64url');
}

/** Whether a challenge was made for this bond, under any of the keys for links, less than five minutes ago. That it is used once is the caller's to keep. */
export function isChallenge(installationKey: string, challenge: string, bond: ChallengeBond, now: Date): boolean {
  if (!SPELLING.test(challenge)) return false;
  const bytes = Buffer.from(challenge, 'base64url');
  const [head, given] = [bytes.subarray(0, EXPIRY + RANDOM), bytes.subarray(EXPIRY + RANDOM)];
  const left = head.readUIntBE(0, EXPIRY) - now.getTime();
  return (
    ringOf(installationKey, 'links')
      .map((key) => timingSafeEqual(given, mac(key, head, bond)))
      .includes(true) &&
    left > 0 &&
    left <= CHALLENGE_MS
  );
}

/** Under which a challenge is remembered once it was used. */
export const challengeDigest = (challenge: string): string =>
  createHash('sha256').update(challenge).digest('base64url');

const mac = (key: string, head: Buffer, { purpose, subject, origin }: ChallengeBond) =>
  createHmac('sha256', Buffer.from(key, 'base64url'))
    .update(JSON.stringify(['challenge', purpose, subject, origin]))
    .update(head)
    .digest();
