import { type Decider, refuse } from '#event-sourcing';

export type ClockEvent = { type: 'ClockAdvanced'; data: { seconds: number } };
export interface AdvanceClock { type: 'AdvanceClock'; seconds: number }

const AHEAD_MAX_MS = 1_000 * 365 * 86_400_000;

/** How far the installation's clock was moved forward, in development. It never goes back. */
export const clock: Decider<AdvanceClock, { offsetMs: number }, ClockEvent, 'request/invalid'> = {
  category: 'clock',
  initial: { offsetMs: 0 },
  decide({ seconds }, { offsetMs }) {
    // In sum: eight hundred steps of ten years lead to years of five digits, which neither the log nor JSON can write.
    if (offsetMs + seconds * 1000 > AHEAD_MAX_MS) return refuse('request/invalid', 'The clock goes at most 1,000 years ahead in all, and never back. Begin with a new data folder for more.');
    return [{ type: 'ClockAdvanced', data: { seconds } }];
  },
  evolve: ({ offsetMs }, { data: { seconds } }) => ({ offsetMs: offsetMs + seconds * 1000 }),
};
