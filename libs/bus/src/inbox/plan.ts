import type { Message, Partition } from '../port/bus.ts';
import { compareMarks, type Mark, markBefore, markOf, NONE } from '../port/message.ts';

/** Moves a partition's offset together with the rows. */
export interface OffsetMove extends Partition {
  readonly from: number;
  readonly to: number;
  readonly lastEventId: string;
  /** Of each message of the batch. */
  readonly offsets: readonly number[];
}

/** Messages to be applied in one transaction. */
export interface Batch {
  readonly messages: readonly Message[];
  /** Places that move with it, in the order of their messages; none for what came from an owner. */
  readonly moves?: readonly OffsetMove[];
  /** A parked stream whose turn it is again. */
  readonly reopened?: string;
}

/** The state of a stream before a batch. */
export interface StreamState {
  readonly last: Mark;
  readonly parked: boolean;
}

/** A message that is put aside, and why. */
export interface Parking {
  readonly message: Message;
  readonly state: 'failed' | 'gap' | 'waiting';
  readonly error?: string;
}

/** What happens to each message of a batch. */
export interface Plan {
  readonly apply: readonly Message[];
  readonly park: readonly Parking[];
  /** Streams that move: from the version that was known to the one after the batch. */
  readonly versions: ReadonlyMap<string, { readonly from: Mark; readonly to: Mark }>;
}

/**
 * Sorts a batch: what was applied before is dropped, what is next is applied, what follows a gap or a parked message of its
 * stream is parked behind it. Pure.
 *
 * What a stream says is ordered by (epoch, version). A log that was restored from a copy and reopened goes on in a newer epoch,
 * under versions that its lost branch may have used: the newer epoch's messages are new here, however far the lost branch was
 * applied, and late ones of the older epoch are known. A message follows when what its owner published before it is not beyond what is here.
 */
export function plan(batch: Batch, states: ReadonlyMap<string, StreamState>): Plan {
  const apply: Message[] = [];
  const park: Parking[] = [];
  const versions = new Map<string, { from: Mark; to: Mark }>();
  const blocked = new Set(
    [...states]
      .filter(([streamId, state]) => state.parked && streamId !== batch.reopened)
      .map(([streamId]) => streamId),
  );
  for (const message of batch.messages) {
    const from = states.get(message.key)?.last ?? NONE;
    const last = versions.get(message.key)?.to ?? from;
    if (compareMarks(markOf(message), last) <= 0) continue;
    if (blocked.has(message.key)) park.push({ message, state: 'waiting' });
    else if (compareMarks(markBefore(message), last) > 0) {
      blocked.add(message.key);
      park.push({
        message,
        state: 'gap',
        error: `version ${message.previous} came before it and is not here; the last one here is ${last.version}`,
      });
    } else if (leaps(message) && message.key !== batch.reopened) {
      blocked.add(message.key);
      park.push({
        message,
        state: 'gap',
        error: `it leaps from version ${message.previous} to ${message.version}: its owner is asked whether it has published it`,
      });
    } else {
      apply.push(message);
      versions.set(message.key, { from, to: markOf(message) });
    }
  }
  return { apply, park, versions };
}

const LEAP_MAX = 10_000;

/** Whether it claims more private events before it than a stream ever has. Applied unasked, an invented version would hide all that the stream says later. */
export const leaps = ({ version, previous }: Message): boolean => version - previous > LEAP_MAX;

/** Batches of several partitions as one: a transaction costs as much for all of them as for one. */
export const merged = (batches: readonly Batch[]): Batch => ({
  messages: batches.flatMap(({ messages }) => messages),
  moves: batches.flatMap(({ moves = [] }) => moves),
});

/** The batch in two halves, between partitions where there are several, each with its part of the way. Undefined when there is nothing to halve. */
export function halves(batch: Batch): readonly [Batch, Batch] | undefined {
  const { messages, moves = [], reopened } = batch;
  const [move, ...others] = moves;
  const middle = others.length > 0 ? (move?.offsets.length ?? 0) : Math.floor(messages.length / 2);
  const last = messages[middle - 1];
  if (!last) return undefined;
  const again = reopened === undefined ? {} : { reopened };
  const [first, second] = [messages.slice(0, middle), messages.slice(middle)];
  if (!move)
    return [
      { messages: first, ...again },
      { messages: second, ...again },
    ];
  if (others.length > 0)
    return [
      { messages: first, moves: [move] },
      { messages: second, moves: others },
    ];
  const between = move.offsets[middle] ?? move.to;
  return [
    {
      messages: first,
      moves: [{ ...move, to: between, lastEventId: last.eventId, offsets: move.offsets.slice(0, middle) }],
      ...again,
    },
    { messages: second, moves: [{ ...move, from: between, offsets: move.offsets.slice(middle) }], ...again },
  ];
}
