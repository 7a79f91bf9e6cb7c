import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '#contracts';
import { Processes, type Product } from '#testing';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { databaseUrl, postmaster } from '../product-database.ts';
import { join } from 'node:path';

/** Longer than a lease and than a member's session: a process that is paused so long finds that others have gone on. */
const PAST_LEASE_MS = 9_000;
const TOPICS = [
  'identity.accounts',
  'identity.logins',
  'organization.organizations',
  'key-management.keys',
  'job-queue.jobs',
];

/** What can be done to a product on `start:services`, by name. Each answers in words what it did; nothing is mended by hand. */
export type Disturbance = (house: House, random: () => number) => Promise<string>;

/** The product and its processes. */
export interface House {
  readonly product: Product;
  readonly processes: Processes;
}

const pick = <T>(from: readonly T[], random: () => number): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('there is nothing to choose from');
  return found;
};

async function killed(processes: Processes, name: string): Promise<void> {
  const before = processes.pid(name);
  process.kill(before, 'SIGKILL');
  await processes.restarted(name, before);
}

export const killService: Disturbance = async ({ processes }, random) => {
  const name = pick(processes.names, random);
  await killed(processes, name);
  return `kill -9 of ${name}`;
};

export const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  'two services at once': async ({ processes }, random) => {
    const first = pick(processes.names, random);
    const second = pick(
      processes.names.filter((name) => name !== first),
      random,
    );
    await Promise.all([killed(processes, first), killed(processes, second)]);
    return `${first} and ${second}`;
  },
  'a service paused past its lease': async ({ processes }, random) => {
    const name = pick(
      processes.names.filter((each) => !each.startsWith('gateway')),
      random,
    );
    const other = await processes.join(name as ServiceName);
    processes.signal(name, 'SIGSTOP');
    await pause(PAST_LEASE_MS);
    processes.signal(name, 'SIGCONT');
    await pause(1_000);
    await other.leave('SIGTERM');
    return `${name}, a second one at work meanwhile`;
  },
  'a second process that joins and leaves': async ({ processes }, random) => {
    const name = pick(
      ['key-management', 'organization', 'identity', 'inactivity-policy', 'mailer', 'job-queue'] as const,
      random,
    );
    const signal = random() < 0.5 ? 'SIGTERM' : 'SIGKILL';
    const other = await processes.join(name);
    await pause(2_000);
    await other.leave(signal);
    return `${name}, ${signal}`;
  },
  'the broker killed': async ({ processes }) => {
    const before = processes.broker;
    process.kill(before, 'SIGKILL');
    for (const deadline = Date.now() + 60_000; processes.broker === before && Date.now() < deadline;) await pause(100);
    return 'started again by itself';
  },
  'the broker silent': async ({ processes }) => {
    process.kill(processes.broker, 'SIGSTOP');
    await pause(PAST_LEASE_MS);
    process.kill(processes.broker, 'SIGCONT');
    return `for ${PAST_LEASE_MS / 1000} s`;
  },
  'PostgreSQL killed': async ({ product }) => {
    const data = join(product.dataFolder, 'data');
    const { pid } = postmaster(data);
    process.kill(pid, 'SIGKILL');
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(200))
      if (await answers(product)) return 'started again by itself';
    throw new Error('PostgreSQL did not come back');
  },
  'connections cut': async ({ product }, random) => {
    const client = new pg.Client({ connectionString: databaseUrl(product, 'postgres') });
    await client.connect();
    try {
      let cut = 0;
      // Before, during and after COMMIT, as it happens.
      for (let n = 0; n < 20; n++) {
        const { rowCount } = await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> 'postgres' AND backend_type = 'client backend' AND random() < $1`,
          [random() * 0.5],
        );
        cut += rowCount ?? 0;
        await pause(50 + random() * 100);
      }
      return `${cut} of them`;
    } finally {
      await client.end();
    }
  },
  'facts twice and out of order': async ({ product }, random) => {
    const topic = pick(TOPICS, random);
    const seen = await recent(product, topic);
    await publish(
      product,
      topic,
      [...seen].sort(() => random() - 0.5),
    );
    return `${seen.length} of ${topic} again`;
  },
};

async function answers(product: Product): Promise<boolean> {
  try {
    const client = new pg.Client({
      connectionString: databaseUrl(product, 'postgres'),
      connectionTimeoutMillis: 1_000,
    });
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

interface Raw {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
}

const client = (product: Product) =>
  new Kafka({
    clientId: 'faults',
    brokers: [new Processes(product).brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 20 },
  });

/** The newest records of a topic, as a stranger reads them. */
async function recent(product: Product, topic: string): Promise<Raw[]> {
  const consumer = client(product).consumer({ groupId: `faults-${Date.now()}`, retry: { retries: 20 } });
  const found: Raw[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ message }) => {
        found.push({
          key: message.key,
          value: message.value,
          headers: Object.fromEntries(
            Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
          ),
        });
        return Promise.resolve();
      },
    });
    await pause(3_000);
  } finally {
    await consumer.disconnect();
  }
  return found.slice(-200);
}

export async function publish(product: Product, topic: string, records: readonly Raw[]): Promise<void> {
  const producer = client(product).producer();
  await producer.connect();
  try {
    if (records.length > 0)
      await producer.send({
        topic,
        acks: -1,
        messages: records.map(({ key, value, headers }) => ({ key, value, headers })),
      });
  } finally {
    await producer.disconnect();
  }
}
