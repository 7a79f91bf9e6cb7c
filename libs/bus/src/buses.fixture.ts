import { randomUUID } from 'node:crypto';
import type { GrpcOwner } from '#contracts';
import { canOwnKafka, ownKafka, TcpProxy, testDatabase, type TestDatabase } from '#testing';
import { ConfigResourceTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import pg from 'pg';
import type { Bus, BusRecord, Message, RawRecord } from './port/bus.ts';
import type { BusUnderTest } from './port/bus.contract.ts';
import { kafka, kafkaUnderTest } from './kafka/kafka-bus.fixture.ts';
import { TOPIC } from './logins.fixture.ts';
import { busSchema } from './postgres/bus-schema.ts';
import { PostgresBus } from './postgres/postgres-bus.ts';
import { topicsOf } from './relay/rolled-back.ts';

/** One of the two buses, with what tests need beyond the port. */
export interface TestBus extends BusUnderTest {
  /** As a process is told: `postgres://…` or `kafka://<broker>/<prefix>`. */
  readonly address: string;
  /** As this service would have it in a process of its own, at the pace of production. */
  open(service: GrpcOwner): Promise<Bus>;
  /** Whether the bus itself leaves out what comes twice. */
  readonly once: boolean;
  /** Adds records to the first partition that no relay wrote. */
  plant(records: readonly RawRecord[]): Promise<void>;
  /** Whether the bus itself can hold these bytes. */
  takes(where: 'key' | 'value' | 'header', bytes: Buffer): boolean;
  /** Forgets the oldest records of the topic's first partition. */
  forgetBefore(offset: number): Promise<void>;
}

/** A bus whose server can be taken away and brought back, with what it held. */
export interface BreakableBus extends BusUnderTest {
  cut(): Promise<void>;
  mend(): Promise<void>;
}

type Open = (options?: { partitions?: number }) => Promise<TestBus>;

async function postgresBus(): Promise<TestBus> {
  const database = await testDatabase(busSchema);
  const ends: (() => Promise<unknown>)[] = [];
  const open = (pool: pg.Pool) => {
    const bus = new PostgresBus({ pool, alarm: () => undefined, leaseMs: 600 });
    ends.unshift(() => bus.close());
    return bus;
  };
  return {
    bus: open(database.pool),
    address: database.url,
    once: true,
    join: () => {
      const pool = new pg.Pool({ connectionString: database.url, max: 5 });
      pool.on('error', () => undefined);
      ends.push(() => pool.end());
      return Promise.resolve(open(pool));
    },
    open: () => Promise.resolve(open(database.pool)),
    plant: (records) => plantRows(database, records),
    takes: (where, bytes) => isText(bytes) && (where !== 'value' || isJsonb(bytes.toString())),
    forgetBefore: (offset) => database.asOwner(`DELETE FROM bus_log WHERE "offset" < ${offset}`),
    drop: async () => {
      for (const end of ends) await end();
      await database.drop();
    },
  };
}

function kafkaBus({ partitions }: { partitions?: number } = {}): Promise<TestBus> {
  const under = kafkaUnderTest(partitions === undefined ? {} : { partitions });
  const brokers = [...(kafka?.brokers ?? [])];
  return Promise.resolve({
    ...under,
    address: `kafka://${brokers[0]}/${under.prefix}`,
    once: false,
    open: (service) => Promise.resolve(under.open({ owns: topicsOf(service), pace: {} })),
    plant: (records) => plantRecords(brokers, `${under.prefix}${TOPIC}`, records),
    takes: () => true,
    forgetBefore: async (offset) => {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      // Loads what it must know of the topic.
      await admin.fetchTopicOffsets(`${under.prefix}${TOPIC}`);
      await admin.deleteTopicRecords({
        topic: `${under.prefix}${TOPIC}`,
        partitions: [{ partition: 0, offset: String(offset) }],
      });
      await admin.disconnect();
    },
  });
}

/** As the owner of the database, past `bus_publish`. */
const plantRows = (database: TestDatabase, records: readonly RawRecord[]): Promise<void> =>
  database.asOwner(
    ...records.flatMap(({ key, value, headers }) => [
      `INSERT INTO bus_topics VALUES ('${TOPIC}') ON CONFLICT DO NOTHING`,
      `WITH next AS (UPDATE bus_topics SET next_offset = next_offset + 1 WHERE topic = '${TOPIC}' RETURNING next_offset - 1 AS at)
   INSERT INTO bus_log (topic, "offset", key, event_id, headers, value) SELECT '${TOPIC}', at, ${pg.escapeLiteral(String(key ?? ''))}, '${randomUUID()}', ${pg.escapeLiteral(JSON.stringify(Object.fromEntries(headers.map(([name, held]) => [name, held.toString()]))))}, ${pg.escapeLiteral(String(value ?? 'null'))} FROM next`,
    ]),
  );

const isText = (bytes: Buffer): boolean => !bytes.includes(0) && Buffer.from(bytes.toString()).equals(bytes);

/** What PostgreSQL would not take as jsonb cannot come from it. */
const isJsonb = (text: string): boolean => {
  try {
    return JSON.parse(text) !== undefined && !/\\u0000|\\ud[89a-f]/i.test(text) && !text.includes('['.repeat(5_000));
  } catch {
    return false;
  }
};

async function plantRecords(brokers: string[], topic: string, records: readonly RawRecord[]) {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  // As an operator may have set it: by itself a broker takes a mebibyte.
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries: [{ name: 'max.message.bytes', value: '20000000' }],
      },
    ],
  });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const { key, value, headers } of records) {
    const held = Object.fromEntries(
      [...Map.groupBy(headers, ([name]) => name)].map(([name, list]) => [name, list.map(([, bytes]) => bytes)]),
    );
    await producer.send({ topic, messages: [{ key, value, headers: held, partition: 0 }] });
  }
  await producer.disconnect();
}

