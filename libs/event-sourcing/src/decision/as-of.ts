import type { EventStore, Sql } from './event-store.ts';
import type { DomainEvent, RecordedEvent } from './event.ts';

/** No transaction of a service lasts longer, so what was recorded before that is committed or never will be. */
const SETTLED_AFTER_S = 20;

/** A question about an instant at which something may still be under way: its answer could change. */
export class TooRecent extends Error {
  override readonly name = 'TooRecent';
}

/** When: a version of the stream, or an instant of the database's clock. */
export type AsOf = { readonly version: number } | { readonly at: Date };

/**
 * A stream as it was, and the version that this is (0: it was not there yet). What is answered once is answered for ever.
 * @throws TooRecent for an instant within the last 20 s.
 */
export async function readAsOf<E extends DomainEvent>(
  store: Pick<EventStore, 'readStream'>,
  sql: Sql,
  streamId: string,
  asOf: AsOf,
): Promise<{ version: number; events: RecordedEvent<E>[] }> {
  const upTo = 'version' in asOf ? asOf.version : await versionAt(sql, streamId, asOf.at);
  const events = upTo > 0 ? await store.readStream<E>(streamId, { upTo }) : [];
  return { version: events.at(-1)?.version ?? 0, events };
}

async function versionAt(sql: Sql, streamId: string, at: Date): Promise<number> {
  const { rows } = await sql.query<{ settled: boolean; version: number }>(
    `SELECT $2::timestamptz < clock_timestamp() - $3::int * interval '1 s' AS settled,
            coalesce((SELECT max(version) FROM events WHERE stream_id = $1 AND recorded_at <= $2), 0) AS version`,
    [streamId, at, SETTLED_AFTER_S],
  );
  const row = rows[0];
  if (row?.settled !== true)
    throw new TooRecent(
      `what was recorded by ${at.toISOString()} is not final yet: ask about an instant that is more than ${SETTLED_AFTER_S} s ago, or about a version`,
    );
  return row.version;
}
