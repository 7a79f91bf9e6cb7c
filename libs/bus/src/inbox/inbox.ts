import type { Topic } from '#contracts';
import type { EventStore, Tx } from '#event-sourcing';
import type { Alarm, Bus, Message } from '../port/bus.ts';
import type { DeliveredFact } from './delivered-fact.ts';
import type { OwnersHistory } from '../history/foreign-source.ts';
import type { Mark } from '../port/message.ts';

/** A service's way in from the bus: foreign facts to own commands or own rows. */
export interface Inbox {
  readonly topics: readonly Topic[];
  /**
   * Takes facts in order per stream, each once, all in one transaction: what it writes through `tx` is kept if and only if
   * all of it is. It may be called again with the same facts after a failure, so it does nothing outside of `tx`.
   */
  receive(facts: readonly DeliveredFact[], tx: { store: EventStore; sql: Tx }): Promise<void>;
  /** Whether anything follows from a fact; without it, from each. Where nothing does from a whole batch, it is not received. */
  takes?(fact: DeliveredFact): boolean;
  /** Told in the transaction that puts messages aside, where it matters that something is not known. */
  parking?(messages: readonly Message[], tx: Tx): void;
}

/** The owner's published facts of a stream after a mark, in order; of epoch 0: after the version, in any epoch. */
export type History = (topic: Topic, streamId: string, after: Mark) => Promise<readonly Message[]>;

/** What an inbox runner needs. */
export interface InboxRunnerOptions {
  /** Its group on the bus, and whose rows it keeps: the service's name. */
  readonly consumer: string;
  readonly pool: Tx;
  readonly store: EventStore;
  readonly bus: Bus;
  readonly inbox: Inbox;
  /** Without it a gap waits for an operator. */
  readonly history?: History;
  /** Where all of a topic can be read again. Without it a lost place begins with the oldest record of the bus. */
  readonly owners?: OwnersHistory;
  readonly alarm: Alarm;
  /** Rung after each batch, for those who wait until a fact was applied. */
  readonly doorbell?: { ring(): void };
  /** How often parked streams are looked at while there are any. */
  readonly parkedEveryMs?: number;
  /** Longest wait after failures. */
  readonly backOffMaxMs?: number;
  /** Called around each batch that the inbox takes, for those who measure. */
  readonly around?: <T>(messages: readonly Message[], work: () => Promise<T>) => Promise<T>;
}
