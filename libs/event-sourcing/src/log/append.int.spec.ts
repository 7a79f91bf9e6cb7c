import {
  CommandReused,
  logSchema,
  PostgresEventStore,
  type Projection,
  ReservationTaken,
  type Sql,
  START,
  VersionConflict,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { cause, wholeLog } from '../desk.fixture.ts';

const A = { type: 'A', data: {} };
const B = { type: 'B', data: {} };

describe('append', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await testDatabase([...logSchema, 'CREATE TABLE seen (stream_id text PRIMARY KEY, types text[])']);
    store = new PostgresEventStore(database.pool);
  });
  afterAll(() => database.drop());

  const count = async (text: string, ...values: unknown[]) =>
    (await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${text}`, values)).rows[0]?.n;

  it('T-ES-1 lets exactly one of many appends with the same expected version win, and keeps nothing of the others', async () => {
    const streamId = `thing-${uuid()}`;
    for (const expectedVersion of [0, 2]) {
      const results = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) =>
          store.append({
            streamId,
            expectedVersion,
            events: [A, B],
            cause: cause({ commandId: `${streamId}/${expectedVersion}/${i}` }),
            take: [{ scope: streamId, key: `${expectedVersion}/${i}` }],
          }),
        ),
      );
      expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
      expect(results.filter((r) => r.status === 'rejected' && r.reason instanceof VersionConflict)).toHaveLength(11);
    }
    expect((await store.readStream(streamId)).map((e) => e.version)).toEqual([1, 2, 3, 4]);
    expect(await count('events WHERE stream_id = $1', streamId)).toBe(4);
    expect(await count('commands WHERE stream_id = $1', streamId)).toBe(2);
    expect(await count('reservations WHERE scope = $1', streamId)).toBe(2);
    expect((await database.pool.query('SELECT version FROM streams WHERE id = $1', [streamId])).rows).toEqual([
      { version: 4 },
    ]);
  });

  it('T-ES-1 keeps nothing of an append whose name is taken', async () => {
    const [holder, other] = [`thing-${uuid()}`, `thing-${uuid()}`];
    const take = [{ scope: 'name', key: holder }];
    await store.append({ streamId: holder, expectedVersion: 0, events: [A], cause: cause(), take });
    await expect(
      store.append({
        streamId: other,
        expectedVersion: 0,
        events: [A],
        cause: cause({ commandId: other }),
        take: [...take, { scope: 'name', key: other }],
      }),
    ).rejects.toThrow(ReservationTaken);
    expect(await count('events WHERE stream_id = $1', other)).toBe(0);
    expect(await count('streams WHERE id = $1', other)).toBe(0);
    expect(await count('commands WHERE id = $1', other)).toBe(0);
    expect(await count('reservations WHERE key = $1', other)).toBe(0);
  });

  it('T-ES-2 answers a repeated command id with the first result and appends nothing', async () => {
    const streamId = `thing-${uuid()}`;
    const append = {
      streamId,
      expectedVersion: 0,
      events: [A, B],
      cause: cause({ commandId: uuid(), fingerprint: 'f' }),
      take: [{ scope: 'name', key: streamId }],
    };
    expect(await store.append(append)).toEqual({ streamId, version: 2, repeated: false });
    expect(await store.append(append)).toEqual({ streamId, version: 2, repeated: true });
    expect(await store.append({ ...append, expectedVersion: 2 })).toEqual({ streamId, version: 2, repeated: true });
    // A retry that makes a new id each time asks for a name that its own first attempt holds.
    expect(await store.append({ ...append, streamId: `thing-${uuid()}` })).toEqual({
      streamId,
      version: 2,
      repeated: true,
    });
    expect(await store.transaction((tx) => tx.append(append))).toEqual({ streamId, version: 2, repeated: true });
    expect(await store.readStream(streamId)).toHaveLength(2);
  });

  it('T-ES-2 carries out a command once that arrives many times at once', async () => {
    const streamId = `thing-${uuid()}`;
    const append = { streamId, expectedVersion: 0, events: [A], cause: cause({ commandId: uuid() }) };
    const results = await Promise.all(Array.from({ length: 12 }, () => store.append(append)));
    expect(results.filter((r) => !r.repeated)).toHaveLength(1);
    expect(results.every((r) => r.version === 1)).toBe(true);
    expect(await store.readStream(streamId)).toHaveLength(1);
  });

  it('refuses a command id that comes back with other content', async () => {
    const append = {
      streamId: `thing-${uuid()}`,
      expectedVersion: 0,
      events: [A],
      cause: cause({ commandId: uuid(), fingerprint: 'one' }),
    };
    await store.append(append);
    await expect(store.append({ ...append, cause: { ...append.cause, fingerprint: 'two' } })).rejects.toThrow(
      CommandReused,
    );
  });

  it('refuses an append without events, which would make a stream that nobody can begin', async () => {
    await expect(
      store.append({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [], cause: cause() }),
    ).rejects.toThrow('at least one event');
  });

  it('refuses to skip versions', async () => {
    await expect(
      store.append({ streamId: `thing-${uuid()}`, expectedVersion: 3, events: [A], cause: cause() }),
    ).rejects.toThrow(VersionConflict);
  });

  it.each(['UPDATE events SET type = type', 'DELETE FROM events', 'TRUNCATE events'])(
    'T-ES-3 fails for the service: %s',
    async (statement) => {
      await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
      await expect(database.asOwner(statement)).rejects.toMatchObject({ code: 'RC005' });
    },
  );

  it.each([
    'ALTER TABLE events DISABLE TRIGGER ALL',
    'DROP TABLE events',
    'SET session_replication_role = replica',
    'UPDATE log_meta SET epoch = 9',
    'DELETE FROM streams',
    'TRUNCATE reservations',
  ])('T-ES-3 leaves the service no way around: %s', async (statement) => {
    await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('T-ES-4 reads in the order of numbers where transaction ids and positions cross a power of ten, without sorting', async () => {
    const other = await testDatabase(logSchema);
    try {
      for (const [txid, pos] of [
        [100, 8],
        [9, 10],
        [11, 9],
        [99, 99],
        [9, 9],
        [10, 101],
        [10, 100],
      ]) {
        await other.asOwner(`INSERT INTO events (txid, pos, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch) OVERRIDING SYSTEM VALUE
          VALUES ('${txid}', ${pos}, 'x-${txid}-${pos}', 1, 'A', 1, gen_random_uuid(), '{}', '{}', now(), 1)`);
      }
      const asked: string[] = [];
      const sql: Sql = {
        query: (text, values) => {
          asked.push(typeof text === 'string' ? text : text.text);
          return other.pool.query(text, values);
        },
      };
      const read = (await wholeLog(new PostgresEventStore(other.pool), 2)).map(({ cursor }) => [
        Number(cursor.txid),
        Number(cursor.pos),
      ]);
      expect(read).toEqual([
        [9, 9],
        [9, 10],
        [10, 100],
        [10, 101],
        [11, 9],
        [99, 99],
        [100, 8],
      ]);
      expect(await new PostgresEventStore(other.pool).head()).toMatchObject({ txid: 100n, pos: 8n });

      const watching = new PostgresEventStore(other.pool).within(sql);
      await watching.readLog(START, 1);
      await watching.head();
      for (const [i, text] of asked.entries()) {
        const client = await other.pool.connect();
        await client.query('SET enable_seqscan = off');
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, i === 0 ? [0, '0', 0, 1] : []);
        client.release(true);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).not.toContain('Sort');
        expect(plan).toMatch(/Index (Only )?Scan.* using events_log/);
        // Both ends bound the index: what waits above the frontier is not walked through again and again.
        if (i === 0) expect(plan).toMatch(/Index Cond: .*pg_snapshot_xmin/);
      }
    } finally {
      await other.drop();
    }
  });

  it('is planned once and not each time, also where statistics were never gathered', async () => {
    const fresh = await testDatabase(logSchema);
    try {
      await new PostgresEventStore(fresh.pool).transaction(async (inside, tx) => {
        for (let i = 0; i < 20; i++)
          await inside.append({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [A], cause: cause() });
        const { rows } = await tx.query<{ generic: number }>(
          "SELECT generic_plans::int AS generic FROM pg_prepared_statements WHERE name = 'append'",
        );
        expect(rows[0]?.generic).toBeGreaterThanOrEqual(14);
      });
    } finally {
      await fresh.drop();
    }
  });

  describe('with an inline projection', () => {
    const seen: Projection = {
      name: 'seen-1',
      categories: ['inline'],
      tables: ['seen'],
      apply: async (tx, events) => {
        for (const event of events) {
          if (event.type === 'Bad') await tx.query('SELECT 1 / 0');
          await tx.query('INSERT INTO seen VALUES ($1, $2)', [
            event.streamId,
            [event.type, ...('personal' in event.event ? ['personal'] : [])],
          ]);
        }
      },
    };
    let inline: PostgresEventStore;
    beforeAll(() => {
      inline = new PostgresEventStore(database.pool, { inline: [seen] });
    });

    it('writes rows and events together or not at all', async () => {
      const [good, bad] = [`inline-${uuid()}`, `inline-${uuid()}`];
      await inline.append({ streamId: good, expectedVersion: 0, events: [A], cause: cause() });
      expect(await count('seen WHERE stream_id = $1', good)).toBe(1);
      await expect(
        inline.append({ streamId: bad, expectedVersion: 0, events: [{ type: 'Bad', data: {} }], cause: cause() }),
      ).rejects.toMatchObject({ code: '22012' });
      expect(await count('events WHERE stream_id = $1', bad)).toBe(0);
    });

    it('does not call a fault of the projection a conflict', async () => {
      const append = { streamId: `inline-${uuid()}`, expectedVersion: 0, events: [A], cause: cause() };
      await inline.append(append);
      await expect(inline.append({ ...append, expectedVersion: 1 })).rejects.toMatchObject({
        name: 'DatabaseFault',
        code: '23505',
        table: 'seen',
      });
      await expect(inline.append(append)).rejects.toThrow(VersionConflict);
    });

    it('answers a repeated command with the first result, also when both arrive at once', async () => {
      const streamId = `inline-${uuid()}`;
      const append = { streamId, expectedVersion: 0, events: [A], cause: cause({ commandId: uuid() }) };
      const results = await Promise.all([inline.append(append), inline.append(append), inline.append(append)]);
      expect(results.map((r) => r.repeated).sort()).toEqual([false, true, true]);
      expect(await count('events WHERE stream_id = $1', streamId)).toBe(1);
    });
  });
});

describe('transaction', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  let rings = 0;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
    store = new PostgresEventStore(database.pool, {
      doorbell: {
        notify: () => {
          rings++;
        },
      },
    });
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    rings = 0;
  });

  const one = () => ({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [A], cause: cause() });

  it('appends to several streams or to none', async () => {
    const [first, second] = [one(), one()];
    await expect(
      store.transaction(async (inside) => {
        await inside.append(first);
        await inside.append({ ...second, expectedVersion: 7 });
      }),
    ).rejects.toThrow(VersionConflict);
    expect(await store.readStreams([first.streamId, second.streamId])).toEqual(new Map());
    expect(rings).toBe(0);
  });

  it('rings the doorbell after the commit only, and once', async () => {
    await store.transaction(async (inside) => {
      await inside.append(one());
      await inside.append(one());
      expect(rings).toBe(0);
    });
    expect(rings).toBe(1);
  });

  it('does not say "done" when the work has caught the error of a failed statement', async () => {
    const first = one();
    await expect(
      store.transaction(async (inside) => {
        await inside.append(first);
        await inside.append({ ...one(), expectedVersion: 7 }).catch(() => undefined);
      }),
    ).rejects.toThrow('nothing of it was kept');
    expect(await store.readStream(first.streamId)).toEqual([]);
    expect(rings).toBe(0);
  });

  it.each(['while a statement runs', 'between statements'])(
    'survives that its connection is lost %s, and gives back what it borrowed',
    async (when) => {
      const lost = store.transaction(async (inside, tx) => {
        await inside.append(one());
        const pid = (await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
        const kill = () => database.asOwner(`SELECT pg_terminate_backend(${pid})`);
        if (when === 'between statements') await kill();
        await Promise.all([tx.query('SELECT pg_sleep(5)'), when === 'between statements' ? undefined : kill()]);
      });
      await expect(lost).rejects.toThrow();
      expect(rings).toBe(0);
      expect(database.pool.totalCount).toBe(database.pool.idleCount);
      await store.append(one());
    },
  );
});
