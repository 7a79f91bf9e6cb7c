import type { Parked } from '#bus';
import type { operations } from '#contracts';
import {
  type Cursor,
  type DomainEvent,
  formatCursor,
  isLost,
  PostgresEventStore,
  type RecordedEvent,
  type Sql,
  START,
} from '#event-sourcing';
import type { Pool } from 'pg';
import { Problem } from '../base/problem.ts';
import { masked, SEALED } from './masked.ts';

/** How a category's events become a state, for those who look from outside. */
export interface Evolution {
  readonly category: string;
  readonly initial: unknown;
  readonly evolve: (state: never, event: never) => unknown;
}

const BATCH = 200;

/** An event as operators see it: masked, personal data sealed. */
export const shown = (event: RecordedEvent, service: string): operations.Event => ({
  service,
  eventId: event.eventId,
  streamId: event.streamId,
  version: event.version,
  type: event.type,
  position: formatCursor(event.cursor),
  occurredAt: event.occurredAt.toISOString(),
  recordedAt: event.recordedAt.toISOString(),
  actor: event.meta.actor,
  correlationId: event.meta.correlationId,
  data: JSON.stringify(masked(event.event.data)),
  personal: event.sealed === true,
});

/** A parked message as operators see it, its fact masked. */
export const parkedView = ({
  message,
  parkedAt,
  error,
  skipReason,
  rawKey,
  rawValue,
  rawHeaders,
  ...rest
}: Parked): operations.ParkedMessage => ({
  ...rest,
  type: message.type,
  topic: message.topic,
  error: error ?? '',
  parkedAt: parkedAt.toISOString(),
  skipReason: skipReason ?? '',
  data: JSON.stringify(masked(message.data)),
  ...(rawHeaders
    ? {
        raw: JSON.stringify({
          key: base64(rawKey),
          value: base64(rawValue),
          headers: JSON.parse(rawHeaders.toString()) as unknown,
        }),
      }
    : {}),
});

const base64 = (bytes: Buffer | null) => bytes?.toString('base64') ?? null;

/** The states that a stream went through, the initial one first; undefined where no evolution of its category is known. Personal data stays sealed. */
export function statesOf(events: readonly RecordedEvent[], evolutions: readonly Evolution[]): unknown[] | undefined {
  const found = evolutions.find(({ category }) => category === events[0]?.category);
  if (!found) return undefined;
  const evolve = found.evolve as (state: unknown, event: DomainEvent) => unknown;
  return events.reduce<unknown[]>(
    (states, { event, sealed }) => [
      ...states,
      isLost(event) ? states.at(-1) : evolve(states.at(-1), sealed === true ? { ...event, personal: SEALED } : event),
    ],
    [found.initial],
  );
}

/** Which event last changed a field of the state. Undefined for a category without a decider. @throws Problem where no state of the stream ever had the field */
export function explain(
  events: readonly RecordedEvent[],
  evolutions: readonly Evolution[],
  field: string,
): { value: string; before?: string; event?: RecordedEvent } | undefined {
  const states = statesOf(events, evolutions);
  if (!states) return undefined;
  const shownStates = states.map((state) => masked(state) as Record<string, unknown> | null);
  const fields = new Set(shownStates.flatMap((state) => Object.keys(state ?? {})));
  if (!fields.has(field))
    throw new Problem('field/unknown', `This stream has no field ${field}. It has: ${[...fields].sort().join(', ')}.`);
  const values = shownStates.map((state) => JSON.stringify(state?.[field] ?? null));
  const changed = values.findLastIndex((value, n) => n > 0 && value !== values[n - 1]);
  const event = events[changed - 1];
  return { value: values.at(-1) ?? 'null', ...(event ? { before: values[changed - 1] ?? 'null', event } : {}) };
}

/** Which events to show of a whole log. */
export interface Tail {
  readonly types: readonly string[];
  readonly accountId?: string | undefined;
  readonly since?: Date | undefined;
  readonly limit: number;
}

/**
 * The log in its order: from an instant on, or its last events; then, where `next` is given, what comes after, each time
 * that it resolves.
 */
export async function* tail(
  pool: Pool,
  { types, accountId, since, limit }: Tail,
  next?: (after: Cursor) => Promise<boolean>,
): AsyncGenerator<RecordedEvent> {
  const store = new PostgresEventStore(pool);
  const wanted = ({ type, streamId, event }: RecordedEvent) =>
    (types.length === 0 || types.includes(type)) &&
    (accountId === undefined ||
      streamId.endsWith(accountId) ||
      (event.data as { accountId?: unknown }).accountId === accountId);
  let cursor = since === undefined ? await beforeLast(pool, limit, types, accountId) : await beforeInstant(pool, since);
  for (let count = 0; ;) {
    const batch = await store.readLog(cursor, BATCH);
    for (const event of batch) {
      cursor = event.cursor;
      if (!wanted(event)) continue;
      yield event;
      count++;
      if (next === undefined && since !== undefined && count >= limit) return;
    }
    if (batch.length === 0 && (next === undefined || !(await next(cursor)))) return;
  }
}

async function beforeInstant(sql: Sql, since: Date): Promise<Cursor> {
  return place(
    sql,
    'SELECT log_epoch, txid, pos - 1 AS pos FROM events WHERE recorded_at >= $1 ORDER BY log_epoch, events.txid, pos LIMIT 1',
    [since],
  );
}

async function beforeLast(
  sql: Sql,
  limit: number,
  types: readonly string[],
  accountId: string | undefined,
): Promise<Cursor> {
  return place(
    sql,
    `SELECT log_epoch, txid, pos - 1 AS pos FROM (
       SELECT log_epoch, events.txid, pos FROM events
        WHERE (cardinality($2::text[]) = 0 OR type = ANY($2)) AND ($3::text IS NULL OR right(stream_id, 36) = $3 OR data->>'accountId' = $3)
        ORDER BY log_epoch DESC, events.txid DESC, pos DESC LIMIT $1) AS last
      ORDER BY log_epoch, last.txid, pos LIMIT 1`,
    [limit, types, accountId ?? null],
  );
}

async function place(sql: Sql, text: string, values: unknown[]): Promise<Cursor> {
  const { rows } = await sql.query<{ log_epoch: number; txid: string; pos: string | number }>(text, values);
  const row = rows[0];
  return row ? { epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) } : START;
}
