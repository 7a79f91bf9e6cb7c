import type { Reservation } from './decider.ts';
import type { Cause, Cursor, DomainEvent, RecordedEvent } from './event.ts';
import type { KeptState, KeptStates } from './kept-states.ts';
import type { Turns } from './turns.ts';

/** What runs SQL: a pool, or one connection inside a transaction. */
export interface Sql {
  query<R extends object = Record<string, unknown>>(
    text: string | { name: string; text: string; values: unknown[] },
    values?: unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>;
}

/** One connection inside an open transaction. */
export type Tx = Sql;

/** Events to add to one stream, all or none. */
export interface Append<E extends DomainEvent = DomainEvent> {
  readonly streamId: string;
  /** Version of the stream that the decision was made on; 0 = it must not exist. */
  readonly expectedVersion: number;
  readonly events: readonly E[];
  readonly cause: Cause;
  /** A name stands at most once in `take` and `release`. */
  readonly take?: readonly Reservation[];
  readonly release?: readonly Reservation[];
  /** Of events that others know already: their ids, and the place that the last of them had (`formatCursor`). */
  readonly known?: { readonly eventIds: readonly string[]; readonly position: string };
}

/** Where an append ended. `repeated`: the command had been carried out before, and this is what it did then. */
export interface Appended {
  readonly streamId: string;
  readonly version: number;
  readonly repeated: boolean;
}

/** What `load` needs of a stream. */
export interface ReadOn<S, E extends DomainEvent> {
  /** The state to go on from, asked for or found beside the log; undefined: from the start. */
  readonly from: KeptState<S> | undefined;
  readonly events: RecordedEvent<E>[];
  /** How many of them are committed: the rest was written by the transaction that reads. */
  readonly settled: number;
  /** Whether a person's key has opened any of it. */
  readonly personal: boolean;
}

/** The log of one service. */
export interface EventStore {
  /** Whether this store works inside a transaction that its caller opened. */
  readonly inTransaction: boolean;
  /** One stream in order; empty when there is none. `upTo` bounds the version. */
  readStream<E extends DomainEvent>(
    streamId: string,
    options?: { after?: number; upTo?: number },
  ): Promise<RecordedEvent<E>[]>;
  /** States that this process has loaded. */
  readonly kept: KeptStates;
  /** Whose turn it is on a stream in this process. */
  readonly turns: Turns;
  /**
   * A stream from a kept state on, if the log still holds it and the key that opened it still exists; else from its snapshot, on the
   * same conditions; else from the start. Whether a person's key exists is asked where keys lie, not remembered.
   */
  readOn<S, E extends DomainEvent>(
    streamId: string,
    options: { kept?: KeptState<S> | undefined; upTo?: number | undefined },
  ): Promise<ReadOn<S, E>>;
  /** Leaves a state beside the log, sealed where a person's key opened any of it. Only ever a shorter way to what the log says. */
  saveSnapshot(streamId: string, kept: KeptState): Promise<void>;
  /**
   * Adds events in one round trip.
   * @throws VersionConflict when the stream has moved on. @throws ReservationTaken when a name is held by another stream.
   * @throws CommandReused when the command id was used with other content.
   */
  append(append: Append): Promise<Appended>;
  /**
   * Adds events to several streams in one statement, all or none: each stream once, without names to take or release.
   * @throws what the database says of the first failure: not which stream it was.
   */
  appendMany(appends: readonly Append[]): Promise<Appended[]>;
  /** Several streams at once, each in order; a stream without events is left out. `upTo` bounds the version. */
  readStreams<E extends DomainEvent>(
    streamIds: readonly string[],
    options?: { upTo?: number },
  ): Promise<Map<string, RecordedEvent<E>[]>>;
  /** What an earlier append under this command id did. @throws CommandReused when its content was another. */
  outcome(commandId: string, fingerprint?: string): Promise<Appended | undefined>;
  /** Waits until what this store has read could not be lost any more: before it answers by what others wrote. */
  barrier(): Promise<void>;
  /** Events of all streams after a cursor, in log order, up to the frontier below which nothing can appear any more. Personal data stays sealed. */
  readLog(after: Cursor, limit: number): Promise<RecordedEvent[]>;
  /** The newest event that is committed now, also above the frontier; START for an empty log. */
  head(): Promise<Cursor>;
  /**
   * Runs work in one transaction; the store it is given appends inside it. When others overtook it, again from the start:
   * work does nothing but what the transaction takes back. Inside a transaction it is part of that.
   */
  transact<T>(work: (store: EventStore, tx: Tx) => Promise<T>): Promise<T>;
  /** This store, working inside a transaction that the caller has open. */
  within(tx: Tx): EventStore;
}
