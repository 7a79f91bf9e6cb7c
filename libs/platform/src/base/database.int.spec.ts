import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPooledByStatement, makeLogger, openPool, problemOf, shareSettings } from '#platform';
import { Cluster, testDatabase, type TestDatabase } from '#testing';

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => problemOf(error)?.code,
  );

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('the pool of a service', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());
  const open = (url: string, waitMs?: number) =>
    openPool(url, {
      max: 2,
      application: 'a test',
      logger: makeLogger('silent'),
      ...(waitMs === undefined ? {} : { waitMs }),
    });

  it('says that it is busy, not that the database is away, when all connections are in use for too long', async () => {
    const pool = open(database.url, 1_000);
    const held = await Promise.all([pool.connect(), pool.connect()]);
    expect(await outcome(pool.query('SELECT 1'))).toBe('service/busy');
    for (const client of held) client.release();
    expect(await outcome(pool.query('SELECT 1'))).toBe('done');
    await pool.end();
  });

  it('serves those who wait, and refuses at once those behind the end of the queue', async () => {
    const pool = open(database.url);
    const held = await Promise.all([pool.connect(), pool.connect()]);
    const asked = Array.from({ length: 300 }, () => outcome(pool.query('SELECT 1')));
    expect(await outcome(pool.connect())).toBe('service/busy');
    for (const client of held) client.release();
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((code) => code === 'done')).toHaveLength(256);
    expect(outcomes.filter((code) => code === 'service/busy')).toHaveLength(44);
    await pool.end();
  });

  it('takes no statement for done that PostgreSQL has warned of, and goes on with another connection', async () => {
    const pool = open(database.url);
    await expect(pool.query(`DO $$ BEGIN RAISE WARNING 'not waited for'; END $$`)).rejects.toThrow(
      'PostgreSQL warned: not waited for',
    );
    expect(await outcome(pool.query(`DO $$ BEGIN RAISE NOTICE 'by the way'; END $$`))).toBe('done');
    await pool.end();
  });

  it('takes no commit for done whose wait for a standby was cancelled', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-pool-'));
    const cluster = await Cluster.make(folder, ['wal_level=replica', 'synchronous_standby_names=away']);
    try {
      await cluster.start();
      const pool = open(cluster.url());
      const written = outcomeOf(pool.query('CREATE TABLE written ()'));
      let cancelled = false;
      while (!cancelled) {
        const rows = await cluster.query<{ cancelled: boolean }>(
          `SELECT pg_cancel_backend(pid) AS cancelled FROM pg_stat_activity WHERE wait_event = 'SyncRep'`,
        );
        cancelled = rows[0]?.cancelled === true;
      }
      expect(await written).toMatch(/^PostgreSQL warned: .*synchronous replication/);
      // It stands: so whoever is told nothing asks again.
      expect(await cluster.query(`SELECT to_regclass('written')::text AS written`)).toEqual([{ written: 'written' }]);
      await pool.end();
    } finally {
      await cluster.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('sees that two connections stand for one, as behind a pooler that gives it away between statements', async () => {
    const pool = open(database.url);
    const [one, other] = [await pool.connect(), await pool.connect()];
    expect([await shareSettings(one, other), await shareSettings(one, one)]).toEqual([false, true]);
    one.release();
    other.release();
    expect(await isPooledByStatement(pool)).toBe(false);
    await pool.end();
    // Another client has left it there.
    const named = { name: 'known', text: 'SELECT 1', values: [] };
    const pooled = openPool(database.url, {
      max: 1,
      application: 'a test',
      logger: makeLogger('silent'),
      verify: async (sql) => {
        await sql.query('PREPARE known AS SELECT 1');
        await sql.query(named);
      },
    });
    await expect(pooled.query('SELECT 1')).rejects.toThrow('pool_mode = session');
    await pooled.end();
  });

  it('limits what a forgotten transaction and a statement may take, on every connection', async () => {
    const pool = open(database.url);
    const { rows } = await pool.query<{ limits: string }>(
      `SELECT string_agg(setting, ' ' ORDER BY name) AS limits FROM pg_settings
        WHERE name IN ('idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout', 'transaction_timeout')`,
    );
    expect(rows).toEqual([{ limits: '10000 5000 15000 20000' }]);
    await pool.end();
  });
});
