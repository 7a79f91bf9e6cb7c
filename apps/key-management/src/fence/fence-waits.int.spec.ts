import { randomUUID } from 'node:crypto';
import { type Logger, migrate, type ServiceConfig, stepsIn, Time } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { FenceSignals } from './fence-signals.ts';
import { Fence, outlived } from './fence.ts';

const LEASE_MS = 2_000;

/** Waits are over at once, and the clock shows as if they had not been. `during` is done before each is over. */
class QuickTime extends Time {
  at = 1_000;
  during: (at: number) => unknown = () => undefined;

  override monotonic(): number {
    return this.at;
  }

  override later(ms: number, call: () => void): () => void {
    let called = false;
    void this.pause(ms).then(() => {
      if (!called) call();
    });
    return () => {
      called = true;
    };
  }

  override async pause(ms: number): Promise<void> {
    this.at += ms;
    await this.during(this.at);
  }
}

describe('who has withdrawn something waits', () => {
  let database: TestDatabase;
  let time: QuickTime;
  let bell: FenceSignals;
  let fence: Fence;
  const said: string[] = [];
  const logger = {
    warn: (fields: object, text: string) => said.push(`${text} ${JSON.stringify(fields)}`),
    error: (_fields: object, text: string) => said.push(text),
  } as unknown as Logger;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    said.length = 0;
    await database.asOwner(
      'DELETE FROM followers',
      `UPDATE fence SET seq = 5, lease_ms = ${LEASE_MS}, settled_epoch = (SELECT epoch FROM log_meta)`,
    );
    time = new QuickTime();
    bell = new FenceSignals(database.pool, {} as ServiceConfig, logger, time);
    fence = new Fence(database.pool, bell, logger, time);
  });

  const sql = (text: string, values: unknown[] = []) => database.pool.query<Record<string, unknown>>(text, values);
  async function gateway({ applied = 4, leaseMs = LEASE_MS, epoch = 0 } = {}) {
    const instance = randomUUID();
    await sql(
      'INSERT INTO followers (instance, epoch, applied, lease_ms) SELECT $1, epoch + $2, $3, $4 FROM log_meta',
      [instance, epoch, applied, leaseMs],
    );
    return instance;
  }
  const epoch = async () => Number((await sql('SELECT epoch FROM log_meta')).rows[0]?.epoch);
  const rows = async () => (await sql('SELECT instance FROM followers')).rows.map((row) => row.instance);
  /** For how long. */
  async function settled() {
    const from = time.at;
    await fence.settled();
    return time.at - from;
  }
  /** Once, at the first look after so many milliseconds. */
  function after(ms: number, work: () => unknown) {
    const from = time.at;
    let done = false;
    time.during = (at) => {
      if (done || at - from < ms) return;
      done = true;
      return work();
    };
  }

  it('for nobody where every gateway has applied it, and wakes who follows', async () => {
    await gateway({ applied: 5 });
    const before = bell.withdrawals;
    expect([await settled(), bell.withdrawals > before, await rows()]).toEqual([0, true, [expect.any(String)]]);
  });

  it('until a gateway says that it has applied it, and keeps that one', async () => {
    const [instance, of] = [await gateway(), await epoch()];
    after(300, () => {
      bell.acknowledge({ instance, epoch: of, applied: 5 });
    });
    expect([await settled(), await rows(), said]).toEqual([300, [instance], []]);
  });

  it.each([
    ['has applied something else', { applied: 4 }],
    ['says it of another log', { epoch: 77 }],
    ['says more than there is', { applied: 6 }],
  ])('for one that %s', async (_what, change) => {
    const [instance, of] = [await gateway(), await epoch()];
    after(100, () => {
      bell.acknowledge({ instance, epoch: of, applied: 5, ...change });
    });
    expect(await settled()).toBeGreaterThanOrEqual(outlived(LEASE_MS));
  });

  it('no longer where a gateway has said it to another replica, or has left', async () => {
    const [one, two] = [await gateway(), await gateway()];
    after(200, () => sql('UPDATE followers SET applied = 5 WHERE instance = $1', [one]));
    let left = false;
    const first = time.during;
    time.during = async (at) => {
      await first(at);
      if (at >= 1_000 + 500 && !left) {
        left = true;
        await sql('DELETE FROM followers WHERE instance = $1', [two]);
      }
    };
    expect([await settled(), await rows(), said]).toEqual([500, [one], []]);
  });

  it('no longer for one that has applied more meanwhile, as far as that has happened', async () => {
    await gateway();
    after(200, () => sql('UPDATE followers SET applied = 7'));
    expect(await settled()).toBeGreaterThanOrEqual(outlived(LEASE_MS));
    await gateway();
    after(200, async () => {
      await sql('UPDATE fence SET seq = 7');
      await sql('UPDATE followers SET applied = 7');
    });
    expect(await settled()).toBe(200);
  });

  it('for a silent gateway until its lease has certainly ended, and then for that one no more', async () => {
    const [silent, well] = [await gateway(), await gateway()];
    const of = await epoch();
    bell.acknowledge({ instance: silent, epoch: of, applied: 4 });
    bell.acknowledge({ instance: well, epoch: of, applied: 5 });
    const waited = await settled();
    expect(waited).toBeGreaterThanOrEqual(outlived(LEASE_MS));
    expect(waited).toBeLessThan(outlived(LEASE_MS) + 1);
    expect([await rows(), said]).toEqual([[well], [expect.stringMatching(new RegExp(`silent for longer.*${silent}`))]]);
    expect([bell.hasAcknowledged(silent, of, 4), bell.hasAcknowledged(well, of, 5)]).toEqual([false, true]);
  });

  it('by the longest lease that one of them may hold, whether it was granted before leases were shortened or not', async () => {
    await gateway({ leaseMs: 5_000 });
    await gateway({ leaseMs: 100 });
    expect(await settled()).toBeCloseTo(outlived(5_000));
    await gateway({ leaseMs: 100 });
    expect(await settled()).toBeCloseTo(outlived(LEASE_MS));
  });

  it('and gives up none that has renewed meanwhile', async () => {
    const instance = await gateway();
    after(300, () => sql("UPDATE followers SET renewal = nextval('renewals')"));
    expect(await settled()).toBeCloseTo(outlived(LEASE_MS));
    expect([await rows(), said]).toEqual([[instance], []]);
  });

  it.each([
    ['ahead', { applied: 6 }],
    ['of another log', { epoch: 1, applied: 5 }],
  ])('for a row that is %s: no gateway has written that', async (_what, row) => {
    await gateway(row);
    expect(await settled()).toBeCloseTo(outlived(LEASE_MS));
    expect(await rows()).toEqual([]);
  });

  it('once for the leases of the log before, from when it was first seen here', async () => {
    await sql('UPDATE fence SET settled_epoch = settled_epoch - 1');
    await gateway({ applied: 5, leaseMs: 3_000 });
    const broken = new Error('away');
    time.during = () => Promise.reject(broken);
    await expect(fence.settled()).rejects.toMatchObject({ code: 'key/not-enforced' });
    time.at = 1_000 + 1_060;
    time.during = () => undefined;
    expect(await settled()).toBeCloseTo(outlived(3_000) - 1_060);
    expect(await settled()).toBe(0);
    expect((await sql('SELECT settled_epoch FROM fence')).rows[0]?.settled_epoch).toBe(await epoch());
  });

  it('by the lease of today after a restore where that is longer than those of gateways that are known', async () => {
    await sql('UPDATE fence SET settled_epoch = settled_epoch - 1');
    await gateway({ applied: 5, leaseMs: 100 });
    expect(await settled()).toBeCloseTo(outlived(LEASE_MS));
  });

  it('T-MOV-12 for as long as an isolated server of before may still be read, also where nobody holds a lease', async () => {
    await sql('UPDATE fence SET settled_epoch = settled_epoch - 1, lease_ms = 0');
    expect(await settled()).toBeCloseTo(outlived(2_000));
    expect(await settled()).toBe(0);
  });

  it('no more after a restore when that time is over already', async () => {
    await sql('UPDATE fence SET settled_epoch = settled_epoch - 1');
    time.during = () => Promise.reject(new Error('away'));
    await fence.settled().catch(() => undefined);
    time.at += 60_000;
    expect(await settled()).toBe(0);
  });

  it('and hears that nothing could be confirmed where that is so, and to ask again', async () => {
    await database.asOwner('ALTER TABLE fence RENAME TO fence_away');
    await expect(fence.settled()).rejects.toMatchObject({ code: 'key/not-enforced', facts: { retryAfterSeconds: 1 } });
    expect(said).toEqual([expect.stringContaining('could not be confirmed')]);
    await database.asOwner('ALTER TABLE fence_away RENAME TO fence');
    await database.asOwner('CREATE TABLE kept AS SELECT * FROM fence', 'DELETE FROM fence');
    await expect(fence.settled()).rejects.toMatchObject({ code: 'key/not-enforced' });
    await database.asOwner('INSERT INTO fence SELECT * FROM kept', 'DROP TABLE kept');
    expect(await settled()).toBe(0);
  });

  it('while other replicas are told to wake those who follow', async () => {
    const client = await database.pool.connect();
    const heard: (string | undefined)[] = [];
    client.on('notification', ({ payload }) => heard.push(payload?.split(' ')[0]));
    await client.query('LISTEN fence');
    await gateway();
    await settled();
    // Told on a connection of its own, and nobody waits for that.
    for (const until = performance.now() + 5_000; heard.length === 0 && performance.now() < until;)
      await client.query('SELECT pg_sleep(0.02)');
    client.release(true);
    expect(heard).toContain('withdrawn');
  });
});

describe('a lease has certainly ended', () => {
  it.each([
    [0, 50],
    [2_000, 2_090],
    [50_000, 51_050],
    [100_000, 102_100],
  ])('of %i ms after %i ms, by any clock', (leaseMs, ms) => {
    expect(outlived(leaseMs)).toBe(ms);
  });
});
