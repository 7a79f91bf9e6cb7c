import type { Topic } from '#contracts';
import { compareCursors, type Cursor, formatCursor, type Sql } from '#event-sourcing';
import type { Bus, Message } from '../port/bus.ts';
import { type HistoryOptions, publishedHistory } from './published-history.ts';
import { scratchTopic } from '../inbox/scratch.ts';

/** A part of a log that is not there. */
export class NoSuchRange extends Error {
  override readonly name = 'NoSuchRange';
}

type Log = Pick<HistoryOptions, 'store' | 'publish' | 'service'>;

/**
 * Publishes all of a topic again from the log: for a bus that has lost its data. What the bus still has it leaves out by
 * event id, and consumers drop what they know by version. Answers how many facts were published.
 */
export async function republish({
  bus,
  topic,
  progress,
  signal,
  ...log
}: Log & { bus: Bus; topic: Topic; progress?: (published: number) => void; signal?: AbortSignal }): Promise<number> {
  if (!topic.startsWith(`${log.service}.`)) throw new Error(`${log.service} does not own the topic ${topic}`);
  let published = 0;
  for await (const messages of publishedHistory({ ...log, topics: [topic] })) {
    signal?.throwIfAborted();
    await bus.publish(messages);
    published += messages.length;
    progress?.(published);
  }
  return published;
}

/** Which events are replayed, and where to. */
export interface RangeReplay extends Log {
  readonly sql: Sql;
  /** First and last event that belong to it. */
  readonly from: Cursor;
  readonly to: Cursor;
  /** The group that reads them. */
  readonly consumer: string;
  /** Tells two replays for one consumer apart, as a bus leaves out events that a topic has already. */
  readonly run: string;
  /** Where they go: a bus, or the caller. Never the live topic. */
  readonly deliver: (messages: readonly Message[]) => Promise<void>;
}

/** Replays the published facts of a range of the log to a named consumer's scratch topic, in their order. @throws NoSuchRange */
export async function replayRange({
  sql,
  from,
  to,
  consumer,
  run,
  deliver,
  ...log
}: RangeReplay): Promise<{ topic: Topic; facts: number }> {
  await verifyRange({ sql, from, to });
  const topic = scratchTopic(consumer, run);
  let facts = 0;
  for await (const messages of publishedHistory({ ...log, after: { ...from, pos: from.pos - 1n }, upTo: to })) {
    await deliver(messages.map((message) => ({ ...message, topic })));
    facts += messages.length;
  }
  return { topic, facts };
}

/** Looks whether a range is in the log, and final. @throws NoSuchRange */
export async function verifyRange({ sql, from, to }: Pick<RangeReplay, 'sql' | 'from' | 'to'>): Promise<void> {
  const range = `${formatCursor(from)} to ${formatCursor(to)}`;
  if (compareCursors(from, to) > 0) throw new NoSuchRange(`the range ${range} ends before it begins`);
  const { rows } = await sql.query<{ first: boolean; last: boolean }>(
    `SELECT EXISTS (SELECT FROM events WHERE (log_epoch, txid, pos) = ($1::int, $2::xid8, $3::bigint)) AS first,
            EXISTS (SELECT FROM events WHERE (log_epoch, txid, pos) = ($4::int, $5::xid8, $6::bigint)
               AND (log_epoch, txid) < ((SELECT epoch FROM log_meta), pg_snapshot_xmin(pg_current_snapshot()))) AS last`,
    [from.epoch, String(from.txid), String(from.pos), to.epoch, String(to.txid), String(to.pos)],
  );
  const missing = [
    ...(rows[0]?.first === true ? [] : [formatCursor(from)]),
    ...(rows[0]?.last === true ? [] : [formatCursor(to)]),
  ];
  if (missing.length > 0)
    throw new NoSuchRange(
      `this log has no event at ${missing.join(' and ')}, or it is not final yet. "rollcall events tail" shows positions`,
    );
}
