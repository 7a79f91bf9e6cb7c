import { PostgresEventStore } from '#event-sourcing';
import type { Pool } from 'pg';
import type { Bus, Follower, Message } from './bus.ts';
import type { History } from '../inbox/inbox.ts';
import { InboxRunner } from '../inbox/runner.ts';
import {
  appliedIn,
  eventually,
  login,
  logins,
  LoginInbox,
  loginSchema,
  TOPIC,
  total,
  upTo,
} from '../logins.fixture.ts';

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

/** What every bus must do, as a suite of tests: the same on PostgreSQL and on a real Kafka broker. */
export function busContract(
  name: string,
  makeBus: () => Promise<BusUnderTest>,
  makeDatabase: (schema: readonly string[]) => Promise<ConsumerDatabase>,
): void {
  describe(`bus on ${name}`, () => {
    let under: BusUnderTest;
    const databases: ConsumerDatabase[] = [];
    const runners: InboxRunner[] = [];

    beforeEach(async () => {
      under = await makeBus();
    });
    afterEach(async () => {
      await Promise.all(runners.splice(0).map((runner) => runner.stop()));
      await under.drop();
      await Promise.all(databases.splice(0).map((database) => database.drop()));
    });

    const database = async () => {
      const made = await makeDatabase(loginSchema);
      databases.push(made);
      return made.pool;
    };
    const consume = async (
      pool: Pool,
      options: { consumer?: string; bus?: Bus; history?: History; alarm?: (what: string, error: unknown) => void } = {},
    ) => {
      const { consumer = 'mailer', bus = under.bus, history, alarm = () => undefined } = options;
      const runner = new InboxRunner({
        consumer,
        pool,
        store: new PostgresEventStore(pool),
        bus,
        inbox: new LoginInbox(),
        alarm,
        parkedEveryMs: 50,
        ...(history ? { history } : {}),
      });
      runners.push(runner);
      await runner.start();
      return runner;
    };

    it('T-BUS-1 brings every message to every group, in order per key', async () => {
      const streams = upTo(20).map(() => logins(30));
      for (const version of upTo(30))
        await under.bus.publish(streams.flatMap((stream) => stream.slice(version - 1, version)));
      const [one, two] = [await database(), await database()];
      await consume(one);
      await consume(two, { consumer: 'job-queue' });
      for (const pool of [one, two]) {
        await eventually(async () => total(await appliedIn(pool)) === 600);
        for (const versions of (await appliedIn(pool)).values()) expect(versions).toEqual(upTo(30));
      }
    });

    it('T-BUS-1 keeps all that a message carries', async () => {
      const message: Message = {
        ...login('login-1', 1),
        causationId: 'cause',
        actor: 'account:01890a5d-ac96-774b-bcce-b302099a8057',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      };
      await under.bus.publish([message]);
      const got = await new Promise<Message | undefined>((resolve) => {
        const follower: Follower = {
          assigned: () => Promise.resolve(0),
          revoked: () => undefined,
          receive: (_partition, records) => {
            resolve(records[0]?.message);
            return Promise.resolve({ offset: records.length });
          },
        };
        under.bus.follow('reader', [TOPIC], follower);
      });
      expect(got).toEqual(message);
    });

    it("T-BUS-1 goes on where the consumer's own database says after a restart", async () => {
      const pool = await database();
      const messages = logins(40);
      await under.bus.publish(messages.slice(0, 20));
      const first = await consume(pool);
      await eventually(async () => total(await appliedIn(pool)) === 20);
      await first.stop();
      await under.bus.publish(messages.slice(20));
      await consume(pool);
      await eventually(async () => total(await appliedIn(pool)) === 40);
      expect([...(await appliedIn(pool)).values()]).toEqual([upTo(40)]);
    });

    it('T-BUS-1 applies a message once that was published twice', async () => {
      const pool = await database();
      const messages = logins(10);
      await under.bus.publish(messages.slice(0, 6));
      await under.bus.publish(messages);
      await under.bus.publish(messages);
      await under.bus.publish(logins(1));
      await consume(pool);
      await eventually(async () => total(await appliedIn(pool)) === 11);
      expect((await appliedIn(pool)).get(messages[0]?.key ?? '')).toEqual(upTo(10));
    });

    it('T-BUS-1 holds a key whose messages are missing until its owner has told them, while others flow', async () => {
      const pool = await database();
      const [missing, other] = [logins(6), logins(3)];
      let ask: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => {
        ask = resolve;
      });
      const history: History = async (_topic, streamId, after) => {
        await asked;
        return missing.filter((message) => message.key === streamId && message.version > after.version);
      };
      await under.bus.publish([...missing.slice(0, 1), ...missing.slice(3), ...other]);
      const runner = await consume(pool, { history });
      await eventually(async () => (await appliedIn(pool)).get(other[0]?.key ?? '')?.length === 3);
      // Keys have no order among each other: this one may come later.
      await eventually(() => runner.isParked(missing[0]?.key ?? ''));
      expect((await appliedIn(pool)).get(missing[0]?.key ?? '')).toEqual([1]);
      ask();
      await eventually(async () => !(await runner.isParked(missing[0]?.key ?? '')));
      expect((await appliedIn(pool)).get(missing[0]?.key ?? '')).toEqual(upTo(6));
    });

    it('T-BUS-1 lets another member of the group go on when one stops, and applies nothing twice', async () => {
      const pool = await database();
      const messages = upTo(10).map(() => logins(20));
      const first = await consume(pool);
      await consume(pool, { bus: await under.join() });
      for (const stream of messages.slice(0, 5)) await under.bus.publish(stream);
      await eventually(async () => total(await appliedIn(pool)) === 100);
      await first.stop();
      for (const stream of messages.slice(5)) await under.bus.publish(stream);
      await eventually(async () => total(await appliedIn(pool)) === 200, 20_000);
      for (const versions of (await appliedIn(pool)).values()) expect(versions).toEqual(upTo(20));
    });

    it('T-BUS-1 stops and says what to do when the bus is not the one that was read before', async () => {
      const pool = await database();
      await under.bus.publish(logins(5));
      const first = await consume(pool);
      await eventually(async () => total(await appliedIn(pool)) === 5);
      await first.stop();
      await pool.query(`UPDATE inbox_offsets SET last_event_id = 'another'`);
      const alarms: string[] = [];
      const second = await consume(pool, {
        alarm: (_what, error) => {
          alarms.push(String(error));
        },
      });
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
