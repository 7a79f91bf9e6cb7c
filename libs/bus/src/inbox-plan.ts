import type { Message, Partition } from './bus.ts';

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
  readonly move?: OffsetMove;
  /** A parked stream whose turn it is again. */
  readonly reopened?: string;
}

/** What is known of a stream before a batch. */
export interface StreamState {
  readonly lastVersion: number;
  readonly parked: boolean;
}

/** A message that is put aside, and why. */
export interface Parking {
  readonly message: Message;
  readonly state: 'failed' | 'gap' | 'waiting';
  readonly error?: string;
}

/** What becomes of a batch. */
export interface Plan {
  readonly apply: readonly Message[];
  readonly park: readonly Parking[];
  /** Streams that move: from the version that was known to the one after the batch. */
  readonly versions: ReadonlyMap<string, { readonly from: number; readonly to: number }>;
}

/**
 * Sorts a batch: what was applied before is dropped, what is next is applied, what follows a gap or a parked message of its
 * stream is parked behind it. Pure.
 */
export function plan(batch: Batch, states: ReadonlyMap<string, StreamState>): Plan {
  const apply: Message[] = [];
  const park: Parking[] = [];
  const versions = new Map<string, { from: number; to: number }>();
  const blocked = new Set([...states].filter(([streamId, state]) => state.parked && streamId !== batch.reopened).map(([streamId]) => streamId));
  for (const message of batch.messages) {
    const from = states.get(message.key)?.lastVersion ?? 0;
    const last = versions.get(message.key)?.to ?? from;
    if (message.version <= last) continue;
    if (blocked.has(message.key)) park.push({ message, state: 'waiting' });
    else if (message.previous > last) {
      blocked.add(message.key);
      park.push({ message, state: 'gap', error: `version ${message.previous} came before it and is not here; the last one here is ${last}` });
    } else {
      apply.push(message);
      versions.set(message.key, { from, to: message.version });
    }
  }
  return { apply, park, versions };
}

/** The batch in two halves, each with its part of the offset's way. Undefined when there is nothing to halve. */
export function halves(batch: Batch): readonly [Batch, Batch] | undefined {
  const middle = Math.floor(batch.messages.length / 2);
  const last = batch.messages[middle - 1];
  if (!last) return undefined;
  const [first, second] = [batch.messages.slice(0, middle), batch.messages.slice(middle)];
  const reopened = batch.reopened === undefined ? {} : { reopened: batch.reopened };
  if (!batch.move) return [{ messages: first, ...reopened }, { messages: second, ...reopened }];
  const { move } = batch;
  const between = move.offsets[middle] ?? move.to;
  return [
    { messages: first, move: { ...move, to: between, lastEventId: last.eventId, offsets: move.offsets.slice(0, middle) }, ...reopened },
    { messages: second, move: { ...move, from: between, offsets: move.offsets.slice(middle) }, ...reopened },
  ];
}
