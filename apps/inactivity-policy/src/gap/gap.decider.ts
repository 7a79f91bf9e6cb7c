import type { Decider } from '#event-sourcing';

/** The time for which a gateway process that ended without leaving may have seen activity and not reported it: from `since` until it was closed. */
export interface GapClosed {
  /** Up to here all that it saw is recorded. */
  since: string;
  /** Records that it said it kept when it was heard last. */
  kept: number;
  reason: string;
  closedBy: string;
  closedAt: string;
}

export type GapEvent = { type: 'GapClosed'; data: GapClosed };
export type CloseGap = { type: 'CloseGap' } & GapClosed;

/** One stream for each gateway process with a gap. Closing is a person's decision, and kept for good: suspensions stand on it. */
export const gap: Decider<CloseGap, { closedSince: string | null }, GapEvent, never> = {
  category: 'gap',
  initial: { closedSince: null },
  decide({ type: _type, ...data }, { closedSince }) {
    // The first reason stands, unless the process came back, told more and fell silent again: that is another gap.
    return closedSince === data.since ? [] : [{ type: 'GapClosed', data }];
  },
  evolve: (_state, { data }) => ({ closedSince: data.since }),
};
