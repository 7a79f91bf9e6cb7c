import type { DomainEvent } from './event.ts';
import { isLost } from './lost.ts';

/** The domain says no: a value inside `decide`, thrown once by `handle`. */
export interface Refusal<P extends string = string> {
  readonly refused: P;
  readonly detail: string;
  /** Facts for the caller (never personal data, never a secret). */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Says no. `code` is a row of the problem table; `detail` tells a person what to do. */
export const refuse = <P extends string>(code: P, detail: string, facts?: Refusal['facts']): Refusal<P> =>
  facts === undefined ? { refused: code, detail } : { refused: code, detail, facts };

/** Whether a decision is a refusal and not a list of events. */
export const isRefusal = <E, P extends string>(decision: readonly E[] | Refusal<P>): decision is Refusal<P> =>
  !Array.isArray(decision);

/** A name that only one stream may hold at a time, such as an address's digest. */
export interface Reservation {
  readonly scope: string;
  readonly key: string;
}

/** What an event does to reservations, and what to say when a name is taken. */
export interface Reservations<E, P extends string> {
  readonly takes: (event: E) => readonly Reservation[];
  readonly releases: (event: E) => readonly Reservation[];
  /** Of the names that were asked for at once, one is another stream's. */
  readonly taken: (names: readonly Reservation[]) => Refusal<P>;
}

/** One aggregate: command to events, events to state. Pure: reads no clock, makes no id, does no I/O. */
export interface Decider<C, S, E extends DomainEvent, P extends string = string> {
  /** First part of the stream's name. */
  readonly category: string;
  readonly initial: S;
  readonly decide: (command: C, state: S) => readonly E[] | Refusal<P>;
  readonly evolve: (state: S, event: E) => S;
  readonly reservations?: Reservations<E, P>;
}

/** State after these events, from the start or from a state on. */
export const fold = <C, S, E extends DomainEvent, P extends string>(
  decider: Decider<C, S, E, P>,
  events: readonly E[],
  from: S = decider.initial,
): S => events.reduce((state, event) => (isLost(event) ? state : decider.evolve(state, event)), from);
