import {
  Doorbell,
  handle,
  LogWatch,
  logSchema,
  PostgresEventStore,
  type Projection,
  type Sql,
  Subscription,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { cause, desk, settledLog, takenDesk } from '../desk.fixture.ts';

const table = 'CREATE TABLE items (stream_id text PRIMARY KEY, items int NOT NULL, events int NOT NULL)';

/** Counts every event it is given, so a repeated or lost one shows. */
const items = (apply?: (tx: Sql) => Promise<void>): Projection => ({
  name: 'items-1',
  categories: ['desk'],
  tables: ['items'],
  apply: async (tx, events) => {
    for (const { streamId, event } of events) {
      const amount = 'amount' in event.data ? Number(event.data.amount) : 0;
      await tx.query(
        'INSERT INTO items VALUES ($1, $2, 1) ON CONFLICT (stream_id) DO UPDATE SET items = items.items + excluded.items, events = items.events + 1',
        [streamId, amount],
      );
    }
    await apply?.(tx);
  },
});

describe('subscription', () => {
  let database: TestDatabase;
  let doorbell: Doorbell;
  let store: PostgresEventStore;
  let watch: LogWatch;
  let subscriptions: Subscription[];
  let alarms: unknown[];
  beforeEach(async () => {
    database = await testDatabase([...logSchema, table]);
    doorbell = new Doorbell();
    store = new PostgresEventStore(database.pool, { doorbell });
    alarms = [];
    watch = new LogWatch(database.pool, doorbell, undefined, (error) => alarms.push(error));
    watch.start();
    subscriptions = [];
  });
  afterEach(async () => {
    await Promise.all(subscriptions.map((s) => s.stop()));
    await watch.stop();
    await database.drop();
  });

  async function follow(projection = items()): Promise<Subscription> {
    const subscription = new Subscription(store, database.pool, watch, projection, (_name, error) =>
      alarms.push(error),
    );
    subscriptions.push(subscription);
    await subscription.start();
    return subscription;
  }
  const add = (id: string, amount = 1) => handle(store, desk, id, { type: 'AddItem', amount }, cause());
  const rows = async () =>
    (await database.pool.query<{ stream_id: string; items: number; events: number }>('SELECT * FROM items')).rows;

  /** What the table must hold: the log, counted. */
  async function expectRowsAreTheLog() {
    const log = Map.groupBy(
      (await settledLog(store)).filter((e) => e.category === 'desk'),
      (e) => e.streamId,
    );
    const expected = [...log].map(([stream_id, events]) => ({
      stream_id,
      events: events.length,
      items: events.reduce((sum, { event }) => sum + ('amount' in event.data ? Number(event.data.amount) : 0), 0),
    }));
    expect(new Set(await rows())).toEqual(new Set(expected));
  }

  it('shows what was appended, and says when it has', async () => {
    const subscription = await follow();
    const { id, streamId } = await takenDesk(store);
    await add(id, 3);
    expect(await subscription.reached(await store.head(), 60_000)).toBe(true);
    expect(await rows()).toEqual([{ stream_id: streamId, items: 3, events: 2 }]);
  });

  it('goes past events that are not for it', async () => {
    const subscription = await follow();
    await store.append({
      streamId: `stool-${uuid()}`,
      expectedVersion: 0,
      events: [{ type: 'A', data: {} }],
      cause: cause(),
    });
    expect(await subscription.reached(await store.head(), 60_000)).toBe(true);
    expect(await rows()).toEqual([]);
  });

  it('says "not yet" after the time given', async () => {
    const subscription = await follow();
    expect(await subscription.reached({ epoch: 99, txid: 1n, pos: 1n }, 20)).toBe(false);
  });

  it('continues where it stood when the process ended', async () => {
    const { id } = await takenDesk(store);
    const first = await follow();
    await first.reached(await store.head(), 60_000);
    await first.stop();
    await add(id, 2);
    const second = await follow();
    expect(await second.reached(await store.head(), 60_000)).toBe(true);
    await expectRowsAreTheLog();
  });

  it('stops while its watch still runs, also in the middle of a back-off and while somebody waits', async () => {
    const subscription = await follow(items(() => Promise.reject(new Error('a fault in the projection'))));
    await takenDesk(store);
    const waiting = subscription.reached(await store.head(), 60_000);
    while (alarms.length < 3) await pause(5);
    const from = performance.now();
    await subscription.stop();
    expect(await waiting).toBe(false);
    expect(performance.now() - from).toBeLessThan(1_000);
    const quiet = await follow({ ...items(), name: 'quiet-1' });
    await quiet.reached(await store.head(), 60_000);
    await quiet.stop();
  });

  it.each(['between its rows and the commit', 'in the middle of its rows'])(
    'repeats nothing and loses nothing when its connection is killed %s',
    async (when) => {
      let kills = 3;
      const kill = async (tx: Sql) => {
        if (kills-- <= 0) return;
        const pid = (await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
        await database.asOwner(`SELECT pg_terminate_backend(${pid})`);
        if (when === 'in the middle of its rows') await tx.query('SELECT 1');
      };
      const { id } = await takenDesk(store);
      for (let i = 0; i < 5; i++) await add(id, i + 1);
      const subscription = await follow(items(kill));
      expect(await subscription.reached(await store.head(), 10_000)).toBe(true);
      expect(alarms.length).toBeGreaterThanOrEqual(3);
      await expectRowsAreTheLog();
    },
  );

  it('writes nothing of a batch whose projection fails, tells so, and continues when it is mended', async () => {
    let broken = true;
    const subscription = await follow(
      items(() => (broken ? Promise.reject(new Error('a fault in the projection')) : Promise.resolve())),
    );
    await takenDesk(store);
    while (alarms.length < 2) await pause(5);
    expect(await rows()).toEqual([]);
    broken = false;
    expect(await subscription.reached(await store.head(), 60_000)).toBe(true);
    await expectRowsAreTheLog();
  });

  it('lets two replicas take turns: each event is applied once', async () => {
    const replicas = [await follow(), await follow(), await follow()];
    const desks = await Promise.all([1, 2, 3, 4].map(() => takenDesk(store)));
    for (let i = 0; i < 25; i++) await Promise.all(desks.map(({ id }) => add(id)));
    const head = await store.head();
    for (const replica of replicas) expect(await replica.reached(head, 10_000)).toBe(true);
    expect(alarms).toEqual([]);
    await expectRowsAreTheLog();
  });

  it('survives that PostgreSQL goes away and comes back, and says that it was away', async () => {
    const subscription = await follow();
    const { id } = await takenDesk(store);
    await subscription.reached(await store.head(), 60_000);
    await database.asOwner(
      `ALTER ROLE ${database.name} NOLOGIN`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${database.name}'`,
    );
    while (alarms.length === 0) await pause(5);
    await expect(add(id)).rejects.toThrow();
    expect(await subscription.reached({ epoch: 1, txid: 2n ** 40n, pos: 0n }, 100)).toBe(false);
    await database.asOwner(`ALTER ROLE ${database.name} LOGIN`);
    await add(id, 7);
    expect(await subscription.reached(await store.head(), 10_000)).toBe(true);
    await expectRowsAreTheLog();
  });
});
