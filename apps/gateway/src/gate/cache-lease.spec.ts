import fc from 'fast-check';
import { lasts } from './cache-lease.ts';

const LEASE_MS = 10_000;
const grant = { upTo: 1, monotonic: 5_000, wall: 1_800_000_000_000, ms: LEASE_MS };
const after = (monotonic: number, wall: number) =>
  lasts(grant, { monotonic: grant.monotonic + monotonic, wall: grant.wall + wall });

describe('a lease', () => {
  it('lasts from its request on for as long as it was granted', () => {
    expect([after(0, 0), after(LEASE_MS - 1, LEASE_MS - 1), after(LEASE_MS, LEASE_MS)]).toEqual([true, true, false]);
  });
  it('ends when the clock is set back, or forward past its end', () => {
    expect([after(1_000, -1), after(1_000, LEASE_MS)]).toEqual([false, false]);
  });
  it('ends when the machine has slept: one of its clocks has not', () => {
    expect([after(1, LEASE_MS), after(LEASE_MS, 1)]).toEqual([false, false]);
  });
  it('never lasts longer than granted by any clock that runs, whatever the other one says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: LEASE_MS, max: 1e12, noNaN: true }),
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        (late, any) => !after(late, any) && !after(any, late),
      ),
    );
  });
  it('is none before one was granted', () => {
    expect(lasts({ upTo: 0, monotonic: 0, wall: 0, ms: 0 }, { monotonic: 0, wall: 0 })).toBe(false);
  });
});
