import { randomBytes, randomUUID } from 'node:crypto';
import { challengeDigest, isChallenge, newChallenge } from './challenge.ts';

const newKey = () => randomBytes(32).toString('base64url');
const KEY = newKey();
const BOND = { purpose: 'sign-in', subject: randomUUID(), origin: 'https://rollcall.example' } as const;
const NOW = new Date('2026-11-29T12:00:00Z');
const LATER = (ms: number) => new Date(NOW.getTime() + ms);

describe('a challenge', () => {
  const challenge = newChallenge(KEY, BOND, NOW);

  it('is one for five minutes, for what it was made for', () => {
    expect(isChallenge(KEY, challenge, BOND, NOW)).toBe(true);
    expect(isChallenge(KEY, challenge, BOND, LATER(299_999))).toBe(true);
    expect(isChallenge(KEY, challenge, BOND, LATER(300_000))).toBe(false);
    // A clock that went back further than its life: it is none of ours.
    expect(isChallenge(KEY, challenge, BOND, LATER(-1))).toBe(false);
  });

  it.each([
    ['another purpose', { ...BOND, purpose: 'prove' }],
    ['another subject', { ...BOND, subject: randomUUID() }],
    ['nobody', { ...BOND, subject: '' }],
    ['another origin', { ...BOND, origin: 'https://rollcall.example.org' }],
    ['the same texts, joined otherwise', { ...BOND, subject: `${BOND.subject}","https:`, origin: '' }],
  ] as const)('is none for %s', (_what, bond) => {
    expect(isChallenge(KEY, challenge, bond, NOW)).toBe(false);
  });

  it('is none when any character is another, is missing or is one more', () => {
    for (let at = 0; at < challenge.length; at++)
      for (const other of ['A', '_', '+', '=', 'ſ', '\u0000']) {
        const altered = challenge.slice(0, at) + other + challenge.slice(at + 1);
        expect(altered !== challenge && isChallenge(KEY, altered, BOND, NOW)).toBe(false);
      }
    for (const altered of [
      '',
      challenge.slice(1),
      challenge.slice(0, -1),
      `${challenge}A`,
      `${challenge}\n`,
      `${challenge}=`,
    ])
      expect(isChallenge(KEY, altered, BOND, NOW)).toBe(false);
  });

  it('is accepted while its key is in the ring', () => {
    const other = newKey();
    expect(isChallenge(`links:${other},${KEY}`, challenge, BOND, NOW)).toBe(true);
    expect(isChallenge(other, challenge, BOND, NOW)).toBe(false);
  });

  it('is remembered under a digest of its own', () => {
    expect(challengeDigest(challenge)).toBe(challengeDigest(challenge));
    expect(challengeDigest(newChallenge(KEY, BOND, NOW))).not.toBe(challengeDigest(challenge));
  });
});
