import type { Decider } from './decider.ts';
import { fold, isRefusal } from './decider.ts';
import { Refused, ReservationTaken, SQLSTATE, VersionConflict, sqlState } from './errors.ts';
import type { EventStore } from './event-store.ts';
import { type Cause, type DomainEvent, streamName } from './event.ts';

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
 */
export async function handle<C, S, E extends DomainEvent, P extends string>(
  store: EventStore, decider: Decider<C, S, E, P>, id: string, command: C, cause: Cause,
): Promise<Handled<S, E>> {
  const streamId = streamName(decider.category, id);
  for (let attempt = 1; ; attempt++) {
    const past = await store.readStream<E>(streamId);
    const state = fold(decider, past.map((recorded) => recorded.event));
    const expectedVersion = past.at(-1)?.version ?? 0;
    const decision = decider.decide(command, state);
    if (isRefusal(decision) || decision.length === 0) {
      // A retry must hear what the first attempt did, even where the domain would now say no.
      const before = cause.commandId === undefined ? undefined : await store.outcome(cause.commandId, cause.fingerprint);
      if (before) return { ...before, events: [], state };
      if (isRefusal(decision)) throw new Refused(decision);
      return { streamId, version: expectedVersion, events: [], state, repeated: false };
    }
    try {
      const take = decision.flatMap((event) => decider.reservations?.takes(event) ?? []);
      const release = decision.flatMap((event) => decider.reservations?.releases(event) ?? []);
      const appended = await store.append({ streamId, expectedVersion, events: decision, cause, take, release });
      if (appended.repeated) return { ...appended, events: [], state };
      return { ...appended, events: decision, state: decision.reduce((s, event) => decider.evolve(s, event), state) };
    } catch (error) {
      if (error instanceof ReservationTaken && decider.reservations) throw new Refused(decider.reservations.taken);
      // Inside somebody's transaction the failed statement has spoiled it: only its owner can try again.
      if (!overtaken(error) || store.inTransaction || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

const overtaken = (error: unknown) =>
  error instanceof VersionConflict || sqlState(error) === SQLSTATE.serialization || sqlState(error) === SQLSTATE.deadlock;
