import { randomUUID } from 'node:crypto';
import { PostgresEventStore, reopenLog } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { BUSES, countOf, type TestBus } from '../buses.fixture.ts';
import type { Message } from '../port/bus.ts';
import { InboxRunner } from './runner.ts';
import {
  appendLogins,
  appliedIn,
  eventually,
  LoginInbox,
  loginOwner,
  loginSchema,
  publishLogin,
  TOPIC,
} from '../logins.fixture.ts';
import { markOf, reaches } from '../port/message.ts';
import { parkedList, retry, skip } from './parked.ts';
import { publishedHistory } from '../history/published-history.ts';
import { publishedStream } from '../history/published-stream.ts';

/** A relay tells versions 1, 2, 4, 5 of a stream: every third event is private. */
describe.each(BUSES)('a log that was reopened from an older copy, with the bus on %s,', (_name, openBus) => {
  const [id, other] = [randomUUID(), randomUUID()];
  const key = `login-${id}`;
  let under: TestBus;
  const databases: TestDatabase[] = [];
  const ends: (() => Promise<unknown>)[] = [];

  const database = async () => {
    const made = await testDatabase(loginSchema);
    databases.push(made);
    return made;
  };
  const consume = async (
    options: {
      spoil?: () => void;
      history?: (after: { epoch: number; version: number }) => Promise<readonly Message[]>;
    } = {},
  ) => {
    const { pool } = await database();
    const { spoil, history } = options;
    const runner = new InboxRunner({
      consumer: 'mailer',
      pool,
      store: new PostgresEventStore(pool),
      bus: under.bus,
      inbox: new LoginInbox(spoil),
      alarm: () => undefined,
      parkedEveryMs: 50,
      backOffMaxMs: 100,
      ...(history ? { history: (_topic, _stream, after) => history(after) } : {}),
    });
    ends.unshift(() => runner.stop());
    await runner.start();
    return { runner, pool, applied: async (stream = key) => (await appliedIn(pool)).get(stream) ?? [] };
  };
  /** A service's log at work: its facts on the bus, until it is stopped. */
  const owner = async (at: TestDatabase) => {
    const { store, stop } = await loginOwner(at, under.bus);
    ends.unshift(stop);
    return {
      store,
      stop,
      history: (after: { epoch: number; version: number }) =>
        publishedStream({ store, publish: publishLogin, service: 'identity', streamId: key, after }),
    };
  };
  /** A copy with the first `count` events of the stream, after its operator has reopened it. */
  const copy = async (count: number) => {
    const restored = await database();
    await appendLogins(new PostgresEventStore(restored.pool), id, count);
    const asOwner = new pg.Pool({ connectionString: restored.ownerUrl, max: 1 });
    await reopenLog(asOwner);
    await asOwner.end();
    return restored;
  };

  beforeEach(async () => {
    under = await openBus({ partitions: 1 });
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await under.drop();
    await Promise.all(databases.splice(0).map((made) => made.drop()));
  });

  it('T-CON-7, T-MOV-7 is followed under versions that its lost branch had used, by inboxes and by whoever waits for them', async () => {
    const first = await owner(await database());
    await appendLogins(first.store, id, 5);
    const { runner, applied, pool } = await consume();
    await eventually(async () => (await applied()).length === 4);
    const lost = await first.history({ epoch: 1, version: 2 });
    await first.stop();
    const second = await owner(await copy(3));
    await appendLogins(second.store, id, 1);
    // Version 4 of the lost branch was applied; this one is another.
    await eventually(async () => (await applied()).length === 5);
    expect(await applied()).toEqual([1, 2, 4, 5, 4]);
    expect([await runner.applied(key), reaches(await runner.applied(key), { epoch: 2, version: 4 })]).toEqual([
      { epoch: 2, version: 4 },
      true,
    ]);
    expect(await second.history({ epoch: 1, version: 5 })).toMatchObject([{ version: 4, previous: 2 }]);
    expect(await second.history({ epoch: 0, version: 5 })).toEqual([]);
    // The lost branch's messages come late, and once more.
    await runner.receiveHistory(lost);
    await appendLogins(second.store, id, 2);
    await eventually(async () => (await applied()).length === 6);
    expect(await applied()).toEqual([1, 2, 4, 5, 4, 5]);
    expect(await parkedList(pool)).toEqual([]);
    const history = (
      await Array.fromAsync(
        publishedHistory({ store: second.store, publish: publishLogin, service: 'identity', topics: [TOPIC] }),
      )
    ).flat();
    expect(history.map(({ version, previous, previousEpoch }) => [version, previous, previousEpoch])).toEqual([
      [1, 0, undefined],
      [2, 1, undefined],
      [4, 2, undefined],
      [5, 4, 2],
    ]);
    await runner.receiveHistory(history);
    expect(await applied()).toHaveLength(6);
  });

  it('is asked for what the bus did not bring of its newer epoch, although the lost branch had as many versions', async () => {
    const first = await owner(await database());
    await appendLogins(first.store, id, 5);
    const restored = await copy(3);
    const store = new PostgresEventStore(restored.pool);
    const history = (after: { epoch: number; version: number }) =>
      publishedStream({ store, publish: publishLogin, service: 'identity', streamId: key, after });
    const { applied } = await consume({ history });
    await eventually(async () => (await applied()).length === 4);
    await first.stop();
    await appendLogins(store, id, 5);
    const all = await history({ epoch: 1, version: 0 });
    await under.bus.publish(all.slice(-1));
    await eventually(async () => (await applied()).length === 8);
    expect(await applied()).toEqual([1, 2, 4, 5, 4, 5, 7, 8]);
  });

  it('is not held up by what of its lost branch was parked', async () => {
    let broken = true;
    const first = await owner(await database());
    await appendLogins(first.store, id, 2);
    const consumer = await consume({
      spoil: () => {
        if (broken) throw new Error('cannot be');
      },
    });
    await eventually(async () => (await parkedList(consumer.pool)).length === 2);
    await skip(consumer.pool, key, 'a test of ours');
    await appendLogins(first.store, id, 3);
    await eventually(async () => (await parkedList(consumer.pool)).length === 3);
    await first.stop();
    const second = await owner(await copy(1));
    await appendLogins(second.store, id, 1);
    await eventually(
      async () => (await parkedList(consumer.pool)).map(({ message }) => markOf(message).epoch).join() === '2',
    );
    broken = false;
    await appendLogins(second.store, other, 1);
    await eventually(async () => {
      await retry(consumer.pool, key);
      return (await consumer.applied(`login-${other}`)).length === 1 && (await parkedList(consumer.pool)).length === 0;
    });
    expect(await consumer.applied()).toEqual([2]);
    expect(await countOf(under.bus)).toBeGreaterThan(5);
  });
});
