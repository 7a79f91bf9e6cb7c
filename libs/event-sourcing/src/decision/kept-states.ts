import type { Decider } from './decider.ts';

/**
 * A state, and the event that completed it. It is used only where the log holds this very event at this version: what was rolled
 * back, or belongs to a branch that was lost with a restored log, is told by that.
 */
export interface KeptState<S = unknown> {
  readonly version: number;
  readonly eventId: string;
  readonly state: S;
  /** Holds what a person's key has opened: not to be used once that key is gone. */
  readonly personal: boolean;
}

/** Fewer events are read as quickly as one, and streams of two or three are nearly all there are. */
export const WORTH_KEEPING = 16;

/** Events that all kept states together were made of: a state is hardly ever more than they are. `npm run bench -- streams` tells what that comes to. */
const EVENTS_MAX = 200_000;

/** States of a process that were used lately. A caller that takes one must ask the log whether it still stands. */
export class KeptStates {
  // A Map keeps the order of insertion: what was used longest ago comes first.
  private readonly entries = new Map<string, { by: object; kept: KeptState }>();
  private events = 0;

  constructor(private readonly eventsMax: number = EVENTS_MAX) {}

  /** What this decider made of a stream. */
  get<S>(by: Pick<Decider<never, S, never>, 'initial'>, streamId: string): KeptState<S> | undefined {
    const entry = this.entries.get(streamId);
    return entry?.by === by ? (entry.kept as KeptState<S>) : undefined;
  }

  put(by: object, streamId: string, kept: KeptState): void {
    this.drop(streamId);
    if (kept.version < WORTH_KEEPING || kept.version > this.eventsMax) return;
    this.entries.set(streamId, { by, kept });
    this.events += kept.version;
    for (const oldest of this.entries.keys()) {
      if (this.events <= this.eventsMax) break;
      this.drop(oldest);
    }
  }

  drop(streamId: string): void {
    this.events -= this.entries.get(streamId)?.kept.version ?? 0;
    this.entries.delete(streamId);
  }
}
