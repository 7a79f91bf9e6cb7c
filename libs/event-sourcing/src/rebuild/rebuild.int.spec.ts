import {
  BuildFollower,
  buildsSchema,
  type BuildOptions,
  BuildsDiffer,
  Doorbell,
  dropBuild,
  LogSource,
  LogWatch,
  logSchema,
  PostgresEventStore,
  projections,
  promote,
  rebuild,
  rollback,
  Subscription,
  verify,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { addShelves, keepAppending, shelfSchema, shelves } from './shelf.fixture.ts';

describe.each(['follower', 'inline'] as const)('a rebuild of a read model, %s', (kind) => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  let watch: LogWatch;
  let subscription: Subscription | undefined;
  let options: BuildOptions;
  const alarms: unknown[] = [];
  const source = new LogSource(shelves, kind);

  beforeEach(async () => {
    database = await testDatabase([...logSchema, ...buildsSchema, ...shelfSchema]);
    const doorbell = new Doorbell();
    alarms.length = 0;
    store = new PostgresEventStore(database.pool, kind === 'inline' ? { doorbell, inline: [shelves] } : { doorbell });
    watch = new LogWatch(database.pool, doorbell);
    watch.start();
    subscription =
      kind === 'follower'
        ? new Subscription(store, database.pool, watch, shelves, (_name, error) => alarms.push(error))
        : undefined;
    await subscription?.start();
    options = { ownerDatabaseUrl: database.ownerUrl, sources: [source], who: 'a test' };
  });
  afterEach(async () => {
    await subscription?.stop();
    await watch.stop();
    await database.drop();
  });

  const caughtUp = async () => {
    if (subscription) expect(await subscription.reached(await store.head(), 10_000)).toBe(true);
  };
  const oid = async (table: string) =>
    (await database.pool.query<{ oid: number }>('SELECT to_regclass($1)::oid::int8::int4 AS oid', [table])).rows[0]
      ?.oid;

  it('T-RB-1 swaps under write load: no command and no query fails, nothing is missing, and the outcome equals the incremental one', async () => {
    await addShelves(store, 400);
    let stopped = false;
    const writing = keepAppending(store, 4, () => stopped);
    let asked = 0;
    let slowest = 0;
    const asking = Promise.all(
      [1, 2].map(async () => {
        while (!stopped) {
          const from = performance.now();
          // Both ways of asking: prepared on a connection that stays, and plain.
          await database.pool.query({
            name: 'shelf-count',
            text: 'SELECT count(*) FROM shelves JOIN books USING (shelf_id)',
            values: [],
          });
          await database.pool.query('SELECT * FROM books ORDER BY shelf_id DESC LIMIT 10');
          slowest = Math.max(slowest, performance.now() - from);
          asked++;
        }
      }),
    );
    const before = await oid('shelves');
    const first = await rebuild(options, 'shelves');
    const second = await rebuild(options, 'shelves');
    stopped = true;
    expect(await writing).toBeGreaterThan(100);
    await asking;
    expect(asked).toBeGreaterThan(10);
    expect([first.n, second.n]).toEqual([2, 3]);
    expect(await oid('shelves')).not.toBe(before);
    expect(Math.max(first.pauseMs, second.pauseMs)).toBeLessThan(1_000);
    await caughtUp();
    expect(await verify(options, 'shelves')).toMatchObject({ equal: true, differences: [] });
    expect(alarms).toEqual([]);
  });

  it('T-RB-2 gives the same checksums twice', async () => {
    await addShelves(store, 50);
    await caughtUp();
    const first = await rebuild(options, 'shelves');
    const second = await rebuild(options, 'shelves');
    expect(second.checksums).toEqual(first.checksums);
    expect(first.checksums.map(({ table, rows }) => [table, rows > 0])).toEqual([
      ['shelves', true],
      ['books', true],
    ]);
  });

  it('goes back to the earlier build, which has followed meanwhile', async () => {
    await addShelves(store, 20);
    await caughtUp();
    const before = await oid('shelves');
    await rebuild(options, 'shelves');
    await addShelves(store, 20);
    const follower = new BuildFollower(database.pool, [source], (_what, error) => alarms.push(error), 20);
    follower.start();
    await caughtUp();
    expect(await rollback(options, 'shelves')).toMatchObject({ n: 1, state: 'live' });
    expect(await oid('shelves')).toBe(before);
    await addShelves(store, 5);
    await caughtUp();
    await follower.stop();
    expect(alarms).toEqual([]);
    expect(await verify(options, 'shelves')).toMatchObject({ equal: true });
    expect((await projections(options)).map(({ n, state }) => [n, state])).toEqual([
      [2, 'retired'],
      [1, 'live'],
    ]);
    expect(await rollback(options, 'shelves')).toMatchObject({ n: 2 });
  });

  it('keeps indexes, constraints and grants', async () => {
    await addShelves(store, 3);
    await caughtUp();
    const shape = async () =>
      (
        await database.pool.query<{ said: string }>(
          `SELECT pg_get_indexdef(indexrelid) AS said FROM pg_index WHERE indrelid IN ('shelves'::regclass, 'books'::regclass)
       UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ('shelves'::regclass, 'books'::regclass)
       UNION ALL SELECT relname || array_to_string(array(SELECT unnest(relacl)::text ORDER BY 1), ',') FROM pg_class WHERE oid IN ('shelves'::regclass, 'books'::regclass) ORDER BY 1`,
        )
      ).rows;
    const before = await shape();
    await rebuild(options, 'shelves');
    expect(await shape()).toEqual(before);
  });

  it('stands ready beside the live one until it is promoted', async () => {
    await addShelves(store, 10);
    await caughtUp();
    const before = await oid('shelves');
    expect(await rebuild(options, 'shelves', { shadow: true })).toMatchObject({ n: 2, state: 'ready' });
    expect(await oid('shelves')).toBe(before);
    await addShelves(store, 10);
    await caughtUp();
    expect(await promote(options, 'shelves')).toMatchObject({ n: 2, state: 'live' });
    expect(await verify(options, 'shelves')).toMatchObject({ equal: true });
  });

  it('tells the rows that differ, and swaps them only when told to', async () => {
    await addShelves(store, 10);
    await caughtUp();
    await database.asOwner(
      `UPDATE books SET read = NOT read WHERE ctid IN ((SELECT ctid FROM books WHERE read LIMIT 1), (SELECT ctid FROM books WHERE NOT read LIMIT 1))`,
      `DELETE FROM shelves WHERE ctid IN (SELECT ctid FROM shelves LIMIT 1)`,
    );
    const found = await verify(options, 'shelves');
    expect(found).toMatchObject({
      equal: false,
      differences: [
        { table: 'shelves', rows: 1 },
        { table: 'books', rows: 4 },
      ],
    });
    expect(found.differences[0]?.keys[0]).toMatch(/^shelf_id=[0-9a-f-]{36}$/);
    expect(found.differences[1]?.keys).toHaveLength(2);
    expect((await projections(options)).map(({ state }) => state)).toEqual(['live']);
    expect((await database.pool.query(`SELECT FROM pg_namespace WHERE nspname LIKE 'shelves%'`)).rowCount).toBe(0);
    await expect(rebuild(options, 'shelves')).rejects.toThrow(BuildsDiffer);
    expect(await promote(options, 'shelves', { evenIfDifferent: true })).toMatchObject({ state: 'live' });
    expect(await verify(options, 'shelves')).toMatchObject({ equal: true });
  });

  it('refuses a second rebuild while one runs, and says which', async () => {
    await addShelves(store, 10);
    await caughtUp();
    let second: unknown;
    await rebuild(
      {
        ...options,
        progress: () => {
          second ??= rebuild(options, 'shelves').catch((error: unknown) => error);
        },
      },
      'shelves',
      { shadow: true },
    );
    expect(String(await second)).toMatch(/BuildRunning: build 2 of shelves .* begun by a test .*projections list/);
  });

  it('drops a build that is not wanted', async () => {
    await rebuild(options, 'shelves', { shadow: true });
    await dropBuild(options, 'shelves', 2);
    expect((await projections(options)).map(({ n }) => n)).toEqual([1]);
    await expect(dropBuild(options, 'shelves', 1)).rejects.toThrow('no build 1');
    await expect(promote(options, 'shelves')).rejects.toThrow('is ready');
    await expect(rollback(options, 'shelves')).rejects.toThrow('no earlier build');
    await expect(rebuild(options, 'shelfs')).rejects.toThrow('There are: shelves');
  });
});
