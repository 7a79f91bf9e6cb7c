import { type Sql, SQLSTATE, sqlState, type Tx } from '#event-sourcing';
import type { Message, Partition, RawRecord } from '../port/bus.ts';
import type { OffsetMove, Parking, Plan, StreamState } from './plan.ts';
import { type Mark, markOf, NONE } from '../port/message.ts';
import { PARKED_EPOCH } from './parked.ts';

/** Another consumer has applied these messages, or reads this partition: look again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** How far a consumer has come in a partition. */
export interface Place {
  readonly next: number;
  readonly lastEventId: string | null;
}

/** The consumer's place; undefined when it has never read here. */
export async function readPlace(
  sql: Sql,
  consumer: string,
  { topic, partition }: Partition,
): Promise<Place | undefined> {
  const { rows } = await sql.query<{ next_offset: string | number; last_event_id: string | null }>(
    'SELECT next_offset, last_event_id FROM inbox_offsets WHERE consumer = $1 AND topic = $2 AND partition = $3',
    [consumer, topic, partition],
  );
  const row = rows[0];
  return row && { next: Number(row.next_offset), lastEventId: row.last_event_id };
}

/** Begins at an offset, unless another consumer has begun meanwhile. */
export async function createPlace(
  sql: Sql,
  consumer: string,
  { topic, partition }: Partition,
  next: number,
): Promise<void> {
  await sql.query(
    'INSERT INTO inbox_offsets (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [consumer, topic, partition, next],
  );
}

/** Puts the place where it is told to, wherever it was. */
export async function setPlace(
  sql: Sql,
  consumer: string,
  { topic, partition }: Partition,
  { next, lastEventId }: Place,
): Promise<void> {
  await sql.query(
    `INSERT INTO inbox_offsets (consumer, topic, partition, next_offset, last_event_id) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = excluded.next_offset, last_event_id = excluded.last_event_id`,
    [consumer, topic, partition, next, lastEventId],
  );
}

/** What is known of these streams. */
export async function readStates(
  sql: Sql,
  consumer: string,
  streamIds: readonly string[],
): Promise<Map<string, StreamState>> {
  const { rows } = await sql.query<Mark & { stream_id: string; parked: boolean }>({
    name: 'inbox-states',
    text: `SELECT s.stream_id, coalesce(v.epoch, 1) AS epoch, coalesce(v.last_version, 0) AS version,
                  EXISTS (SELECT FROM parked AS p WHERE p.consumer = $1 AND p.stream_id = s.stream_id AND p.state <> 'skipped') AS parked
             FROM unnest($2::text[]) AS s(stream_id) LEFT JOIN inbox_versions AS v ON v.consumer = $1 AND v.stream_id = s.stream_id`,
    values: [consumer, [...new Set(streamIds)]],
  });
  return new Map(rows.map(({ stream_id: id, epoch, version, parked }) => [id, { last: { epoch, version }, parked }]));
}

/**
 * Moves places and versions on, in one statement. `soon`: it need not wait for the disk, where what a crash of the server takes
 * is read again without any effect. @throws Overtaken when a place is no longer where this reader left it, or a stream no longer at the version that was known.
 */
