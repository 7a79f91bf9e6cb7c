import { randomUUID } from 'node:crypto';
import type { Topic } from '#contracts';
import { type EventStore, logSchema, PostgresEventStore } from '#event-sourcing';
import type { Pool } from 'pg';
import type { Bus, Follower, Message } from './bus.ts';
import type { DeliveredFact } from './delivered-fact.ts';
import type { History, Inbox } from './inbox.ts';
import { InboxRunner } from './inbox-runner.ts';
import { inboxSchema } from './inbox-schema.ts';

/** An empty bus. `join` is the same bus as another process would see it. */
export interface BusUnderTest {
  readonly bus: Bus;
  join(): Promise<Bus>;
  drop(): Promise<void>;
}

/** A database of a consumer's own. */
export interface ConsumerDatabase {
  readonly pool: Pool;
  drop(): Promise<void>;
}

export const TOPIC: Topic = 'identity.logins';
export const SEEN_SCHEMA: readonly string[] = [...logSchema, ...inboxSchema, `CREATE TABLE seen (seq bigint GENERATED ALWAYS AS IDENTITY, stream_id text NOT NULL, version integer NOT NULL, PRIMARY KEY (stream_id, version))`];

/** A published login: version `version` of its stream, after `previous`. */
export const login = (key: string, version: number, previous = version - 1): Message => ({
  topic: TOPIC, key, eventId: randomUUID(), type: 'LoginRecorded.v1', version, previous, source: 'identity', time: '2026-01-01T00:00:00.000Z',
  position: `1.${version}.${version}`, correlationId: 'c',
  data: { accountId: randomUUID(), sessionId: randomUUID(), method: 'password', at: '2026-01-01T00:00:00.000Z' },
});

/** Versions 1 to `count` of a new stream. */
export const logins = (count: number): Message[] => {
  const key = `login-${randomUUID()}`;
  return Array.from({ length: count }, (_, i) => login(key, i + 1));
};

/** Writes what it is given as rows, in its transaction. A second write of the same fact would fail on the primary key. */
export class SeenInbox implements Inbox {
  readonly topics = [TOPIC];
  constructor(readonly spoil: (fact: DeliveredFact) => void = () => undefined) {}

  async receive(facts: readonly DeliveredFact[], { sql }: { store: EventStore; sql: Parameters<Inbox['receive']>[1]['sql'] }): Promise<void> {
    facts.forEach((fact) => this.spoil(fact));
    await sql.query('INSERT INTO seen (stream_id, version) SELECT * FROM unnest($1::text[], $2::int[])', [facts.map((f) => f.streamId), facts.map((f) => f.version)]);
  }
}

/** Versions that were applied, by stream, in the order of applying. */
export async function seenIn(pool: Pool): Promise<Map<string, number[]>> {
  const { rows } = await pool.query<{ stream_id: string; version: number }>('SELECT stream_id, version FROM seen ORDER BY seq');
  return new Map([...Map.groupBy(rows, (row) => row.stream_id)].map(([key, list]) => [key, list.map((row) => row.version)]));
}

