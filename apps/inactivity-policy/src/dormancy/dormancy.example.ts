import type { Policy } from '../policy/policy.decider.ts';
import type { LastActivity } from './deadline.process.ts';
import type { Assess, DormancyEvent } from './dormancy.process.ts';

/** Example events of an account that registered on New Year's Day and never came back, for tests and for reading. */
export const policy: Policy = {
  version: 1,
  thresholdDays: 180,
  noticeDays: 14,
  effectiveAt: '2025-01-01T00:00:00.000Z',
};
export const never: LastActivity = { signIn: null, session: null, api: null };
export const messageId = '01890a5d-ac96-574b-8cce-b302099a8057';
export const dueAt = '2026-07-01T00:00:00.000Z';
export const warningAt = '2026-06-16T23:00:00.000Z';
export const started = {
  type: 'ClockStarted',
  data: { at: '2026-01-01T12:00:00.000Z', reason: 'registered' },
} as const satisfies DormancyEvent;
export const warned = {
  type: 'InactivityWarningIssued',
  data: { messageId, dueAt, suspendAt: dueAt, issuedAt: warningAt },
} as const satisfies DormancyEvent;
export const accepted = {
  type: 'InactivityWarningAccepted',
  data: { messageId, dueAt, acceptedAt: '2026-06-16T23:00:05.000Z' },
} as const satisfies DormancyEvent;
export const bounced = {
  type: 'InactivityWarningBounced',
  data: { messageId, dueAt, bounce: 'hard', bouncedAt: '2026-06-20T00:00:00.000Z' },
} as const satisfies DormancyEvent;
export const stopped = {
  type: 'ClockStopped',
  data: { at: '2026-07-01T00:00:01.000Z', reason: 'inactivity' },
} as const satisfies DormancyEvent;
export const reached = {
  type: 'DormancyReached',
  data: {
    dueAt,
    reachedAt: dueAt,
    policyVersion: 1,
    warningMessageId: messageId,
    noticeServedAt: accepted.data.acceptedAt,
    lastActivity: never,
    watermark: dueAt,
  },
} as const satisfies DormancyEvent;
export const assess = (at: string, changed: Partial<Assess> = {}): Assess => ({
  type: 'Assess',
  at,
  policy,
  lastActivity: never,
  dueAt,
  messageId,
  watermark: at,
  ...changed,
});
