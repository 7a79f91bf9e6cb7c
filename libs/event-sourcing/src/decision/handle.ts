import type { Decider, Reservation, Reservations } from './decider.ts';
import { fold, isRefusal } from './decider.ts';
import { CommandReused, Refused, ReservationTaken, SQLSTATE, VersionConflict, sqlState } from './errors.ts';
import type { Appended, EventStore } from './event-store.ts';
import { type Cause, type DomainEvent, streamName } from './event.ts';
import { load } from './load.ts';
import { categoryOf, idOf } from '../log/row.ts';

/** What a command came to. `events` is empty when nothing had to change, or when the command was carried out before (`repeated`). */
export interface Handled<S, E> {
  readonly streamId: string;
  readonly version: number;
  readonly events: readonly E[];
  readonly state: S;
  readonly repeated: boolean;
}

const ATTEMPTS_MAX = 3;

/**
 * Carries out one command: load, fold, decide, append at the version decided upon; again when somebody was faster.
 * @throws Refused when the domain says no. @throws VersionConflict when three attempts were all overtaken.
 * @throws CommandReused when the command id was used with other content or for another kind of thing.
 */
export async function handle<C, S, E extends DomainEvent, P extends string>(
  store: EventStore, decider: Decider<C, S, E, P>, id: string, command: C, cause: Cause,
): Promise<Handled<S, E>> {
  const streamId = streamName(decider.category, id);
  for (let attempt = 1; ; attempt++) {
    const { version: expectedVersion, state } = await load(store, decider, id);
    const decision = decider.decide(command, state);
    if (isRefusal(decision) || decision.length === 0) {
      // A retry must hear what the first attempt did, even where the domain would now say no.
      const before = cause.commandId === undefined ? undefined : await store.outcome(cause.commandId, cause.fingerprint);
      if (before) return again(store, decider, before, cause);
      if (isRefusal(decision)) throw new Refused(decision);
      return { streamId, version: expectedVersion, events: [], state, repeated: false };
    }
    try {
      const appended = await store.append({ streamId, expectedVersion, events: decision, cause, ...settled(decision, decider.reservations) });
      if (appended.repeated) return await again(store, decider, appended, cause);
      return { ...appended, events: decision, state: fold(decider, decision, state) };
    } catch (error) {
      if (error instanceof ReservationTaken && decider.reservations) throw new Refused(decider.reservations.taken);
      // Inside somebody's transaction the failed statement has spoiled it: only its owner can try again.
      if (!overtaken(error) || store.inTransaction || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** What the first attempt came to; it may have been on another stream, where each attempt makes an id of its own. */
async function again<C, S, E extends DomainEvent, P extends string>(
  store: EventStore, decider: Decider<C, S, E, P>, before: Appended, cause: Cause,
): Promise<Handled<S, E>> {
  if (categoryOf(before.streamId) !== decider.category) throw new CommandReused(cause.commandId ?? '');
  const { state } = await load(store, decider, idOf(before.streamId, decider.category), { upTo: before.version });
  return { ...before, events: [], state };
}

/** What all events together do to names: the last word about a name counts. */
function settled<E, P extends string>(events: readonly E[], reservations: Reservations<E, P> | undefined) {
  const last = new Map<string, { name: Reservation; held: boolean }>();
  for (const event of reservations ? events : []) {
    for (const name of reservations?.releases(event) ?? []) last.set(JSON.stringify([name.scope, name.key]), { name, held: false });
    for (const name of reservations?.takes(event) ?? []) last.set(JSON.stringify([name.scope, name.key]), { name, held: true });
  }
  const names = [...last.values()];
  return { take: names.filter((n) => n.held).map((n) => n.name), release: names.filter((n) => !n.held).map((n) => n.name) };
}

const overtaken = (error: unknown) =>
  error instanceof VersionConflict || sqlState(error) === SQLSTATE.serialization || sqlState(error) === SQLSTATE.deadlock;
