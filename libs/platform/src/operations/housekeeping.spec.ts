import { setImmediate as soon } from 'node:timers/promises';
import { SystemClock } from '../base/clock.ts';
import { registry } from '../observe/metrics.ts';
import { Housekeeping, type Housework } from './housekeeping.ts';

const sql = { query: () => Promise.reject(new Error('no work here asks a database')) };

/** Housekeeping whose works have no time to wait for; `alarms` are what went wrong. */
function housekeeping(...works: Housework[]) {
  const alarms: string[] = [];
  const alarm = (what: string, error: unknown) => alarms.push(`${what}: ${(error as Error).message}`);
  return {
    alarms,
    keeping: new Housekeeping({ service: 'a test', sql, clock: new SystemClock(), works, alarm, firstMs: 0 }),
  };
}

const removedBy = async (work: string) =>
  (await registry.getSingleMetric('rollcall_housekeeping_removed_rows_total')?.get())?.values.find(
    ({ labels }) => labels.work === work,
  )?.value;

describe('housekeeping', () => {
  it('goes on in batches until nothing is left, counts them, and has succeeded then', async () => {
    const left = [500, 700, 499];
    const ended = Promise.withResolvers<void>();
    const { keeping } = housekeeping({
      name: 'things',
      everyMs: 60_000,
      work: async (_sql, _now, limit) => {
        expect(keeping.states[0]?.succeededAt).toBeUndefined();
        if (left.length === 1) ended.resolve();
        return left.shift() ?? limit;
      },
    });
    keeping.start();
    await ended.promise;
    await soon();
    expect(keeping.states).toEqual([
      {
        name: 'things',
        everySeconds: 60,
        idleSeconds: expect.any(Number) as number,
        succeededAt: expect.any(Number) as number,
      },
    ]);
    expect(await removedBy('things')).toBe(1699);
    await keeping.stop();
  });

  it('tells of a work that fails and tries it again, while the others have their turns', async () => {
    let [tries, others] = [0, 0];
    const ended = Promise.withResolvers<void>();
    const { alarms, keeping } = housekeeping(
      {
        name: 'broken',
        everyMs: 1,
        work: async () => {
          if (++tries < 3) throw new Error('no');
          ended.resolve();
          return 0;
        },
      },
      {
        name: 'whole',
        everyMs: 1,
        work: async () => {
          others++;
          return 0;
        },
      },
    );
    keeping.start();
    await ended.promise;
    await keeping.stop();
    expect(alarms).toEqual(['housekeeping of broken: no', 'housekeeping of broken: no']);
    expect(others).toBeGreaterThan(0);
  });

  it('stops at once, also in the midst of what would take for ever', async () => {
    const begun = Promise.withResolvers<void>();
    const { keeping } = housekeeping({
      name: 'endless',
      everyMs: 1,
      work: async (_sql, _now, limit) => {
        begun.resolve();
        await soon();
        return limit;
      },
    });
    keeping.start();
    await begun.promise;
    await keeping.stop();
    expect(keeping.states[0]?.succeededAt).toBeUndefined();
    const idle = housekeeping({ name: 'idle', everyMs: 60_000, work: async () => 0 }).keeping;
    idle.start();
    await idle.stop();
  });
});