export async function moveOn(
  sql: Sql,
  consumer: string,
  { moves, versions, soon }: { moves: readonly OffsetMove[]; versions: Plan['versions']; soon: boolean },
): Promise<void> {
  if (moves.length + versions.size === 0) return;
  const streams = [...versions.values()];
  const statement = {
    name: 'inbox-move-on',
    text: `WITH p AS (
             SELECT * FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::text[]) AS p(topic, partition, known, next, event_id) ORDER BY topic, partition
           ), places AS (
             UPDATE inbox_offsets AS o SET next_offset = p.next, last_event_id = p.event_id
               FROM p WHERE o.consumer = $1 AND o.topic = p.topic AND o.partition = p.partition AND o.next_offset = p.known RETURNING 1
           ), n AS (
             SELECT * FROM unnest($7::text[], $8::int[], $9::int[], $10::int[], $11::int[]) AS n(stream_id, known_epoch, known, epoch, version) ORDER BY stream_id
           ), moved AS (
             UPDATE inbox_versions AS v SET epoch = n.epoch, last_version = n.version
               FROM n WHERE v.consumer = $1 AND v.stream_id = n.stream_id AND (v.epoch, v.last_version) = (n.known_epoch, n.known) RETURNING 1
           ), fresh AS (
             INSERT INTO inbox_versions (consumer, stream_id, epoch, last_version)
             SELECT $1, n.stream_id, n.epoch, n.version FROM n WHERE n.known = 0 ON CONFLICT DO NOTHING RETURNING 1
           ) SELECT CASE WHEN (SELECT count(*) FROM places) < cardinality($2::text[]) OR (SELECT count(*) FROM moved) + (SELECT count(*) FROM fresh) < cardinality($7::text[])
                         THEN log_refuse('${SQLSTATE.versionConflict}', 'the consumer has moved on')
                         WHEN $12::boolean THEN set_config('synchronous_commit', 'off', true) END`,
    values: [
      consumer,
      moves.map(({ topic }) => topic),
      moves.map(({ partition }) => partition),
      moves.map(({ from }) => from),
      moves.map(({ to }) => to),
      moves.map(({ lastEventId }) => lastEventId),
      [...versions.keys()],
      streams.map(({ from }) => from.epoch),
      streams.map(({ from }) => from.version),
      streams.map(({ to }) => to.epoch),
      streams.map(({ to }) => to.version),
      soon,
    ],
  };
  await sql.query(statement).catch((error: unknown) => {
    if (sqlState(error) !== SQLSTATE.versionConflict) throw error;
    throw new Overtaken(`${consumer} is no longer at the places and versions that it knew`);
  });
}

/** Puts messages aside. One that lies there already keeps its place and counts the failure. */
export async function park(tx: Tx, consumer: string, parkings: readonly Parking[], tries: number): Promise<void> {
  if (parkings.length === 0) return;
  const messages = parkings.map(({ message: { raw: _, ...message } }) => message);
  const raws = parkings.map(({ message: { raw } }) => raw);
  await forgetLost(tx, consumer, messages);
  await tx.query(
    `INSERT INTO parked AS p (consumer, stream_id, version, state, message, error, tries, raw_key, raw_value, raw_headers)
     SELECT $1, n.stream_id, n.version, n.state, n.message::jsonb, n.error, CASE WHEN n.state = 'failed' THEN $7::int ELSE 0 END, n.raw_key, n.raw_value, n.raw_headers
       FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $8::bytea[], $9::bytea[], $10::bytea[]) AS n(stream_id, version, state, message, error, raw_key, raw_value, raw_headers)
     ON CONFLICT (consumer, stream_id, version) DO UPDATE SET state = excluded.state, error = excluded.error, tries = p.tries + greatest(excluded.tries, 1),
       due_at = clock_timestamp() + least(power(2, least(p.tries, 6)), 60) * interval '0.5 s'
     WHERE excluded.state <> 'waiting' AND p.state <> 'skipped'`,
    [
      consumer,
      messages.map(({ key }) => key),
      messages.map(({ version }) => version),
      parkings.map((p) => p.state),
      messages.map((message) => JSON.stringify(message)),
      parkings.map((p) => p.error ?? null),
      tries,
      raws.map((raw) => raw?.key ?? null),
      raws.map((raw) => raw?.value ?? null),
      raws.map((raw) => raw && headerBytes(raw)),
    ],
  );
}

/** Removes what lies there of a lost branch: no log holds it any more, and the newer epoch goes on before it. */
async function forgetLost(tx: Tx, consumer: string, messages: readonly Message[]): Promise<void> {
  const newer = messages.filter((message) => markOf(message).epoch > NONE.epoch);
  if (newer.length === 0) return;
  await tx.query(
    `DELETE FROM parked AS p USING unnest($2::text[], $3::int[], $4::int[]) AS n(stream_id, epoch, previous)
      WHERE p.consumer = $1 AND p.stream_id = n.stream_id AND ${PARKED_EPOCH} < n.epoch AND p.version > n.previous`,
    [
      consumer,
      newer.map(({ key }) => key),
      newer.map((message) => markOf(message).epoch),
      newer.map(({ previous }) => previous),
    ],
  );
}

/** Names and bytes, as JSON: neither need be text that PostgreSQL takes. */
const headerBytes = ({ headers }: RawRecord): Buffer =>
  Buffer.from(JSON.stringify(headers.map(([name, value]) => [name, value.toString('base64')])));
