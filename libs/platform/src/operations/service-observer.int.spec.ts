import { randomUUID } from 'node:crypto';
import { type Bus, busSchema, epochsSchema, inboxSchema, InboxRunner, PostgresBus, Relay, relaySchema } from '#bus';
import type { Fact } from '#contracts';
import { Doorbell, LogProof, logSchema, LogWatch, PostgresEventStore } from '#event-sourcing';
import { freePort, testDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { SystemClock } from '../base/clock.ts';
import { observe, scrape } from '../observe/observed.ts';
import type { ServiceParts } from '../parts/service-parts.ts';
import { COMMANDS, Housekeeping } from './housekeeping.ts';
import { busTroubles, type Insight, judgeService, observedService } from './service-observer.ts';

const TOPIC = 'identity.logins';
const ignore = () => undefined;

describe('how a service fares', () => {
  let database: TestDatabase;
  let busDatabase: TestDatabase;
  let bus: PostgresBus;
  let relay: Relay;
  let inbox: InboxRunner;
  let store: PostgresEventStore;
  let knows: 'ahead' | 'none';
  let insight: Insight;
  const ends: (() => Promise<unknown> | void)[] = [];
  beforeEach(async () => {
    [database, busDatabase] = await Promise.all([
      testDatabase([...logSchema, ...relaySchema, ...inboxSchema, ...epochsSchema]),
      testDatabase(busSchema),
    ]);
    const { pool } = database;
    const doorbell = new Doorbell();
    store = new PostgresEventStore(pool, { doorbell });
    bus = new PostgresBus({ pool: busDatabase.pool, alarm: ignore });
    const watch = new LogWatch(pool, doorbell, undefined, ignore);
    watch.start();
    relay = new Relay({
      service: 'identity',
      pool,
      store,
      watch,
      bus,
      publish: ({ type }) => (type === 'Unheard' ? ({ name: 'Unheard.v1', data: {} } as unknown as Fact) : 'private'),
      alarm: ignore,
      backOffMaxMs: 50,
    });
    inbox = new InboxRunner({
      consumer: 'identity',
      pool,
      store,
      bus,
      inbox: { topics: [TOPIC], receive: () => Promise.resolve() },
      alarm: ignore,
    });
    knows = 'none';
    const housekeeping = new Housekeeping({
      service: 'identity',
      sql: pool,
      clock: new SystemClock(),
      works: [COMMANDS],
      alarm: ignore,
      firstMs: 0,
    });
    insight = {
      parts: { service: 'identity', projections: [{ name: 'desks-1' }] } as unknown as ServiceParts,
      pool,
      log: new LogProof({ sql: () => pool, bus: () => Promise.resolve(knows), mend: 'Bring it back' }),
      bus,
      relay,
      inbox,
      clock: new SystemClock(),
      housekeeping,
    };
    ends.push(
      () => relay.stop(),
      () => inbox.stop(),
      () => watch.stop(),
      () => housekeeping.stop(),
      () => bus.close(),
      () => busDatabase.drop(),
      () => database.drop(),
    );
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const append = (type: string) =>
    store.append({
      streamId: `desk-${randomUUID()}`,
      expectedVersion: 0,
      events: [{ type, data: {} }],
      cause: { at: new Date(), correlationId: 'c', actor: 'service:test' },
    });
  const hourAgo = (table: string, column: string) =>
    database.asOwner(
      `ALTER TABLE ${table} DISABLE TRIGGER USER`,
      `UPDATE ${table} SET ${column} = clock_timestamp() - interval '1 hour'`,
    );
  async function until(holds: () => boolean | Promise<boolean>) {
    for (const deadline = performance.now() + 10_000; !(await holds()); await new Promise((go) => setTimeout(go, 20)))
      if (performance.now() > deadline) throw new Error('it did not come true in time');
  }

  describe('it may be asked', () => {
    it('while nothing stands still', async () => {
      await relay.start();
      expect(await judgeService(insight)).toEqual({ ready: true, reasons: [], degraded: [] });
      expect(await judgeService({ ...insight, inbox: undefined })).toMatchObject({ ready: true });
    });

    it('not while its database does not answer', async () => {
      const pool = new pg.Pool({ connectionString: `postgres://127.0.0.1:${await freePort()}/none` });
      ends.unshift(() => pool.end());
      expect(await judgeService({ ...insight, pool })).toMatchObject({
        ready: false,
        reasons: ['the database does not answer'],
      });
    });

    it('not while its log is an older copy', async () => {
      knows = 'ahead';
      expect(await judgeService(insight)).toMatchObject({
        ready: false,
        reasons: [expect.stringContaining('older copy')],
      });
    });

    it('not while an event cannot be told to others', async () => {
      await relay.start();
      await append('Unheard');
      await until(() => relay.fault !== undefined);
      expect(await judgeService(insight)).toMatchObject({
        ready: false,
        reasons: [expect.stringMatching(/^the relay stands still: .*no fact is called Unheard\.v1/)],
      });
    });
  });

  describe('though it may be asked, it says', () => {
    const judge = async () => (await observedService(insight).judge()).degraded;

    it('nothing while nothing is late', async () => {
      await append('Told');
      expect(await judge()).toEqual([]);
    });

    it('who is more than a minute behind: relay, read models that it has, and the inbox', async () => {
      await append('Told');
      await database.pool.query(
        "INSERT INTO relay (name) VALUES ('identity'); INSERT INTO checkpoints VALUES ('desks-1', 0, '0', 0), ('gone-1', 0, '0', 0)",
      );
      expect(await judge()).toEqual([]);
      await hourAgo('events', 'recorded_at');
      await bus.publish([
        {
          topic: TOPIC,
          key: 'login-1',
          eventId: randomUUID(),
          type: 'LoginRecorded.v1',
          version: 1,
          previous: 0,
          source: 'identity',
          time: new Date(Date.now() - 3_600_000).toISOString(),
          position: '1.1.1',
          correlationId: 'c',
          data: {},
        },
      ]);
      const partition = (await bus.ranges(TOPIC)).find(({ next }) => next > 0)?.partition;
      await database.pool.query(
        'INSERT INTO inbox_offsets (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, 0)',
        ['identity', TOPIC, partition],
      );
      expect(await judge()).toEqual([
        expect.stringMatching(/^the relay is 36\d\d s behind$/),
        expect.stringMatching(/^the read model desks-1 is 36\d\d s behind$/),
        expect.stringMatching(/^the inbox for identity\.logins is 36\d\d s behind$/),
      ]);
    });

    it('that its bus does not answer, which keeps nobody from being asked', async () => {
      const away = Object.assign(Object.create(bus) as Bus, { ranges: () => Promise.reject(new Error('no broker')) });
      await database.pool.query("INSERT INTO inbox_offsets VALUES ('identity', $1, 0, 0, NULL)", [TOPIC]);
      expect(await observedService({ ...insight, bus: away }).judge()).toEqual({
        ready: true,
        reasons: [],
        degraded: ['the bus does not answer as it should: no broker; what is decided waits in the log'],
      });
    });
  });

  it('is told to those who scrape, by names and never by ids', async () => {
    await relay.start();
    await append('Told');
    await database.pool.query("INSERT INTO checkpoints VALUES ('desks-1', 0, '0', 0), ('gone-1', 0, '0', 0)");
    await database.pool.query(
      "INSERT INTO parked (consumer, stream_id, version, state, message) VALUES ('identity', 'a-1', 1, 'failed', '{}'), ('identity', 'a-1', 2, 'waiting', '{}'), ('other', 'a-1', 1, 'failed', '{}')",
    );
    await until(() => relay.state === 'active');
    insight.housekeeping.start();
    await until(() => insight.housekeeping.states[0]?.succeededAt !== undefined);
    ends.unshift(observe('identity', observedService(insight)));
    const text = await scrape();
    for (const line of [
      'rollcall_ready{service="identity"} 1',
      'rollcall_relay_state{service="identity",state="active"} 1',
      'rollcall_relay_state{service="identity",state="failing"} 0',
      'rollcall_projection_lag_events{service="identity",projection="desks-1"} 1',
      'rollcall_parked_messages{service="identity",state="failed"} 1',
      'rollcall_parked_messages{service="identity",state="waiting"} 1',
      'rollcall_parked_messages{service="identity",state="gap"} 0',
      'rollcall_inbox_halted_partitions{service="identity"} 0',
    ])
      expect(text).toContain(line);
    expect(text).toMatch(
      /rollcall_housekeeping_last_success_timestamp_seconds\{service="identity",work="commands"\} \d+/,
    );
    expect(text).toMatch(/rollcall_frontier_age_seconds\{service="identity",application="[^"]*",database="[^"]*"\} \d/);
    expect(text).not.toContain('gone-1');
  });
});

it('one trouble of the bus is told once, by the relay or by a look', () => {
  const trouble = 'the bus does not answer as it should: no broker; what is decided waits in the log';
  const ofRelay = (failure: string) => `the relay cannot publish at the moment and goes on trying: ${failure}`;
  expect(busTroubles({ failure: undefined }, {})).toEqual([]);
  expect(busTroubles({ failure: 'no broker' }, { trouble })).toEqual([trouble]);
  expect(busTroubles({ failure: 'no broker' }, {})).toEqual([ofRelay('no broker')]);
  expect(busTroubles({ failure: 'no space' }, { trouble })).toEqual([ofRelay('no space'), trouble]);
});
