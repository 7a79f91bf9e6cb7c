import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { ClockEvent } from './clock/clock.decider.ts';
import type { DormancyEvent } from './dormancy/dormancy.process.ts';
import type { GapEvent } from './gap/gap.decider.ts';
import type { PolicyEvent } from './policy/policy.decider.ts';

/** Own event to public fact. The only way out; what is not named here stays inside. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as DormancyEvent | PolicyEvent | ClockEvent | GapEvent;
  switch (known.type) {
    case 'InactivityWarningIssued': {
      const { messageId, dueAt, suspendAt } = known.data;
      return { name: 'InactivityWarningIssued.v1', data: { accountId: id, messageId, dueAt, suspendAt } };
    }
    case 'DormancyReached':
      return { name: 'DormancyReached.v1', data: { accountId: id, ...known.data } };
    case 'ClockStarted':
    case 'ClockStopped':
    case 'InactivityWarningAccepted':
    case 'InactivityWarningBounced':
    case 'PolicyAdopted':
    case 'ClockAdvanced':
    case 'GapClosed':
      return 'private';
  }
}
