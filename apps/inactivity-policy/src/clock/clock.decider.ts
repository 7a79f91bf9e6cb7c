import type { Decider } from '#event-sourcing';

export type ClockEvent = { type: 'ClockAdvanced'; data: { seconds: number } };
export interface AdvanceClock { type: 'AdvanceClock'; seconds: number }

/** How far the installation's clock was moved forward, in development. It never goes back. */
export const clock: Decider<AdvanceClock, { offsetMs: number }, ClockEvent, never> = {
  category: 'clock',
  initial: { offsetMs: 0 },
  decide: ({ seconds }) => [{ type: 'ClockAdvanced', data: { seconds } }],
  evolve: ({ offsetMs }, { data: { seconds } }) => ({ offsetMs: offsetMs + seconds * 1000 }),
};
