import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresEventStore } from '#event-sourcing';
import { canOwnKafka, ownKafka, testDatabase, type TestDatabase } from '#testing';
import { type Admin, AssignerProtocol, Kafka, logLevel, Partitioners } from 'kafkajs';
import { InboxRunner } from '../inbox/runner.ts';
import { appliedIn, eventually, logins, LoginInbox, loginSchema, TOPIC, total, upTo } from '../logins.fixture.ts';
import { toHeaders } from '../port/message.ts';
import { parkedList, skip } from '../inbox/parked.ts';
import type { KafkaBus } from './kafka-bus.ts';
import { describeKafka, type KafkaUnderTest, kafka, kafkaUnderTest, QUICK } from './kafka-bus.fixture.ts';

const LONG = process.env.ROLLCALL_LONG === '1';
const CHURN = LONG ? { forMs: 60_000, everyMs: 2_000 } : { forMs: 8_000, everyMs: 1_000 };

describeKafka('Kafka bus', () => {
  let service: TestDatabase;
  let under: KafkaUnderTest;
  let admin: Admin;
  const runners: InboxRunner[] = [];
  const alarms: string[] = [];
  const alarm = (what: string, error: unknown) => {
    alarms.push(`${what} ${String(error)}`);
  };

  beforeEach(async () => {
    service = await testDatabase(loginSchema);
    under = kafkaUnderTest();
    admin = client().admin();
    await admin.connect();
    alarms.length = 0;
  });
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    await admin.disconnect();
    await under.drop();
    await service.drop();
  });

  const client = () => new Kafka({ brokers: [...(kafka?.brokers ?? [])], logLevel: logLevel.NOTHING });
  const consume = async (bus: KafkaBus = under.open({ alarm })) => {
    const made = new InboxRunner({
      consumer: 'mailer',
      pool: service.pool,
      store: new PostgresEventStore(service.pool),
      bus,
      inbox: new LoginInbox(),
      alarm,
      parkedEveryMs: 50,
      backOffMaxMs: 100,
    });
    runners.push(made);
    await made.start();
    return made;
  };
  const applied = async () => total(await appliedIn(service.pool));
  const nameOfTopic = () => `${under.prefix}${TOPIC}`;
  /** Logins until each partition holds some: keys fall where they fall. How many there are. */
  const fill = async (bus: KafkaBus): Promise<number> => {
    for (let count = 0; ; count += 30) {
      const ranges = count === 0 ? [] : await bus.ranges(TOPIC);
      if (ranges.length > 0 && ranges.every(({ next }) => next > 0)) return count;
      await bus.publish(upTo(30).flatMap(() => logins(1)));
    }
  };

  it(
    'T-BUS-5 loses nothing and applies nothing twice while members come and go under load, and settles within 15 s',
    async () => {
      const streams = upTo(50).map(() => logins(LONG ? 400 : 60));
      const members = [await consume(), await consume()];
      const until = performance.now() + CHURN.forMs;
      const load = (async () => {
        const rounds = streams[0]?.length ?? 0;
        for (const version of upTo(rounds)) {
          await under.bus.publish(streams.flatMap((stream) => stream.slice(version - 1, version)));
          await sleep(CHURN.forMs / rounds);
        }
      })();
      for (let turn = 0; performance.now() < until; turn++) {
        await sleep(CHURN.everyMs);
        if (turn % 2 === 0) members.push(await consume());
        else await members.shift()?.stop();
      }
      await load;
      await eventually(
        async () =>
          (await applied()) >= total(new Map(streams.map((stream) => [stream[0]?.key ?? '', upTo(stream.length)]))),
        15_000,
      );
      for (const stream of streams)
        expect((await appliedIn(service.pool)).get(stream[0]?.key ?? '')).toEqual(upTo(stream.length));
      expect(await parkedList(service.pool, { skipped: true })).toEqual([]);
    },
    CHURN.forMs + 60_000,
  );

  it('shares the partitions among the members of a group', async () => {
    await Promise.all([consume(), consume()]);
    await under.bus.publish(upTo(60).flatMap(() => logins(1)));
    await eventually(async () => (await applied()) === 60);
    const shares = async () =>
      (await admin.describeGroups([`${under.prefix}mailer`])).groups[0]?.members.map(
        (member) =>
          AssignerProtocol.MemberAssignment.decode(member.memberAssignment)?.assignment[nameOfTopic()]?.length,
      );
    await eventually(async () => String(await shares()) === '3,3');
  });

  it('tells the broker afterwards how far a group has come', async () => {
    await consume();
    await under.bus.publish(upTo(30).flatMap(() => logins(2)));
    // The group may have no coordinator yet.
    const offsets = () =>
      admin.fetchOffsets({ groupId: `${under.prefix}mailer`, topics: [nameOfTopic()] }).catch(() => []);
    const told = async () =>
      (await offsets())
        .flatMap(({ partitions }) => partitions)
        .reduce((sum, { offset }) => sum + Math.max(Number(offset), 0), 0);
    // More than sixty, when kafkajs had to send something again.
    const held = (await under.bus.ranges(TOPIC)).reduce((sum, range) => sum + range.next, 0);
    await eventually(async () => (await told()) === held);
    expect(await applied()).toBe(60);
  });

  it('asks the follower again, and it halts, when records are gone before they were read', async () => {
    const runner = await consume();
    const [early, late] = [logins(3), logins(3)];
    await under.bus.publish(early);
    await eventually(async () => (await applied()) === 3);
    const { partition = 0, next = 0 } = (await under.bus.ranges(TOPIC)).find((range) => range.next > 0) ?? {};
    // Its place is set forward by hand, as if another bus had been behind it.
    await service.pool.query('UPDATE inbox_offsets SET next_offset = 900, last_event_id = NULL WHERE partition = $1', [
      partition,
    ]);
    await runner.stop();
    const second = await consume();
    await eventually(() => second.faults.length === 1);
    expect(second.faults[0]).toContain(`the bus ends at ${next}`);
    await under.bus.publish(late);
    expect(alarms.join()).toContain('rollcall inbox restart mailer identity.logins');
  });

  it('halts within a moment when a topic was made anew under a consumer at work, and never jumps to another place', async () => {
    const runner = await consume();
    const count = await fill(under.bus);
    await eventually(async () => (await applied()) === count);
    await admin.deleteTopics({ topics: [nameOfTopic()] });
    await eventually(async () => !(await admin.listTopics()).includes(nameOfTopic()));
    await under.open().publish(logins(1));
    await eventually(() => runner.faults.length === 6);
    expect(await applied()).toBe(count);
    expect(alarms.join()).toContain('rollcall inbox restart mailer identity.logins');
  });

  it('refuses a topic of its own with another number of partitions, says what to do, and publishes nothing', async () => {
    await under.bus.publish(logins(1));
    const other = under.open({ topicSettings: { partitions: 3 } });
    await expect(other.publish(logins(1))).rejects.toThrow(/has 6 partitions.*set KAFKA_PARTITIONS to 6/);
    const ranges = await under.bus.ranges(TOPIC);
    expect(ranges.reduce((sum, range) => sum + range.next, 0)).toBe(1);
  });

  it('parks what no relay wrote, with what it held, and nothing waits behind it', async () => {
    const single = kafkaUnderTest({ partitions: 1 });
    const name = `${single.prefix}${TOPIC}`;
    const stream = logins(6);
    const key = stream[0]?.key ?? '';
    await single.bus.publish(stream.slice(0, 3));
    const producer = client().producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const good = stream[3] ?? stream[0];
    const headers = good ? { ...toHeaders(good) } : {};
    await producer.send({
      topic: name,
      messages: [
        { key, value: '{"without":"headers"}' },
        { key: null, value: 'no key' },
        { key, value: 'no JSON', headers },
        { key, value: null, headers },
        { key, value: '{}', headers: { ...headers, stream_version: 'many' } },
      ],
    });
    await producer.disconnect();
    await single.bus.publish([...stream.slice(3), ...logins(2)]);
    const runner = await consume(single.open({ alarm }));
    await eventually(async () => (await applied()) === 8 && (await parkedList(service.pool)).length === 5);
    expect((await appliedIn(service.pool)).get(key)).toEqual(upTo(6));
    expect(await runner.isParked(key)).toBe(false);
    const parked = await parkedList(service.pool);
    expect(parked.map((row) => [row.state, row.streamId])).toEqual(
      upTo(5).map((n) => ['failed', `unreadable-${TOPIC}-0-${n + 2}`]),
    );
    expect(parked[0]?.message.data).toMatchObject({ key, value: '{"without":"headers"}' });
    expect(alarms.join()).toContain('was not written by a relay');
    await skip(service.pool, parked[0]?.streamId ?? '', 'a test of ours');
    await eventually(async () => (await parkedList(service.pool)).length === 4);
    // The last record that was read may be one of them: the place is found again all the same.
    await runner.stop();
    const again = await consume(single.open({ alarm }));
    await single.bus.publish(logins(1));
    await eventually(async () => (await applied()) === 9);
    expect(again.faults).toEqual([]);
    await single.drop();
  });

  it('goes on behind what is no record at all: the marks that a transaction leaves', async () => {
    const single = kafkaUnderTest({ partitions: 1 });
    const stream = logins(4);
    await single.bus.publish(stream.slice(0, 2));
    await consume(single.open({ alarm }));
    await eventually(async () => (await applied()) === 2);
    const producer = client().producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      transactionalId: single.prefix,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (const ends of ['abort', 'commit'] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: `${single.prefix}${TOPIC}`, messages: [{ key: 'a', value: 'b' }] });
      await transaction[ends]();
    }
    await producer.disconnect();
    await single.bus.publish(stream.slice(2));
    await eventually(async () => (await applied()) === 4 && (await parkedList(service.pool)).length === 1);
    await single.drop();
  });

  it('publishes more at once than a broker takes in one request', async () => {
    const large = logins(40).map((message) => ({ ...message, data: { ...message.data, pad: 'x'.repeat(60_000) } }));
    await under.bus.publish(large);
    const ranges = await under.bus.ranges(TOPIC);
    expect(ranges.reduce((sum, range) => sum + range.next, 0)).toBe(40);
    await consume();
    await eventually(async () => (await applied()) === 40);
  });

  it('waits for topics whose owner has not made them yet', async () => {
    await consume(under.open({ owns: [], alarm }));
    await sleep(300);
    await under.bus.publish(logins(4));
    await eventually(async () => (await applied()) === 4);
  });

  (canOwnKafka() ? it : it.skip)(
    'stands still before another cluster that has a topic of the same name',
    async () => {
      const broker = await ownKafka();
      const elsewhere = kafkaUnderTest({ brokers: broker.brokers });
      try {
        const count = await fill(under.bus);
        const first = await consume();
        await eventually(async () => (await applied()) === count);
        await first.stop();
        await fill(elsewhere.bus);
        const second = await consume(elsewhere.open({ alarm, pace: QUICK }));
        await eventually(() => second.faults.length === 6);
        expect(second.faults[0]).toContain('it is another bus');
        expect(await applied()).toBe(count);
        await second.stop();
      } finally {
        await elsewhere.drop();
        await broker.drop();
      }
    },
    60_000,
  );
});
