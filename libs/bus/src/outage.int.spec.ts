import { connect, createServer, type Server, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Doorbell, LogWatch, PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { InboxRunner } from './inbox-runner.ts';
import { appendLogins, appliedIn, eventually, logins, LoginInbox, loginSchema, publishLogin, TOPIC, total, upTo } from './logins.example.ts';
import { parkedList } from './parked.ts';
import { readRecords } from './postgres/bus-reader.ts';
import { busSchema } from './postgres/bus-schema.ts';
import { PostgresBus } from './postgres/postgres-bus.ts';
import { publishedStream } from './published-stream.ts';
import { Relay, relayReached } from './relay.ts';

const LONG = process.env.ROLLCALL_LONG === '1';
const BUS_DOWN_MS = LONG ? 600_000 : 1_500;
const DATABASE_DOWN_MS = LONG ? 300_000 : 1_500;
const BEHIND = LONG ? 1_000_000 : 40_000;
const IDLE_MS = LONG ? 60_000 : 3_000;
const MB = 2 ** 20;

/** A way to the database that can be cut, as when the server is gone. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;
  constructor(private readonly target: URL) {}

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => { this.sockets.delete(socket); near.destroy(); far.destroy(); });
      }
      near.pipe(far).pipe(near);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  pool(): pg.Pool {
    const pool = new pg.Pool({ connectionString: Object.assign(new URL(this.target.href), { port: String(this.port) }).href, max: 6 });
    pool.on('error', () => undefined);
    return pool;
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = () => {
  collect();
  return process.memoryUsage().heapUsed;
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('while something is away', () => {
  let service: TestDatabase;
  let busDatabase: TestDatabase;
  const alarms: string[] = [];
  const alarm = (_what: string, error: unknown) => { alarms.push(String(error)); };

  beforeEach(async () => {
    [service, busDatabase] = await Promise.all([testDatabase(loginSchema), testDatabase(busSchema)]);
    alarms.length = 0;
  });
  afterEach(() => Promise.all([service.drop(), busDatabase.drop()]));

  it('T-BUS-4 appends work without the bus, memory stays flat, and it drains in order', async () => {
    const wire = new Wire(new URL(busDatabase.url));
    await wire.open();
    const busPool = wire.pool();
    const doorbell = new Doorbell();
    const store = new PostgresEventStore(service.pool, { doorbell });
    const watch = new LogWatch(service.pool, doorbell);
    watch.start();
    const bus = new PostgresBus({ pool: busPool, alarm });
    const relay = new Relay({ service: 'identity', pool: service.pool, store, watch, bus, publish: publishLogin, alarm, backOffMaxMs: 300 });
    await relay.start();
    const ids = upTo(20).map(() => uuid());
    await appendLogins(store, ids[0] ?? '', 1);
    await eventually(async () => (await readRecords(busDatabase.pool, TOPIC, 0, 10)).length === 1);
    await wire.cut();
    const before = heap();
    const until = performance.now() + BUS_DOWN_MS;
    for (let round = 0; performance.now() < until; round++) {
      await appendLogins(store, ids[round % ids.length] ?? '', 30);
      await sleep(LONG ? 200 : 20);
    }
    expect(heap() - before).toBeLessThan(30 * MB);
    expect(relay.state).toBe('failing');
    await wire.open();
    const head = await store.head();
    await eventually(() => relayReached(service.pool, 'identity', head), LONG ? 60_000 : 8_000);
    const records = await readRecords(busDatabase.pool, TOPIC, 0, 1_000_000);
    for (const id of ids) {
      const told = await publishedStream({ store, publish: publishLogin, service: 'identity', streamId: `login-${id}`, afterVersion: 0 });
      expect(records.filter((record) => record.message.key === `login-${id}`).map((record) => record.message)).toEqual(told);
    }
    await relay.stop();
    await watch.stop();
    await bus.close();
    await busPool.end();
    await wire.cut();
  }, BUS_DOWN_MS + 90_000);

  it('T-CON-4 nothing is parked and nothing skipped while a consumer\'s database is down', async () => {
    const wire = new Wire(new URL(service.url));
    await wire.open();
    const pool = wire.pool();
    const bus = new PostgresBus({ pool: busDatabase.pool, alarm, leaseMs: 600 });
    const runner = new InboxRunner({ consumer: 'mailer', pool, store: new PostgresEventStore(pool), bus, inbox: new LoginInbox(), alarm, backOffMaxMs: 300, parkedEveryMs: 100 });
    await runner.start();
    const stream = logins(600);
    await bus.publish(stream.slice(0, 100));
    await eventually(async () => total(await appliedIn(service.pool)) === 100);
    const until = performance.now() + DATABASE_DOWN_MS;
    await wire.cut();
    for (let at = 100; performance.now() < until; at += 50) {
      await bus.publish(stream.slice(Math.min(at, 550), Math.min(at + 50, 600)));
      await sleep(DATABASE_DOWN_MS / 15);
    }
    await bus.publish(stream);
    expect(total(await appliedIn(service.pool))).toBe(100);
    expect(alarms.length).toBeGreaterThan(2);
    await wire.open();
    await eventually(async () => total(await appliedIn(service.pool)) === 600);
    expect([...(await appliedIn(service.pool)).values()]).toEqual([upTo(600)]);
    expect(await parkedList(service.pool, { skipped: true })).toEqual([]);
    await runner.stop();
    await bus.close();
    await pool.end();
    await wire.cut();
  }, DATABASE_DOWN_MS + 60_000);

  it('T-CON-5 a consumer that is far behind catches up in flat memory', async () => {
    await busDatabase.asOwner(
      `INSERT INTO bus_topics VALUES ('${TOPIC}', ${BEHIND})`,
      `INSERT INTO bus_log (topic, "offset", key, event_id, headers, value)
       SELECT '${TOPIC}', n, 'login-' || n % 1000, 'e' || n,
              jsonb_build_object('ce_id', 'e' || n, 'ce_type', 'LoginRecorded.v1', 'ce_source', 'identity', 'ce_time', '2026-01-01T00:00:00.000Z',
                'stream_version', (n / 1000 + 1)::text, 'stream_previous', (n / 1000)::text, 'source_position', '1.1.' || n, 'correlation_id', 'c'),
              '{"accountId": "01890a5d-ac96-774b-bcce-b302099a8057", "sessionId": "01890a5d-ac96-774b-bcce-b302099a8058", "method": "password", "at": "2026-01-01T00:00:00.000Z"}'
         FROM generate_series(0, ${BEHIND - 1}) AS n`);
    const bus = new PostgresBus({ pool: busDatabase.pool, alarm });
    const runner = new InboxRunner({ consumer: 'mailer', pool: service.pool, store: new PostgresEventStore(service.pool), bus, inbox: new LoginInbox(), alarm });
    const before = heap();
    let most = 0;
    await runner.start();
    await eventually(async () => {
      most = Math.max(most, heap() - before);
      const { rows } = await service.pool.query<{ next: string | number }>('SELECT coalesce(max(next_offset), 0) AS next FROM inbox_offsets');
      return Number(rows[0]?.next) === BEHIND;
    }, LONG ? 300_000 : 90_000);
    expect(most).toBeLessThan(30 * MB);
    expect((await service.pool.query('SELECT FROM seen')).rowCount).toBe(BEHIND);
    await runner.stop();
    await bus.close();
  }, 330_000);

  it('T-BUS-7 an idle service takes less than a hundredth of a core', async () => {
    const services = ['identity', 'organization', 'key-management', 'inactivity-policy', 'job-queue', 'mailer'];
    const databases = await Promise.all(services.map(() => testDatabase(loginSchema)));
    const bus = new PostgresBus({ pool: busDatabase.pool, alarm });
    const running = await Promise.all(services.map(async (name, i) => {
      const pool = databases[i]?.pool ?? service.pool;
      const doorbell = new Doorbell();
      const store = new PostgresEventStore(pool, { doorbell });
      const watch = new LogWatch(pool, doorbell);
      watch.start();
      const relay = new Relay({ service: name, pool, store, watch, bus, publish: publishLogin, alarm });
      const runner = new InboxRunner({ consumer: name, pool, store, bus, inbox: new LoginInbox(), alarm });
      await relay.start();
      await runner.start();
      await appendLogins(store, uuid(), 2).catch(() => undefined);
      return { watch, relay, runner };
    }));
    await sleep(1_000);
    const [cpu, begun] = [process.cpuUsage(), performance.now()];
    await sleep(IDLE_MS);
    const used = process.cpuUsage(cpu);
    const share = (used.user + used.system) / 1_000 / (performance.now() - begun);
    await Promise.all(running.map(async ({ watch, relay, runner }) => {
      await Promise.all([runner.stop(), relay.stop()]);
      await watch.stop();
    }));
    await bus.close();
    await Promise.all(databases.map((database) => database.drop()));
    expect(share).toBeLessThan(0.01 * services.length);
  }, IDLE_MS + 30_000);
});
