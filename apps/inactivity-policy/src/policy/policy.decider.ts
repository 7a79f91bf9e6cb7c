import type { Decider } from '#event-sourcing';

/** The installation's policy: its version, its figures, and since when it holds. */
export interface Policy {
  version: number;
  thresholdDays: number;
  noticeDays: number;
  effectiveAt: string;
}

export type PolicyEvent = { type: 'PolicyAdopted'; data: Policy };
export interface AdoptPolicy {
  type: 'AdoptPolicy';
  thresholdDays: number;
  noticeDays: number;
  at: string;
}

/** One stream for the installation. A figure that changes is a new version, effective from its adoption. */
export const policy: Decider<AdoptPolicy, Policy | undefined, PolicyEvent, never> = {
  category: 'policy',
  initial: undefined,
  decide({ thresholdDays, noticeDays, at }, state) {
    if (state?.thresholdDays === thresholdDays && state.noticeDays === noticeDays) return [];
    return [
      {
        type: 'PolicyAdopted',
        data: { version: (state?.version ?? 0) + 1, thresholdDays, noticeDays, effectiveAt: at },
      },
    ];
  },
  evolve: (_state, { data }) => data,
};
