import { type EventStore, load } from '#event-sourcing';
import { type Clock, DevClock } from '#platform';
import { clock as decider, CLOCK_MAX_MS } from './clock.decider.ts';

export const INSTALLATION = 'installation';

/**
 * Sets a development clock to where it was moved, from the log. Any other clock is left alone: a log that was once
 * written in development cannot move a real installation's time. Answers how far it is ahead, in milliseconds.
 */
export async function restoreClock(store: EventStore, clock: Clock): Promise<number> {
  if (!(clock instanceof DevClock)) return 0;
  const { state: moved } = await load(store, decider, INSTALLATION);
  // A log from before the limit may hold more than it.
  const offsetMs = Math.min(moved.offsetMs, CLOCK_MAX_MS - Date.now());
  clock.setOffset(offsetMs);
  return offsetMs;
}
