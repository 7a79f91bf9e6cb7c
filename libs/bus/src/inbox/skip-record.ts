import type { Sql } from '#event-sourcing';
import type { Bus, Message, Partition } from '../port/bus.ts';
import { readPlace } from './rows.ts';

/** The record that a consumer reads next. Undefined when that is not at this offset, or nothing is there. */
export async function nextRecord(
  sql: Sql,
  bus: Pick<Bus, 'recordAt'>,
  consumer: string,
  partition: Partition,
  offset: number,
): Promise<Message | undefined> {
  if ((await readPlace(sql, consumer, partition))?.next !== offset) return undefined;
  return (await bus.recordAt(partition.topic, partition.partition, offset))?.message;
}

/**
 * Goes on behind a record that the consumer stands still at; it does with its next try. What its stream says later shows that
 * something is missing, and that is fetched from the owner. False when the consumer has gone on meanwhile.
 */
export async function skipRecord(
  sql: Sql,
  consumer: string,
  partition: Partition,
  offset: number,
  { eventId }: Message,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    'UPDATE inbox_offsets SET next_offset = $5, last_event_id = $6 WHERE consumer = $1 AND topic = $2 AND partition = $3 AND next_offset = $4',
    [consumer, partition.topic, partition.partition, offset, offset + 1, eventId],
  );
  return rowCount === 1;
}
