import { type Decider, refuse } from '#event-sourcing';

export type ClockEvent = { type: 'ClockAdvanced'; data: { seconds: number } };
/** `machine`: the machine's own time, which the offset is added to. */
export interface AdvanceClock {
  type: 'AdvanceClock';
  seconds: number;
  machine: string;
}

/** RFC 3339 has years of four digits; what is due up to a year later must still be one of them. */
export const CLOCK_MAX_MS = Date.UTC(9998, 11, 31);

/** How far the installation's clock was moved forward, in development. It never goes back. */
export const clock: Decider<AdvanceClock, { offsetMs: number }, ClockEvent, 'request/invalid'> = {
  category: 'clock',
  initial: { offsetMs: 0 },
  // Judged in sum: many small steps lead as far as one that is too large.
  decide: ({ seconds, machine }, { offsetMs }) =>
    Date.parse(machine) + offsetMs + seconds * 1000 > CLOCK_MAX_MS
      ? refuse(
          'request/invalid',
          'The clock cannot leave the year 9998: the times of a year later must have years of four digits. It was not moved.',
          { fields: [{ pointer: '/seconds', detail: 'is too far' }] },
        )
      : [{ type: 'ClockAdvanced', data: { seconds } }],
  evolve: ({ offsetMs }, { data: { seconds } }) => ({ offsetMs: offsetMs + seconds * 1000 }),
};
