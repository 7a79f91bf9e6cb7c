import type { Sql } from '#event-sourcing';
import type { Message } from '../port/bus.ts';
import type { History } from './inbox.ts';
import type { Mark } from '../port/message.ts';
import { isUnreadable } from '../port/unreadable.ts';

/** A message that could not be applied, or that waits behind one of its stream. */
export interface Parked {
  readonly consumer: string;
  readonly streamId: string;
  readonly version: number;
  /** `failed`: an operator decides. `gap`: earlier facts are fetched from the owner. `waiting`: comes in its turn. */
  readonly state: 'failed' | 'gap' | 'waiting' | 'skipped';
  readonly message: Message;
  readonly error: string | null;
  readonly tries: number;
  readonly parkedAt: Date;
  readonly skipReason: string | null;
  /** Of one stream, where no relay wrote it: what the record held, up to `RAW_MAX` bytes of its value; headers as JSON of names and base64. */
  readonly rawKey: Buffer | null;
  readonly rawValue: Buffer | null;
  readonly rawHeaders: Buffer | null;
}

const RAW_MAX = 16 * 2 ** 20;

/** The epoch of a parked message, in SQL: the first number of its position. */
export const PARKED_EPOCH = `greatest(split_part(p.message->>'position', '.', 1)::int, 1)`;

const COLUMNS = `consumer, stream_id AS "streamId", version, state, message, error, tries, parked_at AS "parkedAt", skip_reason AS "skipReason"`;
const BYTES = `raw_key AS "rawKey", substring(raw_value FROM 1 FOR ${RAW_MAX}) AS "rawValue", raw_headers AS "rawHeaders"`;
const NO_BYTES = 'NULL AS "rawKey", NULL AS "rawValue", NULL AS "rawHeaders"';

/** What is parked in this service's database, by stream and version; skipped ones only when asked for. */
export async function parkedList(
  sql: Sql,
  options: { streamId?: string; skipped?: boolean; limit?: number } = {},
): Promise<Parked[]> {
  const { rows } = await sql.query<Parked>(
    `SELECT ${COLUMNS}, ${options.streamId === undefined ? NO_BYTES : BYTES} FROM parked WHERE ($1::text IS NULL OR stream_id = $1) AND (state <> 'skipped' OR $2) ORDER BY consumer, stream_id, version LIMIT $3`,
    [options.streamId ?? null, options.skipped ?? false, options.limit ?? 1_000],
  );
  return rows;
}

/** Whether anything of a stream waits for an operator or for its turn. */
export const isParked = async (sql: Sql, streamId: string): Promise<boolean> =>
  (await parkedList(sql, { streamId, limit: 1 })).length > 0;

/** Asks the service to try a stream again, in order, within a second. False when nothing of it is parked. */
export async function retry(sql: Sql, streamId: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE parked SET state = 'waiting', due_at = clock_timestamp() WHERE stream_id = $1 AND state IN ('failed', 'gap')`,
    [streamId],
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Goes on without the message that holds a stream up (behind a gap: without what is missing), and says why; the rest of
 * the stream follows in order. The skipped message stays in the table. Where the owner, asked by `history`, has never
 * published it, the stream's version stays where it is: the message was forged. False when nothing of it is parked.
 */
export async function skip(sql: Sql, streamId: string, reason: string, history?: History): Promise<boolean> {
  const [first] = await parkedList(sql, { streamId, limit: 1 });
  if (!first) return false;
  const own =
    !isUnreadable(first.message) &&
    (!history ||
      (await history(first.message.topic, streamId, { epoch: 0, version: first.version - 1 })).some(
        ({ eventId }) => eventId === first.message.eventId,
      ));
  const { rows } = await sql.query<{ skipped: number }>(
    `WITH first AS (
       SELECT DISTINCT ON (consumer) consumer, stream_id, version, state, ${PARKED_EPOCH} AS epoch, (message->>'previous')::int AS previous, coalesce((message->>'previousEpoch')::int, 1) AS previous_epoch
         FROM parked AS p WHERE stream_id = $1 AND state <> 'skipped' ORDER BY consumer, version
     ), passed AS (
       INSERT INTO inbox_versions AS v (consumer, stream_id, epoch, last_version)
       SELECT consumer, stream_id, CASE WHEN state = 'gap' THEN previous_epoch ELSE epoch END, CASE WHEN state = 'gap' THEN previous ELSE version END FROM first WHERE $3
       ON CONFLICT (consumer, stream_id) DO UPDATE SET epoch = excluded.epoch, last_version = excluded.last_version WHERE (excluded.epoch, excluded.last_version) > (v.epoch, v.last_version)
     )
     UPDATE parked AS p SET state = CASE WHEN p.state = 'gap' AND $3 THEN 'waiting' ELSE 'skipped' END, skip_reason = $2
       FROM first AS f WHERE p.consumer = f.consumer AND p.stream_id = f.stream_id AND p.version = f.version
     RETURNING 1 AS skipped`,
    [streamId, reason, own],
  );
  return rows.length > 0;
}

/** Whether anything waits. */
export async function anyParked(sql: Sql, consumer: string): Promise<boolean> {
  const { rows } = await sql.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM parked WHERE consumer = $1 AND state <> 'skipped') AS any`,
    [consumer],
  );
  return rows[0]?.any ?? false;
}

/** Streams whose first parked message may be tried now. */
export async function dueStreams(sql: Sql, consumer: string): Promise<string[]> {
  const { rows } = await sql.query<{ stream_id: string }>(
    `SELECT stream_id FROM (SELECT DISTINCT ON (stream_id) stream_id, state, due_at FROM parked WHERE consumer = $1 AND state <> 'skipped' ORDER BY stream_id, version) AS first
      WHERE state IN ('waiting', 'gap') AND due_at <= clock_timestamp() ORDER BY due_at LIMIT 100`,
    [consumer],
  );
  return rows.map((row) => row.stream_id);
}

/** The parked messages of one stream, in order. */
export async function parkedMessages(sql: Sql, consumer: string, streamId: string, limit: number): Promise<Message[]> {
  const { rows } = await sql.query<{ message: Message }>(
    `SELECT message FROM parked WHERE consumer = $1 AND stream_id = $2 AND state <> 'skipped' ORDER BY version LIMIT $3`,
    [consumer, streamId, limit],
  );
  return rows.map((row) => row.message);
}

/** Leaves a message to an operator that its owner, when it was asked, did not know. */
export async function disown(sql: Sql, consumer: string, { key, version }: Message): Promise<void> {
  await sql.query(
    `UPDATE parked SET state = 'failed', error = $4 WHERE consumer = $1 AND stream_id = $2 AND version = $3 AND state <> 'skipped'`,
    [consumer, key, version, 'its owner has never published it: find out who writes to the bus, then skip it'],
  );
}

/** Takes out what was applied. */
export async function unpark(sql: Sql, consumer: string, streamId: string, upTo: Mark): Promise<void> {
  await sql.query(
    `DELETE FROM parked AS p WHERE consumer = $1 AND stream_id = $2 AND (${PARKED_EPOCH}, version) <= ($3::int, $4::int) AND state <> 'skipped'`,
    [consumer, streamId, upTo.epoch, upTo.version],
  );
}

/** Whether the stream waits for an operator. */
export async function isFailed(sql: Sql, consumer: string, streamId: string): Promise<boolean> {
  const { rows } = await sql.query<{ state: string }>(
    `SELECT state FROM parked WHERE consumer = $1 AND stream_id = $2 AND state <> 'skipped' ORDER BY version LIMIT 1`,
    [consumer, streamId],
  );
  return rows[0]?.state === 'failed';
}
