import { randomUUID } from 'node:crypto';
import { PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { BUSES, type TestBus } from '../buses.fixture.ts';
import type { Message } from '../port/bus.ts';
import type { OwnersHistory } from './foreign-source.ts';
import { InboxRunner } from '../inbox/runner.ts';
import {
  appendLogins,
  appliedIn,
  eventually,
  LoginInbox,
  loginSchema,
  publishLogin,
  TOPIC,
  total,
  upTo,
} from '../logins.fixture.ts';
import { publishedHistory } from './published-history.ts';
import { publishedStream } from './published-stream.ts';
import { NoSuchRange, replayRange, republish } from './replay.ts';
import { restartTopic, startFromHistory } from './start-from-history.ts';

/** Every third event is private. */
const published = (count: number) => upTo(count).filter((version) => version % 3 !== 0);

describe.each(BUSES)('all that an owner has published, with the bus on %s,', (_name, openBus) => {
  let owner: TestDatabase;
  let consumer: TestDatabase;
  let under: TestBus;
  let store: PostgresEventStore;
  const runners: InboxRunner[] = [];
  const log = () => ({ store, publish: publishLogin, service: 'identity' });
  const history: OwnersHistory = {
    all: (topics) => publishedHistory({ ...log(), topics }),
    stream: (_topic, streamId, after) => publishedStream({ ...log(), streamId, after }),
  };
  const ids = upTo(40).map(() => randomUUID());
  const whole = async () => (await Array.fromAsync(history.all([TOPIC]))).flat();

  beforeEach(async () => {
    [owner, consumer, under] = await Promise.all([testDatabase(loginSchema), testDatabase(loginSchema), openBus()]);
    store = new PostgresEventStore(owner.pool);
    for (const id of ids) await appendLogins(store, id, 40);
    await eventually(async () => (await whole()).length >= ids.length * published(40).length);
  });
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    await under.drop();
    await Promise.all([owner.drop(), consumer.drop()]);
  });

  function runner(options: { owners?: OwnersHistory } = {}): InboxRunner {
    const made = new InboxRunner({
      consumer: 'mailer',
      pool: consumer.pool,
      store: new PostgresEventStore(consumer.pool),
      bus: under.bus,
      inbox: new LoginInbox(),
      alarm: () => undefined,
      ...options,
    });
    runners.push(made);
    return made;
  }
  const expectAll = async (count: number) => {
    await eventually(async () => total(await appliedIn(consumer.pool)) >= ids.length * published(count).length);
    const applied = await appliedIn(consumer.pool);
    expect(applied.size).toBe(ids.length);
    for (const versions of applied.values()) expect(versions).toEqual(published(count));
  };

  it('is the same as the relay would publish, also from the middle and of some types', async () => {
    const all = await whole();
    for (const id of ids)
      expect(all.filter((message) => message.key === `login-${id}`)).toEqual(
        await publishedStream({ ...log(), streamId: `login-${id}`, after: { epoch: 1, version: 0 } }),
      );
    const middle = all[700];
    const [epoch = '', txid = '', pos = ''] = middle?.position.split('.') ?? [];
    const rest = (
      await Array.fromAsync(
        publishedHistory({ ...log(), after: { epoch: Number(epoch), txid: BigInt(txid), pos: BigInt(pos) } }),
      )
    ).flat();
    expect(rest).toEqual(all.slice(701));
    expect(await Array.fromAsync(publishedHistory({ ...log(), types: ['KeyRevoked.v1'] }))).toEqual([]);
  });

  it('brings a new consumer up and over to the bus, without a gap and without a double', async () => {
    const all = await whole();
    // The bus has forgotten most, and what is new comes while the history is read.
    await under.bus.publish(all.slice(-100));
    let told = false;
    const slow: OwnersHistory = {
      ...history,
      async *all(topics) {
        for await (const messages of history.all(topics)) {
          yield messages;
          if (told) continue;
          told = true;
          for (const id of ids) await appendLogins(store, id, 20);
          await eventually(async () => (await whole()).length >= ids.length * published(60).length);
          await under.bus.publish((await whole()).filter((message) => message.version > 40));
        }
      },
    };
    const made = runner();
    await startFromHistory(made, { pool: consumer.pool, bus: under.bus, consumer: 'mailer' }, TOPIC, slow);
    await made.start();
    await expectAll(60);
    expect((await consumer.pool.query('SELECT FROM parked')).rowCount).toBe(0);
  });

  it('comes first where it was asked for: the bus has lost what quiet streams had said', async () => {
    await under.bus.publish((await whole()).slice(0, 300));
    const first = runner();
    await first.start();
    await eventually(async () => total(await appliedIn(consumer.pool)) === 300);
    await first.stop();
    await restartTopic(consumer.pool, 'mailer', TOPIC);
    await runner({ owners: history }).start();
    await expectAll(40);
  });

  it('comes first also for a consumer that is at work when it is asked for', async () => {
    const all = await whole();
    const newest = all.at(-1);
    await under.bus.publish(all.slice(0, 300));
    const made = runner({ owners: history });
    await made.start();
    await eventually(async () => total(await appliedIn(consumer.pool)) === 300);
    await restartTopic(consumer.pool, 'mailer', TOPIC);
    if (newest) await under.bus.publish([newest]);
    await expectAll(40);
    await appendLogins(store, ids[0] ?? '', 1);
    await eventually(async () => (await whole()).length > all.length);
    await under.bus.publish((await whole()).slice(all.length));
    await eventually(async () => (await made.applied(`login-${ids[0]}`)).version === 41);
    await eventually(() => made.faults.length === 0);
  });

  it('can be published again, and consumers drop what they know', async () => {
    const all = await whole();
    await under.bus.publish(all.slice(0, 200));
    await runner().start();
    await eventually(async () => total(await appliedIn(consumer.pool)) === 200);
    expect(await republish({ ...log(), bus: under.bus, topic: TOPIC })).toBe(all.length);
    await expectAll(40);
    await expect(republish({ ...log(), bus: under.bus, topic: 'key-management.keys' })).rejects.toThrow('does not own');
  });

  it('is replayed in part to a scratch topic of a named consumer, and never to the live one', async () => {
    const all = await whole();
    const [from, to] = [
      (await store.readLog({ epoch: 0, txid: 0n, pos: 0n }, 10))[3],
      (await store.readLog({ epoch: 0, txid: 0n, pos: 0n }, 100))[99],
    ];
    if (!from || !to) throw new Error('the log is too short');
    const delivered: Message[] = [];
    const options = {
      ...log(),
      sql: owner.pool,
      from: from.cursor,
      to: to.cursor,
      consumer: 'mailer',
      run: '1',
      deliver: async (messages: readonly Message[]) => {
        delivered.push(...messages);
      },
    };
    const { topic, facts } = await replayRange(options);
    expect(topic).toBe('replay.mailer.1');
    expect(facts).toBe(delivered.length);
    expect(delivered.map(({ eventId }) => eventId)).toEqual(
      all
        .slice(all.findIndex(({ eventId }) => eventId === delivered[0]?.eventId))
        .slice(0, facts)
        .map(({ eventId }) => eventId),
    );
    expect(new Set(delivered.map((message) => message.topic))).toEqual(new Set([topic]));
    expect((await under.bus.ranges(TOPIC)).every((range) => range.next === range.first)).toBe(true);
    await expect(replayRange({ ...options, from: to.cursor, to: from.cursor })).rejects.toThrow(
      'ends before it begins',
    );
    await expect(replayRange({ ...options, to: { ...to.cursor, pos: 10n ** 9n } })).rejects.toThrow(NoSuchRange);
  });
});