/** Looks again until it holds. */
export async function eventually(holds: () => Promise<boolean> | boolean, withinMs = 8_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const total = (seen: ReadonlyMap<string, readonly number[]>) => [...seen.values()].reduce((sum, list) => sum + list.length, 0);

/** What every bus must do, as a suite of tests: the same on PostgreSQL and on a real Kafka broker. */
export function busContract(name: string, makeBus: () => Promise<BusUnderTest>, makeDatabase: (schema: readonly string[]) => Promise<ConsumerDatabase>): void {
  describe(`bus on ${name}`, () => {
    let under: BusUnderTest;
    const databases: ConsumerDatabase[] = [];
    const runners: InboxRunner[] = [];

    beforeEach(async () => { under = await makeBus(); });
    afterEach(async () => {
      await Promise.all(runners.splice(0).map((runner) => runner.stop()));
      await under.drop();
      await Promise.all(databases.splice(0).map((database) => database.drop()));
    });

    const database = async () => {
      const made = await makeDatabase(SEEN_SCHEMA);
      databases.push(made);
      return made.pool;
    };
    const consume = async (pool: Pool, options: { consumer?: string; bus?: Bus; history?: History; alarm?: (what: string, error: unknown) => void } = {}) => {
      const { consumer = 'mailer', bus = under.bus, history, alarm = () => undefined } = options;
      const runner = new InboxRunner({ consumer, pool, store: new PostgresEventStore(pool), bus, inbox: new SeenInbox(), alarm, parkedEveryMs: 50, ...(history ? { history } : {}) });
      runners.push(runner);
      await runner.start();
      return runner;
    };

    it('T-BUS-1 brings every message to every group, in order per key', async () => {
      const streams = upTo(20).map(() => logins(30));
      for (const version of upTo(30)) await under.bus.publish(streams.flatMap((stream) => stream.slice(version - 1, version)));
      const [one, two] = [await database(), await database()];
      await consume(one);
      await consume(two, { consumer: 'job-queue' });
      for (const pool of [one, two]) {
        await eventually(async () => total(await seenIn(pool)) === 600);
        for (const versions of (await seenIn(pool)).values()) expect(versions).toEqual(upTo(30));
      }
    });

    it('T-BUS-1 keeps all that a message carries', async () => {
      const message: Message = { ...login('login-1', 1), causationId: 'cause', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
      await under.bus.publish([message]);
      const got = await new Promise<Message | undefined>((resolve) => {
        const follower: Follower = {
          assigned: () => Promise.resolve(0), revoked: () => undefined,
          receive: (_partition, records) => {
            resolve(records[0]?.message);
            return Promise.resolve({ offset: records.length });
          },
        };
        under.bus.follow('reader', [TOPIC], follower);
      });
      expect(got).toEqual(message);
    });

    it('T-BUS-1 goes on where the consumer\'s own database says after a restart', async () => {
      const pool = await database();
      const messages = logins(40);
      await under.bus.publish(messages.slice(0, 20));
      const first = await consume(pool);
      await eventually(async () => total(await seenIn(pool)) === 20);
      await first.stop();
      await under.bus.publish(messages.slice(20));
      await consume(pool);
      await eventually(async () => total(await seenIn(pool)) === 40);
      expect([...(await seenIn(pool)).values()]).toEqual([upTo(40)]);
    });

    it('T-BUS-1 applies a message once that was published twice', async () => {
      const pool = await database();
      const messages = logins(10);
      await under.bus.publish(messages.slice(0, 6));
      await under.bus.publish(messages);
      await under.bus.publish(messages);
      await under.bus.publish(logins(1));
      await consume(pool);
      await eventually(async () => total(await seenIn(pool)) === 11);
      expect((await seenIn(pool)).get(messages[0]?.key ?? '')).toEqual(upTo(10));
    });

    it('T-BUS-1 holds a key whose messages are missing until its owner has told them, while others flow', async () => {
      const pool = await database();
      const [missing, other] = [logins(6), logins(3)];
      let ask: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => { ask = resolve; });
      const history: History = async (_topic, streamId, after) => {
        await asked;
        return missing.filter((message) => message.key === streamId && message.version > after);
      };
      await under.bus.publish([...missing.slice(0, 1), ...missing.slice(3), ...other]);
      const runner = await consume(pool, { history });
      await eventually(async () => (await seenIn(pool)).get(other[0]?.key ?? '')?.length === 3);
      expect((await seenIn(pool)).get(missing[0]?.key ?? '')).toEqual([1]);
      expect(await runner.isParked(missing[0]?.key ?? '')).toBe(true);
      ask();
      await eventually(async () => !(await runner.isParked(missing[0]?.key ?? '')));
      expect((await seenIn(pool)).get(missing[0]?.key ?? '')).toEqual(upTo(6));
    });

    it('T-BUS-1 lets another member of the group go on when one stops, and applies nothing twice', async () => {
      const pool = await database();
      const messages = upTo(10).map(() => logins(20));
      const first = await consume(pool);
      await consume(pool, { bus: await under.join() });
      for (const stream of messages.slice(0, 5)) await under.bus.publish(stream);
      await eventually(async () => total(await seenIn(pool)) === 100);
      await first.stop();
      for (const stream of messages.slice(5)) await under.bus.publish(stream);
      await eventually(async () => total(await seenIn(pool)) === 200, 20_000);
      for (const versions of (await seenIn(pool)).values()) expect(versions).toEqual(upTo(20));
    });

    it('T-BUS-1 stops and says what to do when the bus is not the one that was read before', async () => {
      const pool = await database();
      await under.bus.publish(logins(5));
      const first = await consume(pool);
      await eventually(async () => total(await seenIn(pool)) === 5);
      await first.stop();
      await pool.query(`UPDATE inbox_offsets SET last_event_id = 'another'`);
      const alarms: string[] = [];
      const second = await consume(pool, { alarm: (_what, error) => { alarms.push(String(error)); } });
      await eventually(() => second.faults.length > 0);
      expect(alarms.join()).toContain('rollcall inbox restart mailer identity.logins');
    });

    it('T-BUS-1 tells what a topic holds', async () => {
      const messages = logins(4);
      await under.bus.publish(messages);
      const held = (await under.bus.ranges(TOPIC)).find((range) => range.next > range.first);
      expect(held && held.next - held.first).toBe(4);
      const record = await under.bus.recordAt(TOPIC, held?.partition ?? 0, (held?.next ?? 0) - 1);
      expect(record?.message.eventId).toBe(messages[3]?.eventId);
      expect(await under.bus.recordAt(TOPIC, held?.partition ?? 0, held?.next ?? 0)).toBeUndefined();
    });
  });
}
