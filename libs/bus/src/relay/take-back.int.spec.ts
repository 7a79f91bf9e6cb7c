import { randomUUID } from 'node:crypto';
import { PostgresEventStore, reopenIn } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { BUSES, type TestBus } from '../buses.fixture.ts';
import { publishedStream } from '../history/published-stream.ts';
import { parkedList } from '../inbox/parked.ts';
import { InboxRunner } from '../inbox/runner.ts';
import {
  appendLogins,
  appliedIn,
  eventually as eventuallyWithin,
  LoginInbox,
  loginOwner,
  loginSchema,
  publishLogin,
} from '../logins.fixture.ts';
import { returning, takeBack, type TakeBack } from './take-back.ts';

const MADE: TakeBack = (fact) => ({ type: 'LoginRecorded', data: fact.data });
const NONE: TakeBack = () => undefined;
const eventually = (holds: () => Promise<boolean>) => eventuallyWithin(holds, 20_000);

/** A relay tells versions 1, 2, 4, 5, 7 of a stream: every third event is private. */
describe.each(BUSES)('an older copy that takes back what it lacks, with the bus on %s,', (_name, openBus) => {
  const id = randomUUID();
  const key = `login-${id}`;
  let under: TestBus;
  const databases: TestDatabase[] = [];
  const ends: (() => Promise<unknown>)[] = [];

  const database = async () => {
    const made = await testDatabase(loginSchema);
    databases.push(made);
    return made;
  };
  const consume = async (consumer = 'mailer') => {
    const { pool } = await database();
    const runner = new InboxRunner({
      consumer,
      pool,
      store: new PostgresEventStore(pool),
      bus: under.bus,
      inbox: new LoginInbox(),
      alarm: () => undefined,
      parkedEveryMs: 50,
      backOffMaxMs: 100,
    });
    ends.unshift(() => runner.stop());
    await runner.start();
    return { pool, applied: async () => (await appliedIn(pool)).get(key) ?? [] };
  };
  const owner = async (at: TestDatabase) => {
    const { store, stop } = await loginOwner(at, under.bus);
    ends.unshift(stop);
    const told = () =>
      publishedStream({
        store,
        publish: publishLogin,
        service: 'identity',
        streamId: key,
        after: { epoch: 0, version: 0 },
      });
    return { store, stop, told };
  };
  /** The first events of the log that is lost, on another server. */
  const copyOf = async (original: TestDatabase, count: number) => {
    const made = await database();
    const { rows } = await original.pool.query('SELECT * FROM events WHERE version <= $1 ORDER BY version', [count]);
    const asOwner = new pg.Pool({ connectionString: made.ownerUrl, max: 1 });
    for (const row of rows as Record<string, unknown>[])
      await asOwner.query(
        `INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_record(NULL::events, $1)`,
        [JSON.stringify(row)],
      );
    await asOwner.query(
      `INSERT INTO streams SELECT stream_id, 'login', max(version), 1, max(txid) FROM events GROUP BY stream_id`,
    );
    await asOwner.end();
    return made;
  };
  const reopen = async (made: TestDatabase, inverse: TakeBack) => {
    const asOwner = new pg.Pool({ connectionString: made.ownerUrl, max: 2 });
    const returns = await returning({
      service: 'identity',
      sql: made.pool,
      bus: under.bus,
      publish: publishLogin,
      takeBack: inverse,
    });
    await new PostgresEventStore(asOwner).transaction(async (store, tx) => {
      await reopenIn(tx, { beyond: 1 });
      await takeBack(store, returns);
    });
    await asOwner.end();
    return returns;
  };
  const typesIn = async ({ pool }: TestDatabase) =>
    (await pool.query<{ type: string }>('SELECT type FROM events ORDER BY version')).rows.map(({ type }) => type);

  beforeEach(async () => {
    under = await openBus({ partitions: 1 });
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await under.drop();
    await Promise.all(databases.splice(0).map((made) => made.drop()));
  });

  it.each([
    ['the events themselves', MADE, ['LoginRecorded', 'LoginRecorded', 'Lost', 'LoginRecorded', 'LoginRecorded']],
    ['their versions alone', NONE, ['LoginRecorded', 'LoginRecorded', 'Lost', 'Lost', 'Lost']],
  ])(
    'T-MOV-7 %s: whoever applied the lost branch goes on behind it and applies nothing twice',
    async (_what, inverse, types) => {
      const original = await database();
      const first = await owner(original);
      await appendLogins(first.store, id, 5);
      const consumer = await consume();
      await eventually(async () => (await consumer.applied()).length === 4);
      const known = await first.told();
      await first.stop();

      const restored = await copyOf(original, 2);
      const returns = await reopen(restored, inverse);
      expect(returns.map(({ message: { version }, asKnown }) => [version, asKnown])).toEqual([
        [4, true],
        [5, true],
      ]);
      expect(await typesIn(restored)).toEqual(types);
      const second = await owner(restored);
      expect(await second.told()).toEqual(known);

      await appendLogins(second.store, id, 2);
      await eventually(async () => (await consumer.applied()).length === 5);
      expect(await consumer.applied()).toEqual([1, 2, 4, 5, 7]);
      const late = await consume('job-queue');
      await eventually(async () => (await late.applied()).length === 5);
      expect(await late.applied()).toEqual([1, 2, 4, 5, 7]);
      expect([await parkedList(consumer.pool), await parkedList(late.pool)]).toEqual([[], []]);
      expect(await second.told()).toMatchObject([{}, {}, {}, {}, { version: 7, previous: 5 }]);
      // Nothing is lacking any more.
      expect(
        await returning({ service: 'identity', sql: restored.pool, bus: under.bus, publish: publishLogin }),
      ).toEqual([]);
    },
  );

  it('T-MOV-2 under new versions where the copy has gone on by itself, and then everybody applies it', async () => {
    const original = await database();
    const first = await owner(original);
    await appendLogins(first.store, id, 4);
    const consumer = await consume();
    await eventually(async () => (await consumer.applied()).length === 3);
    await first.stop();
    const twin = await copyOf(original, 3);
    await appendLogins(new PostgresEventStore(twin.pool), id, 1);
    const returns = await reopen(twin, MADE);
    expect(returns).toMatchObject([{ asKnown: false, expectedVersion: 4 }]);
    await owner(twin);
    await eventually(async () => (await consumer.applied()).length === 4);
    expect(await consumer.applied()).toEqual([1, 2, 4, 5]);
    expect(await typesIn(twin)).toEqual([
      'LoginRecorded',
      'LoginRecorded',
      'SessionTouched',
      'LoginRecorded',
      'LoginRecorded',
    ]);
  });

  it('not under new versions where only the version could come back', async () => {
    const original = await database();
    const first = await owner(original);
    await appendLogins(first.store, id, 4);
    await eventually(async () => (await under.bus.ranges('identity.logins')).some(({ next }) => next === 3));
    await first.stop();
    const twin = await copyOf(original, 3);
    await appendLogins(new PostgresEventStore(twin.pool), id, 1);
    expect(await reopen(twin, NONE)).toMatchObject([{ events: [], asKnown: false }]);
    expect(await typesIn(twin)).toHaveLength(4);
  });
});
