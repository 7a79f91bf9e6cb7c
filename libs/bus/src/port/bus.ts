import type { Topic } from '#contracts';

/** A fact on its way: what the bus carries. Holds ids only, never personal data. */
export interface Message {
  readonly topic: Topic;
  /** The stream's id: messages of one key stay in order. */
  readonly key: string;
  readonly eventId: string;
  /** The fact's name, such as `KeyRevoked.v1`. */
  readonly type: string;
  /** Version of the stream after this event. */
  readonly version: number;
  /** The stream's last *published* version before this one; 0 = none. By it consumers see what they miss. */
  readonly previous: number;
  /** Epoch of the owner's log in which `previous` was written; absent: the first. */
  readonly previousEpoch?: number;
  /** The service that owns the stream. */
  readonly source: string;
  /** When it was decided, ISO 8601. */
  readonly time: string;
  /** Place in the owner's log (`formatCursor`). */
  readonly position: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  /** Who decided it: `account:<id>`, `service:<name>`, or `operator`, whose name stays with the owner. Absent from the release before. */
  readonly actor?: string;
  readonly data: object;
  /** What a record that no relay wrote held. */
  readonly raw?: RawRecord;
}

/** A record as a bus holds it: bytes of any kind. */
export interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** In their order. Of a name that comes several times the first one counts. */
  readonly headers: readonly (readonly [name: string, value: Buffer])[];
}

/** One ordered part of a topic. */
export interface Partition {
  readonly topic: Topic;
  readonly partition: number;
}

/** A message where the bus keeps it. */
export interface BusRecord {
  readonly offset: number;
  readonly message: Message;
}

/** Offsets that a partition holds now: `first` up to, not including, `next`. */
export interface PartitionRange extends Partition {
  readonly first: number;
  readonly next: number;
}

/** Where a follower wants to go on, and after how long. */
export interface Resume {
  readonly offset: number;
  readonly afterMs?: number;
}

/** A reader of the bus. It keeps its offsets in its own database, in the transaction that writes what it read; the bus only delivers. */
export interface Follower {
  /**
   * The partition is this member's from now on; answers the offset to begin with, or 'halt' to read nothing for now: the
   * bus asks again every half minute. When it throws, the bus asks again soon.
   */
  assigned(partition: Partition): Promise<number | 'halt'>;
  /** The next records, in order, at most 500. Answers where to go on: the same offset again when they could not be taken. Never throws. */
  receive(partition: Partition, records: readonly BusRecord[]): Promise<Resume>;
  /** The partition went to another member, or this member has stopped. */
  revoked(partition: Partition): void;
}

/** A member of a group at work. */
export interface Following {
  /** Ends after the batch at hand and lets another member take over at once. */
  stop(): Promise<void>;
}

/** How followers tell about trouble; they go on trying by themselves. */
export type Alarm = (what: string, error: unknown) => void;

/**
 * Carries facts between services: at least once, in order per key. An abstract class, so that it can be asked for by name
 * where things are wired.
 */
export abstract class Bus {
  /** Adds messages in this order. Resolves when they are safe; after a failure the same call may be repeated. */
  abstract publish(messages: readonly Message[]): Promise<void>;
  /** Joins a group: each partition is read by one member of it at a time. */
  abstract follow(group: string, topics: readonly Topic[], follower: Follower): Following;
  /** The partitions of a topic and what they hold. */
  abstract ranges(topic: Topic): Promise<readonly PartitionRange[]>;
  /** The record at this very offset, or undefined when it is gone or was never there. */
  abstract recordAt(topic: Topic, partition: number, offset: number): Promise<BusRecord | undefined>;
  /** The database cluster that it lies in, by its system identifier: what becomes of one becomes of the other. Undefined: none. */
  abstract cluster(): Promise<string | undefined>;
  /** Stops all that this object runs. */
  abstract close(): Promise<void>;
}
