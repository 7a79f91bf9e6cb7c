import type { DomainEvent, Meta, RecordedEvent } from '../decision/event.ts';

/** One row of `events` as pg gives it. `txid` is selected as text but never ordered by that alias: it would sort as text. */
export interface EventRow {
  txid: string;
  pos: string;
  stream_id: string;
  version: number;
  type: string;
  schema_version: number;
  event_id: string;
  data: object;
  personal: Buffer | null;
  meta: Meta;
  occurred_at: Date;
  recorded_at: Date;
  log_epoch: number;
}

export const EVENT_COLUMNS = `events.txid, pos, stream_id, events.version, type, schema_version, event_id, data, personal, meta, occurred_at, recorded_at, log_epoch`;

/** The id in a stream's name. */
export const idOf = (streamId: string, category: string): string => streamId.slice(category.length + 1);

/** A row as an event; `personal` is what the envelope held, if it could be opened. */
export function recorded<E extends DomainEvent = DomainEvent>(
  row: EventRow,
  personal?: Readonly<Record<string, string>>,
): RecordedEvent<E> {
  const category = categoryOf(row.stream_id);
  const event =
    personal === undefined ? { type: row.type, data: row.data } : { type: row.type, data: row.data, personal };
  return {
    eventId: row.event_id,
    streamId: row.stream_id,
    category,
    id: idOf(row.stream_id, category),
    version: row.version,
    cursor: { epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) },
    type: row.type,
    schemaVersion: row.schema_version,
    event: event as E,
    meta: row.meta,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    ...(row.personal !== null && personal === undefined ? { sealed: true } : {}),
  };
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const UUID_ALONE = new RegExp(`^${UUID}$`);
const UUID_TAIL = new RegExp(`-${UUID}$`, 'i');

/** Whether it is an id, in the one spelling that ids have here: small letters. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID_ALONE.test(value);

/** A stream's category: all before the id. Ids are UUIDs, but for streams of which there is one (`clock-installation`). */
export function categoryOf(streamId: string): string {
  const end = streamId.search(UUID_TAIL);
  return end > 0 ? streamId.slice(0, end) : streamId.replace(/-.*$/s, '');
}
