import type { Topic } from '#contracts';
import type { Sql } from '#event-sourcing';
import type { Bus, Message } from '../port/bus.ts';
import type { OwnersHistory } from './foreign-source.ts';
import { readPlace, setPlace } from '../inbox/rows.ts';

/** The offset of a place whose owner's history has to be read first. */
const FROM_HISTORY = -1;

/**
 * Brings a consumer up from the owner's history and then puts its place on the bus where the bus ended before: what is
 * published meanwhile comes from both and is applied once, by its version. Broken off, it begins again and drops what it knows.
 * Answers how many facts were read.
 */
export async function startFromHistory(
  runner: { receiveHistory(messages: readonly Message[]): Promise<void> },
  { pool, bus, consumer }: { pool: Sql; bus: Bus; consumer: string },
  topic: Topic,
  history: OwnersHistory,
  signal?: AbortSignal,
): Promise<number> {
  // First where the bus ends, then the history: what is published in between is in one of them at least.
  const ends = await Promise.all(
    (await bus.ranges(topic)).map(async (range) => ({
      range,
      last: range.next > range.first ? await bus.recordAt(topic, range.partition, range.next - 1) : undefined,
    })),
  );
  let read = 0;
  for await (const messages of history.all([topic])) {
    signal?.throwIfAborted();
    await runner.receiveHistory(messages);
    read += messages.length;
  }
  for (const { range, last } of ends)
    await setPlace(pool, consumer, range, { next: range.next, lastEventId: last?.message.eventId ?? null });
  return read;
}

/** Whether the history comes first: it was asked for, or the bus has forgotten what was before this consumer's first day. */
export async function wantsHistory(
  { pool, bus, consumer }: { pool: Sql; bus: Bus; consumer: string },
  partition: { topic: Topic; partition: number },
): Promise<boolean> {
  const known = await readPlace(pool, consumer, partition);
  if (known) return known.next === FROM_HISTORY;
  const range = (await bus.ranges(partition.topic)).find((each) => each.partition === partition.partition);
  return (range?.first ?? 0) > 0;
}

/** Asks a consumer to begin again with the owner's history: it does with the next fact that comes, or within half a minute where it reads no further. Then it goes on with the bus. */
export async function restartTopic(sql: Sql, consumer: string, topic: string): Promise<void> {
  await sql.query(
    'UPDATE inbox_offsets SET next_offset = $3, last_event_id = NULL WHERE consumer = $1 AND topic = $2',
    [consumer, topic, FROM_HISTORY],
  );
}
