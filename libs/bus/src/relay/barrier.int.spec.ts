import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Doorbell, LogWatch, PostgresEventStore, streamName } from '#event-sourcing';
import { Cluster } from '#testing';
import { Pool } from 'pg';
import type { Bus, Message } from '../port/bus.ts';
import { appendLogins, loginSchema, publishLogin } from '../logins.fixture.ts';
import { Relay } from './relay.ts';

/**
 * A commit whose wait for a standby was cut off is visible, and a promotion would lose it. Design moved-databases §3 rule 4: what rests on rows that a call did not
 * write goes out behind a write of its own.
 */
describe('what a standby has not confirmed yet', () => {
  let folder: string;
  let cluster: Cluster;
  let pool: Pool;
  let store: PostgresEventStore;
  const account = '018f2f6e-0000-7000-8000-000000000001';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-barrier-'));
    cluster = await Cluster.make(join(folder, 'primary'), ['autovacuum=off']);
    await cluster.start();
    for (const statement of loginSchema) await cluster.query(statement);
    pool = new Pool({ connectionString: cluster.url(), max: 4 });
    pool.on('error', () => undefined);
    store = new PostgresEventStore(pool);
  });
  afterEach(() => waitFor(''));
  afterAll(async () => {
    await pool.end();
    await cluster.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** From now on commits wait for a standby of this name: none has it. */
  async function waitFor(standby: string): Promise<void> {
    await cluster.query(`ALTER SYSTEM SET synchronous_standby_names = '${standby}'`);
    await cluster.query('SELECT pg_reload_conf()');
    for (let now = 'unknown'; now !== standby; await pause(20))
      now =
        (await cluster.query<{ now: string }>("SELECT current_setting('synchronous_standby_names') AS now"))[0]?.now ??
        '';
    // Each connection of the pool reads it before its next statement.
    await Promise.all(Array.from({ length: 4 }, () => pool.query('SELECT pg_sleep(0.1)')));
  }
  const pending = (work: Promise<unknown>) => Promise.race([work.then(() => 'told'), pause(700).then(() => 'pending')]);
  const revoked = (commandId: string) => ({
    streamId: streamName('login', account),
    expectedVersion: 0,
    events: [{ type: 'Private', data: {} }],
    cause: { correlationId: 'c', actor: 'test', at: new Date(), commandId },
  });

  it('T-MOV-4 is told to no retry: "done" waits until it is', async () => {
    await store.append(revoked('once'));
    expect(await pending(store.outcome('once'))).toBe('told');
    await waitFor('nobody');
    const retry = store.outcome('once');
    expect(await pending(retry)).toBe('pending');
    await waitFor('');
    expect(await retry).toMatchObject({ version: 1, repeated: true });
  });

  it('T-MOV-5 is published by no relay', async () => {
    const published: Message[] = [];
    const bus = {
      publish: (messages: readonly Message[]) => (published.push(...messages), Promise.resolve()),
      ranges: () => Promise.resolve([]),
      cluster: () => Promise.resolve(undefined),
    } as unknown as Bus;
    const watch = new LogWatch(pool, new Doorbell());
    const relay = new Relay({
      service: 'identity',
      pool,
      store,
      watch,
      bus,
      publish: publishLogin,
      alarm: () => undefined,
    });
    watch.start();
    await relay.start();
    await appendLogins(store, '018f2f6e-0000-7000-8000-000000000002', 2);
    const reaches = async (count: number) => {
      for (const until = Date.now() + 10_000; published.length < count && Date.now() < until; await pause(20));
      return published.length;
    };
    expect(await reaches(2)).toBe(2);
    await waitFor('nobody');
    const append = appendLogins(store, '018f2f6e-0000-7000-8000-000000000003', 2);
    expect(await pending(append)).toBe('pending');
    // Nobody waits for it any more, and everybody sees it.
    await cluster.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%WITH log AS%'`,
    );
    await append;
    expect(await store.readStream('login-018f2f6e-0000-7000-8000-000000000003')).toHaveLength(2);
    await pause(1_000);
    expect(published).toHaveLength(2);
    await waitFor('');
    expect(await reaches(4)).toBe(4);
    await Promise.all([relay.stop(), watch.stop()]);
  });
});
