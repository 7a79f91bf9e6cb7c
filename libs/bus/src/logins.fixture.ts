import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Topic } from '#contracts';
import {
  Doorbell,
  type EventStore,
  LogWatch,
  logSchema,
  PostgresEventStore,
  streamName,
  type Tx,
} from '#event-sourcing';
import type { Pool } from 'pg';
import type { Bus, Message } from './port/bus.ts';
import type { DeliveredFact } from './inbox/delivered-fact.ts';
import type { Inbox } from './inbox/inbox.ts';
import { epochsSchema, inboxSchema } from './inbox/schema.ts';
import type { Publish } from './port/message.ts';
import { Relay } from './relay/relay.ts';
import { relaySchema } from './relay/relay-schema.ts';

/** Sign-ins as an example of a service's events and facts, and of an inbox that writes down what it gets. */
export const TOPIC: Topic = 'identity.logins';
export const loginSchema: readonly string[] = [
  ...logSchema,
  ...relaySchema,
  ...inboxSchema,
  ...epochsSchema,
  `CREATE TABLE seen (seq bigint GENERATED ALWAYS AS IDENTITY, stream_id text NOT NULL, version integer NOT NULL)`,
];

/** A published login: version `version` of its stream, after `previous`. */
export const login = (key: string, version: number, previous = version - 1): Message => ({
  topic: TOPIC,
  key,
  eventId: randomUUID(),
  type: 'LoginRecorded.v1',
  version,
  previous,
  source: 'identity',
  time: '2026-01-01T00:00:00.000Z',
  position: `1.${version}.${version}`,
  correlationId: 'c',
  data: loginData(),
});

/** Versions 1 to `count` of a new stream. */
export const logins = (count: number): Message[] => {
  const key = `login-${randomUUID()}`;
  return Array.from({ length: count }, (_, i) => login(key, i + 1));
};

/** Writes what it is given as rows, in its transaction. No key hinders a second row of the same fact: it would be seen. */
export class LoginInbox implements Inbox {
  readonly topics = [TOPIC];
  constructor(readonly spoil: (fact: DeliveredFact) => void = () => undefined) {}

  async receive(facts: readonly DeliveredFact[], { sql }: { sql: Tx }): Promise<void> {
    facts.forEach((fact) => this.spoil(fact));
    await sql.query('INSERT INTO seen (stream_id, version) SELECT * FROM unnest($1::text[], $2::int[])', [
      facts.map((f) => f.streamId),
      facts.map((f) => f.version),
    ]);
  }
}

/** Versions that were applied, by stream, in the order of applying. */
export async function appliedIn(pool: Pool): Promise<Map<string, number[]>> {
  const { rows } = await pool.query<{ stream_id: string; version: number }>(
    'SELECT stream_id, version FROM seen ORDER BY seq',
  );
  return new Map(
    [...Map.groupBy(rows, (row) => row.stream_id)].map(([key, list]) => [key, list.map((row) => row.version)]),
  );
}

/** Looks again until it holds. */
export async function eventually(holds: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come true in time');
    await pause(10);
  }
}

/** The service's outbox: every third event is its own business. */
export const publishLogin: Publish = (event) =>
  event.type === 'LoginRecorded'
    ? { name: 'LoginRecorded.v1', data: event.event.data as ReturnType<typeof loginData> }
    : 'private';

const loginData = () => ({
  accountId: randomUUID(),
  sessionId: randomUUID(),
  method: 'password' as const,
  at: '2026-01-01T00:00:00.000Z',
});

/** Appends so many events to a stream, every third of them private. */
export async function appendLogins(store: EventStore, id: string, count: number): Promise<void> {
  const streamId = streamName('login', id);
  const expectedVersion = (await store.readStream(streamId)).length;
  const events = upTo(count).map((n) => ({
    type: (expectedVersion + n) % 3 === 0 ? 'SessionTouched' : 'LoginRecorded',
    data: loginData(),
  }));
  await store.append({
    streamId,
    expectedVersion,
    events,
    cause: { at: new Date('2026-01-01T00:00:00Z'), correlationId: 'c', actor: 'service:identity' },
  });
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
export const total = (applied: ReadonlyMap<string, readonly number[]>): number =>
  [...applied.values()].reduce((sum, list) => sum + list.length, 0);

/** A service's log at work: its facts on the bus, until it is stopped. */
export async function loginOwner(
  { pool }: { readonly pool: Pool },
  bus: Bus,
): Promise<{ store: PostgresEventStore; stop: () => Promise<void> }> {
  const store = new PostgresEventStore(pool);
  const watch = new LogWatch(pool, new Doorbell());
  watch.start();
  const relay = new Relay({
    service: 'identity',
    pool,
    store,
    watch,
    bus,
    publish: publishLogin,
    alarm: () => undefined,
    leaseMs: 300,
    backOffMaxMs: 50,
  });
  await relay.start();
  return {
    store,
    stop: async () => {
      await Promise.all([relay.stop(), watch.stop()]);
    },
  };
}