/** For `describe.each`: both buses, or only the one that needs no broker. */
export const BUSES: [string, Open][] = [
  ['PostgreSQL', postgresBus],
  ...(kafka ? [['Kafka', kafkaBus] satisfies [string, Open]] : []),
];

/** A pool of a database that can be cut off from it, as when the server is gone. */
export async function poolThroughProxy(url: string): Promise<{ proxy: TcpProxy; pool: pg.Pool }> {
  const proxy = await TcpProxy.to(new URL(url).host);
  const pool = new pg.Pool({
    connectionString: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(proxy.port) }).href,
    max: 6,
  });
  pool.on('error', () => undefined);
  return { proxy, pool };
}

async function breakablePostgresBus(): Promise<BreakableBus> {
  const database = await testDatabase(busSchema);
  const { proxy, pool } = await poolThroughProxy(database.url);
  const buses: PostgresBus[] = [];
  const open = () => {
    const bus = new PostgresBus({ pool, alarm: () => undefined, leaseMs: 600 });
    buses.push(bus);
    return bus;
  };
  return {
    bus: open(),
    join: () => Promise.resolve(open()),
    cut: () => proxy.cut(),
    mend: () => proxy.mend(),
    drop: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await pool.end();
      await proxy.cut();
      await database.drop();
    },
  };
}

async function breakableKafkaBus(): Promise<BreakableBus> {
  const broker = await ownKafka();
  const under = kafkaUnderTest({ brokers: broker.brokers });
  return {
    ...under,
    cut: () => broker.kill(),
    mend: () => broker.restart(),
    drop: async () => {
      await under.drop();
      await broker.drop();
    },
  };
}

/** The same for tests that take the server away. */
export const BREAKABLE: [string, () => Promise<BreakableBus>][] = [
  ['PostgreSQL', breakablePostgresBus],
  ...(canOwnKafka() ? [['Kafka', breakableKafkaBus] satisfies [string, () => Promise<BreakableBus>]] : []),
];

/** How many records a topic holds. */
export const countOf = async (bus: Bus): Promise<number> =>
  (await bus.ranges(TOPIC)).reduce((sum, range) => sum + range.next - range.first, 0);

/** All records that a topic holds now, as a consumer gets them. */
export async function recordsOf(bus: Bus): Promise<BusRecord[]> {
  const ranges = await bus.ranges(TOPIC);
  const wanted = ranges.reduce((sum, range) => sum + range.next - range.first, 0);
  const found: BusRecord[] = [];
  if (wanted === 0) return found;
  await new Promise<void>((resolve) => {
    const following = bus.follow(`reader-${randomUUID()}`, [TOPIC], {
      assigned: ({ partition }) => Promise.resolve(ranges.find((range) => range.partition === partition)?.first ?? 0),
      receive: (_partition, records) => {
        found.push(...records);
        if (found.length >= wanted) void following.stop().then(resolve);
        return Promise.resolve({ offset: (records.at(-1)?.offset ?? 0) + 1 });
      },
      revoked: () => undefined,
    });
  });
  return found;
}

/** The messages that remain after repeated ones are dropped, as an inbox does. */
export function firstOfEach(messages: readonly Message[]): Message[] {
  const known = new Set<string>();
  return messages.filter(({ eventId }) => !known.has(eventId) && known.add(eventId));
}
