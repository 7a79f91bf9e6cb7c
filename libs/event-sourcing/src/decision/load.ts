import { type Decider, fold } from './decider.ts';
import type { EventStore } from './event-store.ts';
import { type DomainEvent, type RecordedEvent, streamName } from './event.ts';
import { WORTH_KEEPING } from './kept-states.ts';
import { SNAPSHOT_AFTER } from './snapshot.ts';

/** The state of one thing, and the version of its stream that this is; 0 where there is none. */
export interface Loaded<S> {
  readonly version: number;
  readonly state: S;
}

/** How to load: as it was at a version; or as if this process had never loaded it, where the time that it takes must say nothing. */
export interface LoadOptions {
  readonly upTo?: number;
  readonly afresh?: boolean;
}

/**
 * The state that a stream's events come to. Of a long stream only what came after a kept state, or after its snapshot, is read;
 * the log says in the same statement whether that still stands.
 */
export async function load<C, S, E extends DomainEvent, P extends string>(
  store: Pick<EventStore, 'kept' | 'readOn' | 'saveSnapshot'>,
  decider: Decider<C, S, E, P>,
  id: string,
  { upTo, afresh = false }: LoadOptions = {},
): Promise<Loaded<S>> {
  const streamId = streamName(decider.category, id);
  const { from, events, settled, personal } = await store.readOn<S, E>(streamId, {
    kept: afresh ? undefined : store.kept.get(decider, streamId),
    upTo,
  });
  const state = fold(
    decider,
    events.slice(0, settled).map(({ event }) => event),
    from?.state,
  );
  const last = events[settled - 1];
  if (last && upTo === undefined) {
    const kept = { version: last.version, eventId: last.eventId, state, personal };
    store.kept.put(decider, streamId, kept);
    if (settled >= SNAPSHOT_AFTER) await store.saveSnapshot(streamId, kept);
  }
  return {
    version: events.at(-1)?.version ?? from?.version ?? 0,
    state: fold(
      decider,
      events.slice(settled).map(({ event }) => event),
      state,
    ),
  };
}

/** Several things by their ids; what has no events is left out. Short streams are read together, of long ones only what is new. */
export async function loadMany<C, S, E extends DomainEvent, P extends string>(
  store: Pick<EventStore, 'inTransaction' | 'kept' | 'readOn' | 'readStreams' | 'saveSnapshot'>,
  decider: Decider<C, S, E, P>,
  ids: readonly string[],
): Promise<Map<string, Loaded<S>>> {
  const streams = await store.readStreams<E>(
    ids.map((id) => streamName(decider.category, id)),
    { upTo: WORTH_KEEPING },
  );
  const loaded = async (events: readonly RecordedEvent<E>[]): Promise<[string, Loaded<S>]> => {
    const id = events[0]?.id ?? '';
    if (events.length >= WORTH_KEEPING) return [id, await load(store, decider, id)];
    const state = fold(
      decider,
      events.map(({ event }) => event),
    );
    return [id, { version: events.length, state }];
  };
  // The one connection of a transaction takes one question after the other.
  return new Map(
    await (store.inTransaction
      ? Array.fromAsync(streams.values(), loaded)
      : Promise.all([...streams.values()].map(loaded))),
  );
}
