import fc from 'fast-check';
import { charge, fairest, type Shares, type Whose } from './shares.ts';

interface Waiting extends Whose {
  readonly submittedAt: Date;
}
const at = new Date(0);
const waiting = (account: number, project = 0, organization = 0): Waiting => ({
  accountId: `a${account}`,
  organizationId: `o${organization}`,
  projectId: `p${project}`,
  submittedAt: at,
});
const merged = (shares: Shares, change: Shares): Shares => new Map([...shares, ...change]);

/** One simulator, and everybody always has another circuit: what each was given. */
function served(
  all: readonly Waiting[],
  turns: readonly number[],
  by: (one: Waiting) => string,
  before: Shares = new Map(),
) {
  const given = new Map<string, number>();
  let shares = before;
  for (const ms of turns) {
    const next = fairest(all, shares);
    if (!next) throw new Error('nobody waits');
    shares = merged(shares, charge(shares, next, ms));
    given.set(by(next), (given.get(by(next)) ?? 0) + ms);
  }
  return {
    shares,
    given: (name: string) => given.get(name) ?? 0,
    total: turns.reduce((sum, ms) => sum + ms, 0),
    longest: Math.max(...turns),
  };
}

const turns = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 100, maxLength: 150 });
const byAccount = ({ accountId }: Waiting) => accountId;

describe('fair shares', () => {
  it('give each of some busy accounts as much time, but for a turn, whatever their circuits cost', () => {
    fc.assert(
      fc.property(turns, fc.integer({ min: 2, max: 8 }), (list, accounts) => {
        const { given, total, longest } = served(
          Array.from({ length: accounts }, (_, n) => waiting(n)),
          list,
          byAccount,
        );
        for (let n = 0; n < accounts; n++) expect(given(`a${n}`)).toBeGreaterThanOrEqual(total / accounts - longest);
      }),
      { numRuns: 30 },
    );
  });

  it('give fifty projects of one account, in whatever organizations, the share of one', () => {
    fc.assert(
      fc.property(turns, fc.integer({ min: 1, max: 50 }), (list, organizations) => {
        const many = Array.from({ length: 50 }, (_, n) => waiting(0, n, n % organizations));
        const { given, total, longest } = served([...many, waiting(1)], list, byAccount);
        expect(given('a1')).toBeGreaterThanOrEqual(total / 2 - longest);
      }),
      { numRuns: 30 },
    );
  });

  it('give organizations of one account the same time, however many projects each has', () => {
    fc.assert(
      fc.property(turns, (list) => {
        const { given, total, longest } = served(
          [waiting(0, 1, 1), ...Array.from({ length: 9 }, (_, n) => waiting(0, 2 + n, 2))],
          list,
          ({ organizationId }) => organizationId,
        );
        expect(given('o1')).toBeGreaterThanOrEqual(total / 2 - longest);
      }),
      { numRuns: 30 },
    );
  });

  it('let a newcomer begin where the others are: neither behind them nor with all the time that it was not there', () => {
    fc.assert(
      fc.property(turns, turns, (first, second) => {
        const before = served([waiting(0), waiting(1)], first, byAccount);
        const { given, total, longest } = served(
          [waiting(0), waiting(1), waiting(2)],
          second,
          byAccount,
          before.shares,
        );
        const bound = 2 * Math.max(longest, before.longest);
        for (const name of ['a0', 'a1', 'a2']) expect(Math.abs(given(name) - total / 3)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 30 },
    );
  });

  it('take the one that has waited longest of equals, and nobody when nobody waits', () => {
    const later = { ...waiting(1), submittedAt: new Date(5) };
    expect(fairest([later, waiting(2)], new Map())).toEqual(waiting(2));
    expect(fairest([], new Map())).toBeUndefined();
  });
});
