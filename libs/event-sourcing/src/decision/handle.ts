import type { Decider, Reservation, Reservations } from './decider.ts';
import { fold, isRefusal } from './decider.ts';
import { CommandReused, Refused, ReservationTaken } from './errors.ts';
import type { Appended, EventStore } from './event-store.ts';
import { type Cause, type DomainEvent, streamName } from './event.ts';
import { load, type Loaded } from './load.ts';
import { untilNotOvertaken } from './overtaken.ts';
import { categoryOf, idOf } from '../log/row.ts';

/** What a command came to. `events` is empty when nothing had to change, or when the command was carried out before (`repeated`). */
export interface Handled<S, E> {
  readonly streamId: string;
  readonly version: number;
  readonly events: readonly E[];
  readonly state: S;
  readonly repeated: boolean;
}

/**
 * Carries out one command: load, fold, decide, append at the version decided upon; again when another process was faster.
 * Commands of this process on one stream take turns: a hundred at once are a hundred appends, not a hundred who overtake each other.
 * @throws Refused when the domain says no. @throws VersionConflict when ten attempts were all overtaken.
 * @throws CommandReused when the command id was used with other content or for another kind of thing.
 */
export function handle<C, S, E extends DomainEvent, P extends string>(
  store: EventStore,
  decider: Decider<C, S, E, P>,
  id: string,
  command: C,
  cause: Cause,
): Promise<Handled<S, E>> {
  const attempt = () => once(store, decider, id, command, cause);
  // Inside a caller's transaction the failed statement has spoiled it: only that caller can try again.
  return store.inTransaction
    ? attempt()
    : store.turns.take(streamName(decider.category, id), () => untilNotOvertaken(attempt));
}

/** A command that was decided upon: what `appendMany` takes, and the state that it comes to. */
export interface Decided<S, E> {
  readonly streamId: string;
  readonly expectedVersion: number;
  readonly events: readonly E[];
  readonly state: S;
}

/** Decides upon one of several commands that are appended together; of a thing that is new nothing need be loaded. @throws Refused when the domain says no. */
export function decided<C, S, E extends DomainEvent, P extends string>(
  decider: Decider<C, S, E, P>,
  id: string,
  command: C,
  { version: expectedVersion, state }: Loaded<S> = { version: 0, state: decider.initial },
): Decided<S, E> {
  const events = decider.decide(command, state);
  if (isRefusal(events)) throw new Refused(events);
  return { streamId: streamName(decider.category, id), expectedVersion, events, state: fold(decider, events, state) };
}

async function once<C, S, E extends DomainEvent, P extends string>(
  store: EventStore,
  decider: Decider<C, S, E, P>,
  id: string,
  command: C,
  cause: Cause,
): Promise<Handled<S, E>> {
  const { version, state } = await load(store, decider, id);
  const decision = decider.decide(command, state);
  const streamId = streamName(decider.category, id);
  if (isRefusal(decision) || decision.length === 0) {
    // A retry must hear what the first attempt did, even where the domain would now say no.
    const before = cause.commandId === undefined ? undefined : await store.outcome(cause.commandId, cause.fingerprint);
    if (before) return again(store, decider, before, cause);
    if (isRefusal(decision)) throw new Refused(decision);
    await store.barrier();
    return { streamId, version, events: [], state, repeated: false };
  }
  const names = settled(decision, decider.reservations);
  try {
    const appended = await store.append({ streamId, expectedVersion: version, events: decision, cause, ...names });
    return appended.repeated
      ? await again(store, decider, appended, cause)
      : { ...appended, events: decision, state: fold(decider, decision, state) };
  } catch (error) {
    if (error instanceof ReservationTaken && decider.reservations)
      throw new Refused(decider.reservations.taken(names.take));
    throw error;
  }
}

/** The outcome of the first attempt; it may have been on another stream, where each attempt makes an id of its own. */
async function again<C, S, E extends DomainEvent, P extends string>(
  store: EventStore,
  decider: Decider<C, S, E, P>,
  before: Appended,
  cause: Cause,
): Promise<Handled<S, E>> {
  if (categoryOf(before.streamId) !== decider.category) throw new CommandReused(cause.commandId ?? '');
  const { state } = await load(store, decider, idOf(before.streamId, decider.category), { upTo: before.version });
  return { ...before, events: [], state };
}

/** The net effect of all events on names: the last event about a name counts. */
function settled<E, P extends string>(events: readonly E[], reservations: Reservations<E, P> | undefined) {
  const last = new Map<string, { name: Reservation; held: boolean }>();
  if (reservations)
    for (const event of events) {
      for (const name of reservations.releases(event))
        last.set(JSON.stringify([name.scope, name.key]), { name, held: false });
      for (const name of reservations.takes(event))
        last.set(JSON.stringify([name.scope, name.key]), { name, held: true });
    }
  const names = [...last.values()];
  return {
    take: names.filter((n) => n.held).map((n) => n.name),
    release: names.filter((n) => !n.held).map((n) => n.name),
  };
}
