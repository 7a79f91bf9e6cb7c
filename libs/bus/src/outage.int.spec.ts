import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { Doorbell, LogWatch, PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import type { Bus } from './port/bus.ts';
import {
  BREAKABLE,
  type BreakableBus,
  BUSES,
  countOf,
  firstOfEach,
  poolThroughProxy,
  recordsOf,
  type TestBus,
} from './buses.fixture.ts';
import { InboxRunner } from './inbox/runner.ts';
import {
  appendLogins,
  appliedIn,
  eventually,
  login,
  logins,
  LoginInbox,
  loginSchema,
  publishLogin,
  total,
  upTo,
} from './logins.fixture.ts';
import { parkedList } from './inbox/parked.ts';
import { publishedStream } from './history/published-stream.ts';
import { Relay, relayReached } from './relay/relay.ts';

const LONG = process.env.ROLLCALL_LONG === '1';
const BUS_DOWN_MS = LONG ? 600_000 : 1_500;
const DATABASE_DOWN_MS = LONG ? 300_000 : 1_500;
const BEHIND = LONG ? 1_000_000 : 40_000;
const IDLE_MS = LONG ? 60_000 : 6_000;
const LOOKS = 3;
const MB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** So many facts of a thousand streams. */
async function fill(bus: Bus, count: number) {
  for (let at = 0; at < count; at += 1_000)
    await bus.publish(upTo(1_000).map((n) => login(`login-${n}`, at / 1_000 + 1)));
}

describe.each(BREAKABLE)('while the bus on %s is away', (_name, openBus) => {
  let service: TestDatabase;
  let under: BreakableBus;
  let store: PostgresEventStore;
  let watch: LogWatch;
  const ends: (() => Promise<unknown>)[] = [];
  const alarm = () => undefined;

  beforeEach(async () => {
    [service, under] = await Promise.all([testDatabase(loginSchema), openBus()]);
    const doorbell = new Doorbell();
    store = new PostgresEventStore(service.pool, { doorbell });
    watch = new LogWatch(service.pool, doorbell);
    watch.start();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await watch.stop();
    await Promise.all([service.drop(), under.drop()]);
  });

  const publishing = async () => {
    const relay = new Relay({
      service: 'identity',
      pool: service.pool,
      store,
      watch,
      bus: under.bus,
      publish: publishLogin,
      alarm,
      backOffMaxMs: 300,
    });
    ends.push(() => relay.stop());
    await relay.start();
    return relay;
  };

  it(
    'T-BUS-4 appends work, memory stays flat, and it drains in order',
    async () => {
      const relay = await publishing();
      const ids = upTo(20).map(() => uuid());
      await appendLogins(store, ids[0] ?? '', 1);
      await eventually(async () => (await countOf(under.bus)) === 1);
      await under.cut();
      const before = heap();
      const until = performance.now() + BUS_DOWN_MS;
      for (let round = 0; performance.now() < until; round++) {
        await appendLogins(store, ids[round % ids.length] ?? '', 30);
        await sleep(LONG ? 200 : 20);
      }
      expect(heap() - before).toBeLessThan(30 * MB);
      await eventually(() => relay.state === 'failing');
      await under.mend();
      const head = await store.head();
      await eventually(() => relayReached(service.pool, 'identity', head), LONG ? 60_000 : 15_000);
      const messages = firstOfEach((await recordsOf(under.bus)).map((record) => record.message));
      for (const id of ids) {
        const told = await publishedStream({
          store,
          publish: publishLogin,
          service: 'identity',
          streamId: `login-${id}`,
          after: { epoch: 1, version: 0 },
        });
        expect(messages.filter((message) => message.key === `login-${id}`)).toEqual(told);
      }
    },
    BUS_DOWN_MS + 90_000,
  );

  it('T-BUS-6 relay and consumers go on by themselves after it was killed and started again, each fact once', async () => {
    await publishing();
    const runner = new InboxRunner({
      consumer: 'mailer',
      pool: service.pool,
      store,
      bus: await under.join(),
      inbox: new LoginInbox(),
      alarm,
      backOffMaxMs: 300,
      parkedEveryMs: 100,
    });
    ends.push(() => runner.stop());
    await runner.start();
    const ids = upTo(6).map(() => uuid());
    const published = async () => {
      const streams = await Promise.all(
        ids.map((id) =>
          publishedStream({
            store,
            publish: publishLogin,
            service: 'identity',
            streamId: `login-${id}`,
            after: { epoch: 1, version: 0 },
          }),
        ),
      );
      return new Map(streams.map((stream, i) => [`login-${ids[i]}`, stream.map((message) => message.version)]));
    };
    for (const round of upTo(LONG ? 5 : 1)) {
      for (const id of ids) await appendLogins(store, id, 9);
      if (round === 1) await eventually(async () => total(await appliedIn(service.pool)) > 20);
      await under.cut();
      for (const id of ids) await appendLogins(store, id, 9);
      await under.mend();
      await eventually(async () => total(await appliedIn(service.pool)) >= total(await published()));
    }
    expect(await appliedIn(service.pool)).toEqual(await published());
    expect(await parkedList(service.pool, { skipped: true })).toEqual([]);
  });
});

describe.each(BUSES)('with the bus on %s', (_name, openBus) => {
  let service: TestDatabase;
  let under: TestBus;
  const alarms: string[] = [];
  const alarm = (_what: string, error: unknown) => {
    alarms.push(String(error));
  };

  beforeEach(async () => {
    [service, under] = await Promise.all([testDatabase(loginSchema), openBus()]);
    alarms.length = 0;
  });
  afterEach(() => Promise.all([service.drop(), under.drop()]));

  it(
    "T-CON-4 nothing is parked and nothing skipped while a consumer's database is down",
    async () => {
      const { proxy, pool } = await poolThroughProxy(service.url);
      const { bus } = under;
      const runner = new InboxRunner({
        consumer: 'mailer',
        pool,
        store: new PostgresEventStore(pool),
        bus,
        inbox: new LoginInbox(),
        alarm,
        backOffMaxMs: 300,
        parkedEveryMs: 100,
      });
      await runner.start();
      const stream = logins(600);
      await bus.publish(stream.slice(0, 100));
      await eventually(async () => total(await appliedIn(service.pool)) === 100);
      const until = performance.now() + DATABASE_DOWN_MS;
      await proxy.cut();
      for (let at = 100; performance.now() < until; at += 50) {
        await bus.publish(stream.slice(Math.min(at, 550), Math.min(at + 50, 600)));
        await sleep(DATABASE_DOWN_MS / 15);
      }
      await bus.publish(stream);
      expect(total(await appliedIn(service.pool))).toBe(100);
      expect(alarms.length).toBeGreaterThan(2);
      await proxy.mend();
      await eventually(async () => total(await appliedIn(service.pool)) === 600);
      expect([...(await appliedIn(service.pool)).values()]).toEqual([upTo(600)]);
      expect(await parkedList(service.pool, { skipped: true })).toEqual([]);
      await runner.stop();
      await pool.end();
      await proxy.cut();
    },
    DATABASE_DOWN_MS + 60_000,
  );

  it('T-CON-5 a consumer that is far behind catches up in flat memory', async () => {
    await fill(under.bus, BEHIND);
    const { bus } = under;
    const runner = new InboxRunner({
      consumer: 'mailer',
      pool: service.pool,
      store: new PostgresEventStore(service.pool),
      bus,
      inbox: new LoginInbox(),
      alarm,
    });
    const before = heap();
    let most = 0;
    await runner.start();
    await eventually(async () => {
      await sleep(100);
      most = Math.max(most, heap() - before);
      const { rows } = await service.pool.query<{ next: string | number }>(
        'SELECT coalesce(sum(next_offset), 0) AS next FROM inbox_offsets',
      );
      return Number(rows[0]?.next) === BEHIND;
    }, 280_000);
    expect(most).toBeLessThan(30 * MB);
    expect((await service.pool.query('SELECT FROM seen')).rowCount).toBe(BEHIND);
    await runner.stop();
  }, 330_000);

  it(
    'T-BUS-7 an idle service takes less than a hundredth of a core',
    async () => {
      const services = [
        'identity',
        'organization',
        'key-management',
        'inactivity-policy',
        'job-queue',
        'mailer',
      ] as const;
      const databases = await Promise.all(services.map(() => testDatabase(loginSchema)));
      const running = await Promise.all(
        services.map(async (name, i) => {
          const bus = await under.open(name);
          const pool = databases[i]?.pool ?? service.pool;
          const doorbell = new Doorbell();
          const store = new PostgresEventStore(pool, { doorbell });
          const watch = new LogWatch(pool, doorbell);
          watch.start();
          const relay = new Relay({
            service: name,
            pool,
            store,
            watch,
            bus,
            publish: name === 'identity' ? publishLogin : () => 'private',
            alarm,
          });
          const runner = new InboxRunner({ consumer: name, pool, store, bus, inbox: new LoginInbox(), alarm });
          await relay.start();
          await runner.start();
          await appendLogins(store, uuid(), 2).catch(() => undefined);
          return { watch, relay, runner };
        }),
      );
      await sleep(1_000);
      const shares: number[] = [];
      for (let look = 0; look < LOOKS; look++) {
        const [cpu, begun] = [process.cpuUsage(), performance.now()];
        await sleep(IDLE_MS / LOOKS);
        const used = process.cpuUsage(cpu);
        shares.push((used.user + used.system) / 1_000 / (performance.now() - begun));
      }
      // What else this process does (its collector, its compiler) and a machine that is at work only add to it.
      const share = Math.min(...shares);
      await Promise.all(
        running.map(async ({ watch, relay, runner }) => {
          await Promise.all([runner.stop(), relay.stop()]);
          await watch.stop();
        }),
      );
      await Promise.all(databases.map((database) => database.drop()));
      expect(share).toBeLessThan(0.01 * services.length);
    },
    IDLE_MS + 30_000,
  );
});
