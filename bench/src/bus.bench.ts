import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Bus,
  busSchema,
  epochsSchema,
  InboxRunner,
  inboxSchema,
  KafkaBus,
  PostgresBus,
  type Publish,
  Relay,
  relaySchema,
  topicsOf,
} from '#bus';
import { Doorbell, LogWatch, logSchema, PostgresEventStore } from '#event-sourcing';
import { type EmbeddedServer, startEmbeddedKafka, startEmbeddedPostgres, whyNoKafka } from '#local-servers';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { bareLoop, type Way } from './bus-floor.ts';
import type { ResultRow, Run } from './result.ts';
import { median } from './rounds.ts';

const PER_SECOND = 500;
const WINDOW_MS = 2_000;
const ARRIVE_MAX_MS = 10_000;
const P50_MAX_MS = 10;
const P99_MAX_MS = 50;

interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
}

/** P8: from the write of one service to the committed row of another, 500 a second in an open loop, through both buses. */
export const run: Run = async ({ rounds }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const server = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    password: 'bench',
    flags: ['max_wal_size=8GB', 'checkpoint_timeout=1h'],
  });
  const missing = whyNoKafka();
  const broker = missing === undefined ? await startEmbeddedKafka({ folder: join(folder, 'kafka') }) : undefined;
  const ways: Record<string, Way> = { embedded: await throughServices(server, 'embedded', await embeddedBus(server)) };
  try {
    if (broker) {
      ways.kafka = await throughServices(server, 'kafka', kafkaBus(broker.brokers, 6));
      ways.single = await throughServices(server, 'single', kafkaBus(broker.brokers, 1));
      ways.bare = await bareLoop(broker.brokers);
    }
    const seen = await measure(ways, rounds);
    const setting = `${PER_SECOND} writes a second in an open loop, each from its due time until the other service's commit; ${WINDOW_MS / 1000} s windows; both services, the load and all servers on the same cores; fsync on`;
    return {
      setting,
      rows: [
        ...rows('through Kafka, topics of 6 partitions', seen.kafka, missing),
        ...rows('through Kafka, topics of one partition', seen.single, missing),
        ...rows('through the embedded bus', seen.embedded),
      ],
      ...(seen.bare ? { note: noteOn(seen.bare) } : {}),
    };
  } finally {
    for (const way of Object.values(ways)) await way.end();
    await broker?.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The ways take turns. A first round warms up and does not count. */
async function measure(ways: Record<string, Way>, rounds: number): Promise<Record<string, Latencies>> {
  const windows = new Map(Object.keys(ways).map((name) => [name, [] as Latencies[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const window = await openLoop(way);
      if (round > 0) windows.get(name)?.push(window);
    }
  }
  return Object.fromEntries(
    [...windows].map(([name, list]) => [
      name,
      {
        p50: round1(median(list.map(({ p50 }) => p50))),
        p99: round1(median(list.map(({ p99 }) => p99))),
        lost: list.reduce((sum, { lost }) => sum + lost, 0),
      },
    ]),
  );
}

/** Writes at their due times, whether those before have ended or not. */
async function openLoop(way: Way): Promise<Latencies> {
  const due = new Map<string, number>();
  const took: number[] = [];
  const wrong: string[] = [];
  way.arrived((key) => {
    const from = due.get(key);
    if (from === undefined) wrong.push(key);
    else took.push(performance.now() - from);
    due.delete(key);
  });
  const begun = performance.now();
  const sends: Promise<unknown>[] = [];
  const count = (PER_SECOND * WINDOW_MS) / 1_000;
  for (let n = 0; n < count; n++) {
    const at = begun + (n * 1_000) / PER_SECOND;
    if (at > performance.now()) await sleep(at - performance.now());
    const key = `login-${uuid()}`;
    due.set(key, at);
    sends.push(way.send(key));
  }
  await Promise.all(sends);
  for (const deadline = performance.now() + ARRIVE_MAX_MS; due.size > 0 && performance.now() < deadline;)
    await sleep(10);
  took.sort((a, b) => a - b);
  return {
    p50: took[Math.floor(took.length * 0.5)] ?? NaN,
    p99: took[Math.floor(took.length * 0.99)] ?? NaN,
    lost: due.size + wrong.length,
  };
}

const SCHEMA = [...logSchema, ...relaySchema, ...inboxSchema, ...epochsSchema];

/** Two services as they are wired in production: log, relay, bus, inbox. */
async function throughServices(
  server: EmbeddedServer,
  name: string,
  { bus, end }: { bus: Bus; end: () => Promise<void> },
): Promise<Way> {
  const writer = await database(server, `${name}_writer`, SCHEMA);
  const reader = await database(server, `${name}_reader`, [...SCHEMA, 'CREATE TABLE seen (stream_id text NOT NULL)']);
  const doorbell = new Doorbell();
  const store = new PostgresEventStore(writer, { doorbell });
  const watch = new LogWatch(writer, doorbell);
  watch.start();
  const relay = new Relay({ service: 'identity', pool: writer, store, watch, bus, publish, alarm: complain });
  await relay.start();
  // Its topics are there before anybody asks for them.
  await bus.ranges('identity.logins');
  let listener: (key: string) => void = () => undefined;
  const applied: string[] = [];
  const inbox = new InboxRunner({
    consumer: 'mailer',
    pool: reader,
    store: new PostgresEventStore(reader),
    bus,
    alarm: complain,
    inbox: {
      topics: ['identity.logins'],
      receive: async (facts, { sql }) => {
        const ids = facts.map((fact) => fact.streamId);
        await sql.query('INSERT INTO seen SELECT unnest($1::text[])', [ids]);
        applied.push(...ids);
      },
    },
    // Rung when the batch is committed.
    doorbell: {
      ring: () => {
        for (const id of applied.splice(0)) listener(id);
      },
    },
  });
  await inbox.start();
  return {
    send: (streamId) =>
      store.append({
        streamId,
        expectedVersion: 0,
        events: [{ type: 'LoginRecorded', data: login() }],
        cause: { at: new Date(), correlationId: 'c', actor: 'service:bench' },
      }),
    arrived: (then) => {
      listener = then;
    },
    end: async () => {
      await Promise.all([inbox.stop(), relay.stop()]);
      await watch.stop();
      await end();
      await Promise.all([writer.end(), reader.end()]);
    },
  };
}

const login = () => ({
  accountId: uuid(),
  sessionId: uuid(),
  method: 'password' as const,
  at: '2026-01-01T00:00:00.000Z',
});
const publish: Publish = (event) => ({ name: 'LoginRecorded.v1', data: event.event.data as ReturnType<typeof login> });
const complain = (what: string, error: unknown) => {
  console.error(what, error);
};

async function embeddedBus(server: EmbeddedServer) {
  const pool = await database(server, 'bus', busSchema);
  const bus = new PostgresBus({ pool, alarm: complain });
  return { bus, end: () => bus.close().then(() => pool.end()) };
}

function kafkaBus(brokers: string, partitions: number) {
  const bus = new KafkaBus({
    brokers: [brokers],
    alarm: complain,
    owns: topicsOf('identity'),
    prefix: `p${partitions}.`,
    topicSettings: { partitions },
  });
  return { bus, end: () => bus.close() };
}

async function database(server: EmbeddedServer, name: string, schema: readonly string[]): Promise<Pool> {
  const admin = new Pool({ connectionString: server.url('postgres'), max: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const pool = new Pool({ connectionString: server.url(name), max: 10 });
  // The server may be gone before the last connection has closed.
  pool.on('error', () => undefined);
  for (const statement of schema) await pool.query(statement);
  return pool;
}

function rows(way: string, seen: Latencies | undefined, missing?: string): ResultRow[] {
  return (
    [
      ['p50', P50_MAX_MS],
      ['p99', P99_MAX_MS],
    ] as const
  ).map(([figure, most]) => {
    const row = { id: 'P8', against: `${figure} in ms, ${way}`, target: `<= ${most}` };
    if (!seen) return { ...row, met: false, wrongAnswers: 0, notMeasured: missing ?? 'there is no broker' };
    return { ...row, value: seen[figure], met: seen[figure] <= most && seen.lost === 0, wrongAnswers: seen.lost };
  });
}

const noteOn = ({ p50, p99 }: Latencies) =>
  `P8: a bare kafkajs loop on the same broker, six partitions, without any database, took ${p50} ms (p50) and ${p99} ms (p99).`;
const round1 = (value: number) => Math.round(value * 10) / 10;
