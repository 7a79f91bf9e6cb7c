import {
  compareCursors,
  Doorbell,
  formatCursor,
  type FrontierAge,
  frontierAge,
  handle,
  LogWatch,
  logSchema,
  PostgresEventStore,
  type RecordedEvent,
  SQLSTATE,
  START,
  streamName,
  VersionConflict,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { cause, desk, settledLog, takenDesk } from '../desk.fixture.ts';

const A = { type: 'A', data: {} };

/** The frontier is the cluster's: for a moment an older transaction of another database may stand before ours. */
async function ageBlockedBy(
  sql: Parameters<typeof frontierAge>[0],
  ours: (blocker: NonNullable<FrontierAge['blocker']>) => boolean,
): Promise<FrontierAge> {
  for (const deadline = performance.now() + 2_500; ; await pause(10)) {
    const age = await frontierAge(sql);
    if ((age.blocker && ours(age.blocker)) || performance.now() > deadline) {
      expect(age.blocker && ours(age.blocker)).toBe(true);
      return age;
    }
  }
}

describe('order of the log', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await testDatabase(logSchema);
    store = new PostgresEventStore(database.pool);
  });
  afterEach(() => database.drop());

  it('T-ORD-1 delivers to a reader all that 16 writers append, once, in the order of each stream', async () => {
    const streams = Array.from({ length: 24 }, () => `thing-${uuid()}`);
    const written = await whileReading(() =>
      Promise.all(Array.from({ length: 16 }, (_, i) => writer(i, streams, 1_500))),
    );
    const events = await settledLog(store);
    const appended = written.result.reduce((sum, n) => sum + n, 0);
    expect(appended).toBeGreaterThanOrEqual(320);
    expect(events).toHaveLength(appended);
    expect(new Set(written.byCursor.map((e) => e.eventId)).size).toBe(written.byCursor.length);
    expect(written.byCursor.map((e) => e.eventId)).toEqual(events.map((e) => e.eventId));
    for (const [, inStream] of Map.groupBy(written.byCursor, (e) => e.streamId)) {
      expect(inStream.map((e) => e.version)).toEqual(inStream.map((_, i) => i + 1));
    }
    // The experiment has teeth: who reads "after position p" misses some of the same events.
    expect(written.byPosition).toBeLessThan(appended);
  });

  /** Half of the writers are slow between append and commit, so that positions become visible out of order. */
  async function writer(i: number, streams: readonly string[], forMs: number): Promise<number> {
    const until = performance.now() + forMs;
    let appended = 0;
    // At least so many of each, however slow the machine is.
    for (let n = i; performance.now() < until || appended < 20; n += 7) {
      const streamId = streams[n % streams.length] ?? '';
      try {
        const expectedVersion = (await store.readStream(streamId)).length;
        const append = { streamId, expectedVersion, events: [A, A], cause: cause() };
        if (i % 2 === 0) await store.append(append);
        else
          await store.transaction(async (inside) => {
            await inside.append(append);
            await pause(n % 5);
          });
        appended += 2;
      } catch (error) {
        if (
          !(error instanceof VersionConflict) &&
          !(error instanceof Error && 'code' in error && error.code === SQLSTATE.serialization)
        )
          throw error;
      }
    }
    return appended;
  }

  async function whileReading<T>(work: () => Promise<T>) {
    let done = false;
    const byCursor: RecordedEvent[] = [];
    const follow = async () => {
      for (let last = false; ;) {
        const batch = await store.readLog(byCursor.at(-1)?.cursor ?? START, 100);
        byCursor.push(...batch);
        if (last && compareCursors(byCursor.at(-1)?.cursor ?? START, await store.head()) >= 0) return;
        last = done;
      }
    };
    let byPosition = 0;
    const naive = async () => {
      for (let position = '0', last = false; ;) {
        const { rows } = await database.pool.query<{ pos: string }>(
          'SELECT pos FROM events WHERE pos > $1 ORDER BY pos LIMIT 100',
          [position],
        );
        byPosition += rows.length;
        position = rows.at(-1)?.pos ?? position;
        if (rows.length === 0 && last) return;
        last = done;
      }
    };
    const readers = Promise.all([follow(), naive()]);
    const result = await work();
    done = true;
    await readers;
    return { result, byCursor, byPosition };
  }

  it('T-ORD-2 refuses with 40001 what a transaction with an early id would write before what it builds on, and its retry succeeds', async () => {
    const streamId = `thing-${uuid()}`;
    await store.append({ streamId, expectedVersion: 0, events: [A], cause: cause() });
    const early = store.transaction(async (inside, tx) => {
      await tx.query('SELECT pg_current_xact_id()');
      await store.append({ streamId, expectedVersion: 1, events: [A], cause: cause() });
      await inside.append({ streamId, expectedVersion: 2, events: [A], cause: cause() });
    });
    await expect(early).rejects.toMatchObject({ code: '40001' });
    await store.append({ streamId, expectedVersion: 2, events: [A], cause: cause() });
    expect((await settledLog(store)).map((e) => e.version)).toEqual([1, 2, 3]);
  });

  it('T-ORD-2 holds for names too: taken again only behind their release', async () => {
    const first = await takenDesk(store);
    const take = (inside: Pick<PostgresEventStore, 'append'>) =>
      inside.append({
        streamId: streamName('desk', uuid()),
        expectedVersion: 0,
        events: [{ type: 'DeskTaken', data: { name: first.name } }],
        cause: cause(),
        take: [{ scope: 'desk-name', key: first.name }],
      });
    const early = store.transaction(async (inside, tx) => {
      await tx.query('SELECT pg_current_xact_id()');
      await handle(store, desk, first.id, { type: 'LeaveDesk' }, cause());
      await take(inside);
    });
    await expect(early).rejects.toMatchObject({ code: '40001' });
    await take(store);
    expect((await settledLog(store)).map((e) => e.type)).toEqual(['DeskTaken', 'DeskLeft', 'DeskTaken']);
  });

  it('T-ORD-4 a held write transaction delays, loses nothing, raises the alarm and is ended', async () => {
    const holder = new pg.Client({
      connectionString: database.url,
      application_name: 'holder',
      options: '-c transaction_timeout=3000',
    });
    const ended = new Promise((resolve) => {
      holder.on('error', resolve);
    });
    await holder.connect();
    await holder.query("BEGIN; CREATE TEMP TABLE held (said text); INSERT INTO held VALUES ('canary@example.org')");
    const streamId = `thing-${uuid()}`;
    await store.append({ streamId, expectedVersion: 0, events: [A, A], cause: cause() });
    expect(await store.readLog(START, 10)).toEqual([]);
    expect(await store.readStream(streamId)).toHaveLength(2);

    await pause(50);
    const age = await ageBlockedBy(database.pool, ({ application }) => application === 'holder');
    expect(age.ageMs).toBeGreaterThan(50);
    expect(age.blocker).toMatchObject({
      application: 'holder',
      database: database.name,
      query: expect.stringContaining('BEGIN') as string,
    });
    expect(JSON.stringify(age)).not.toContain('canary');

    expect(await ended).toBeInstanceOf(Error);
    expect((await settledLog(store)).map((e) => e.version)).toEqual([1, 2]);
  });

  it('T-ORD-4 names a blocker that belongs to another role, by process and database', async () => {
    const holder = new pg.Client({ connectionString: database.ownerUrl });
    await holder.connect();
    await holder.query('BEGIN; SELECT pg_current_xact_id()');
    const pid = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    await store.append({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [A], cause: cause() });
    await pause(20);
    const age = await ageBlockedBy(database.pool, (blocker) => blocker.pid === pid);
    expect(age.ageMs).toBeGreaterThan(20);
    expect(age.blocker?.database).toBe(database.name);
    await holder.end();
  });

  it('T-ORD-5 without NOTIFY and without a ring delivers 99 of 100 within the poll cap and 50 ms', async () => {
    const polling = { minMs: 5, maxMs: 100 };
    const watch = new LogWatch(database.pool, new Doorbell(), polling);
    watch.start();
    const delays: number[] = [];
    // As many as it takes for forty in which no other transaction held the frontier, for a while.
    const until = performance.now() + 60_000;
    for (let i = 0, cursor = START; delays.length < 40 && performance.now() < until; i++) {
      await pause((i * 37) % 60);
      await store.append({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [A], cause: cause() });
      const from = performance.now();
      // The frontier is the cluster's, and other tests hold it now and then: that delay is theirs.
      const { blocker } = await frontierAge(database.pool);
      await watch.after(cursor);
      const batch = await store.readLog(cursor, 10);
      if (!blocker) delays.push(performance.now() - from);
      expect(batch.map((e) => e.version)).toEqual([1]);
      cursor = batch.at(-1)?.cursor ?? cursor;
    }
    await watch.stop();
    expect(delays.length).toBeGreaterThan(10);
    expect(delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99) - 1]).toBeLessThan(polling.maxMs + 50);
  });

  it('reads an older epoch before a newer one, whatever the transaction ids say', async () => {
    await store.append({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [A], cause: cause() });
    await database.asOwner(
      'UPDATE log_meta SET epoch = 2',
      `INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
      VALUES ('3', 'restored-1', 1, 'A', 1, gen_random_uuid(), '{}', '{}', now(), 2)`,
    );
    const cursors = (await settledLog(store)).map((e) => formatCursor(e.cursor));
    expect(cursors).toHaveLength(2);
    expect(cursors[0]).toMatch(/^1\./);
    expect(cursors[1]).toMatch(/^2\.3\./);
  });
});
