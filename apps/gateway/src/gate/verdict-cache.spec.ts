import fc from 'fast-check';
import { type CachedVerdict, VerdictCache } from './verdict-cache.ts';

const kept = (stamp: number, change: Partial<CachedVerdict> = {}): CachedVerdict => ({
  keyId: 'key',
  keyName: 'laptop',
  projectId: 'project',
  organizationId: 'organization',
  accountId: 'account',
  scopes: [],
  addresses: [],
  worksUntil: Infinity,
  usedAt: 0,
  stamp,
  ...change,
});

describe('verdicts in memory', () => {
  it.each(['key', 'account', 'project', 'organization'])(
    'are void when their %s was withdrawn after they were stamped',
    (subject) => {
      const cache = new VerdictCache(10);
      cache.keep('digest', kept(4));
      cache.withdraw([subject], 4);
      expect(cache.find('digest')).toBeDefined();
      cache.withdraw([subject], 5);
      expect(cache.find('digest')).toBeUndefined();
      expect(cache.stands(kept(4))).toBe(false);
      expect(cache.stands(kept(5))).toBe(true);
    },
  );

  it('are void when it is no longer remembered what was withdrawn after their stamp', () => {
    const cache = new VerdictCache(10, 2);
    cache.keep('digest', kept(1));
    for (let seq = 2; seq <= 4; seq++) cache.withdraw([`other ${seq}`], seq);
    expect(cache.find('digest')).toBeUndefined();
    expect(cache.stands(kept(2))).toBe(true);
  });

  it('are forgotten with all else, and what was asked before that is not used', () => {
    const cache = new VerdictCache(10);
    cache.keep('digest', kept(9));
    cache.clear(7);
    expect(cache.find('digest')).toBeUndefined();
    expect([cache.stands(kept(6)), cache.stands(kept(7))]).toEqual([false, true]);
  });

  it('that are void take no room, and are not found though they would stand again', () => {
    const cache = new VerdictCache(10);
    cache.keep('digest', kept(4));
    cache.withdraw(['key'], 5);
    expect([cache.find('digest'), cache.size]).toEqual([undefined, 0]);
  });

  it('of what was withdrawn again is remembered the last, and as the newest', () => {
    const cache = new VerdictCache(10, 2);
    for (const [subject, seq] of [
      ['key', 1],
      ['other', 2],
      ['key', 3],
      ['third', 4],
    ] as const)
      cache.withdraw([subject], seq);
    // The other subject's withdrawal was forgotten, not the key's.
    expect([cache.stands(kept(2)), cache.stands(kept(3)), cache.stands(kept(2, { keyId: 'a stranger' }))]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('stand where nothing was ever withdrawn, and one is refused where one may be kept', () => {
    const cache = new VerdictCache(1);
    cache.refuse('digest');
    expect([cache.stands(kept(0)), cache.refuses('digest')]).toEqual([true, true]);
  });

  it('that are kept again push nobody out', () => {
    const cache = new VerdictCache(2);
    for (const digest of ['a', 'b', 'b']) cache.keep(digest, kept(1));
    expect([cache.find('a'), cache.find('b')].map((found) => found !== undefined)).toEqual([true, true]);
  });

  it('are judged by nothing that was withdrawn before all was forgotten', () => {
    const cache = new VerdictCache(10);
    cache.withdraw(['key'], 9);
    cache.clear(3);
    expect(cache.stands(kept(3))).toBe(true);
  });

  it('are never more than they may be: the oldest goes first', () => {
    const cache = new VerdictCache(2);
    for (const digest of ['a', 'b', 'a', 'c']) cache.keep(digest, kept(1));
    expect(cache.size).toBe(2);
    expect([cache.find('a'), cache.find('b'), cache.find('c')].map((found) => found !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('remember what will never work until all is forgotten, and no more of it than they may', () => {
    const cache = new VerdictCache(2);
    cache.keep('a', kept(1));
    for (const digest of ['a', 'b', 'c']) cache.refuse(digest);
    expect([cache.find('a'), cache.refuses('a'), cache.refuses('b'), cache.refuses('c')]).toEqual([
      undefined,
      false,
      true,
      true,
    ]);
    cache.clear(1);
    expect(cache.refuses('c')).toBe(false);
  });

  it('are none where none may be kept, and nothing is refused from memory', () => {
    const cache = new VerdictCache(0);
    cache.keep('digest', kept(1));
    cache.refuse('digest');
    expect([cache.size, cache.refuses('digest')]).toEqual([0, false]);
  });

  it('stand exactly when nothing of theirs was withdrawn later, or are void in doubt', () => {
    const subject = fc.constantFrom('key', 'account', 'project', 'organization', 'stranger');
    fc.assert(
      fc.property(
        fc.array(fc.array(subject, { minLength: 1, maxLength: 3 })),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(20),
        (withdrawals, memory, stamp) => {
          const cache = new VerdictCache(10, memory);
          withdrawals.forEach((subjects, i) => {
            cache.withdraw(subjects, i + 1);
          });
          const later = withdrawals
            .slice(stamp)
            .flat()
            .some((each) => each !== 'stranger');
          if (later) expect(cache.stands(kept(stamp))).toBe(false);
          else if (new Set(withdrawals.flat()).size <= memory) expect(cache.stands(kept(stamp))).toBe(true);
        },
      ),
    );
  });
});
