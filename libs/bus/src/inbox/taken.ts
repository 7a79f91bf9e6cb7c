import type { Topic } from '#contracts';
import type { Sql } from '#event-sourcing';
import type { Bus } from '../port/bus.ts';

/**
 * Whether a consumer has taken all that a topic held when this was called, on every partition, with nothing of it put aside. A place
 * beyond the end of the topic is of another bus: then nothing is known.
 */
export async function hasTakenAll(
  sql: Sql,
  bus: Pick<Bus, 'ranges'>,
  consumer: string,
  topic: Topic,
): Promise<boolean> {
  const before = await bus.ranges(topic);
  const { rows } = await sql.query<{ partition: number; next_offset: string | number }>(
    'SELECT partition, next_offset FROM inbox_offsets WHERE consumer = $1 AND topic = $2',
    [consumer, topic],
  );
  const places = new Map(rows.map((row) => [row.partition, Number(row.next_offset)]));
  if (before.some(({ partition, next }) => (places.get(partition) ?? 0) < next)) return false;
  const after = await bus.ranges(topic);
  if (after.some(({ partition, next }) => (places.get(partition) ?? 0) > next)) return false;
  const {
    rows: [parked],
  } = await sql.query<{ any: boolean }>(
    "SELECT EXISTS (SELECT FROM parked WHERE consumer = $1 AND state <> 'skipped' AND message->>'topic' = $2) AS any",
    [consumer, topic],
  );
  return parked?.any === false;
}
