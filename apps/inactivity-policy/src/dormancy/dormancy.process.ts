import type { Decider } from '#event-sourcing';
import type { Policy } from '../policy/policy.decider.ts';
import {
  type Dormancy,
  dueAtOf,
  isRunning,
  type LastActivity,
  suspendAtOf,
  type Warning,
  warningAtOf,
} from './deadline.process.ts';

export type DormancyEvent =
  | { type: 'ClockStarted'; data: { at: string; reason: 'registered' | 'reactivated' } }
  | { type: 'ClockStopped'; data: { at: string; reason: 'inactivity' | 'operator' } }
  | { type: 'InactivityWarningIssued'; data: { messageId: string; dueAt: string; suspendAt: string; issuedAt: string } }
  | { type: 'InactivityWarningAccepted'; data: { messageId: string; dueAt: string; acceptedAt: string } }
  | {
      type: 'InactivityWarningBounced';
      data: { messageId: string; dueAt: string; bounce: 'hard' | 'soft'; bouncedAt: string };
    }
  | { type: 'DormancyReached'; data: Evidence };

export interface Evidence {
  dueAt: string;
  reachedAt: string;
  policyVersion: number;
  warningMessageId: string;
  noticeServedAt: string;
  lastActivity: LastActivity;
  /** Up to when every gateway, and identity by its sign-ins, had been heard; null in events from before they were asked. */
  watermark: string | null;
}

export interface StartClock {
  type: 'StartClock';
  at: string;
  reason: 'registered' | 'reactivated';
}
export interface StopClock {
  type: 'StopClock';
  at: string;
  reason: 'inactivity' | 'operator';
}
export interface RecordAccepted {
  type: 'RecordAccepted';
  messageId: string;
  at: string;
}
export interface RecordBounced {
  type: 'RecordBounced';
  messageId: string;
  bounce: 'hard' | 'soft';
  at: string;
}
/**
 * `dueAt` is what the caller found due, and `messageId` is derived from the account and it. All activity up to `watermark` is
 * in `lastActivity`; null while that can be said of no instant.
 */
export interface Assess {
  type: 'Assess';
  at: string;
  policy: Policy;
  lastActivity: LastActivity;
  dueAt: string;
  messageId: string;
  watermark: string | null;
}
export type DormancyCommand = StartClock | StopClock | RecordAccepted | RecordBounced | Assess;

export const dormancy: Decider<DormancyCommand, Dormancy, DormancyEvent, never> = {
  category: 'dormancy',
  initial: { startedAt: null, stoppedAt: null, warnings: [] },
  decide(command, state) {
    switch (command.type) {
      case 'StartClock':
        return isLater(command.at, state.startedAt)
          ? [{ type: 'ClockStarted', data: { at: command.at, reason: command.reason } }]
          : [];
      case 'StopClock':
        return isLater(command.at, state.stoppedAt)
          ? [{ type: 'ClockStopped', data: { at: command.at, reason: command.reason } }]
          : [];
      case 'RecordAccepted':
        return accept(command, state);
      case 'RecordBounced':
        return bounce(command, state);
      case 'Assess':
        return assess(command, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'ClockStarted':
        return { ...state, startedAt: event.data.at };
      case 'ClockStopped':
        return { ...state, stoppedAt: event.data.at };
      case 'InactivityWarningIssued': {
        const { messageId, dueAt, issuedAt } = event.data;
        return {
          ...state,
          warnings: [...state.warnings, { messageId, dueAt, issuedAt, servedAt: null, reached: false }],
        };
      }
      case 'InactivityWarningAccepted':
        return served(state, event.data.messageId, event.data.acceptedAt);
      case 'InactivityWarningBounced':
        return event.data.bounce === 'hard' ? served(state, event.data.messageId, event.data.bouncedAt) : state;
      case 'DormancyReached':
        return change(state, event.data.warningMessageId, (warning) => ({ ...warning, reached: true }));
    }
  },
};

const isLater = (at: string, known: string | null) => known === null || at > known;

/** The latest word about a warning counts, so notice is never counted from too early; and never from before it was issued. */
const served = (state: Dormancy, messageId: string, at: string) =>
  change(state, messageId, (warning) => ({
    ...warning,
    servedAt: [warning.issuedAt, warning.servedAt ?? at, at].reduce((a, b) => (a > b ? a : b)),
  }));

const change = (state: Dormancy, messageId: string, to: (warning: Warning) => Warning): Dormancy => ({
  ...state,
  warnings: state.warnings.map((warning) => (warning.messageId === messageId ? to(warning) : warning)),
});

function accept({ messageId, at }: RecordAccepted, { warnings }: Dormancy) {
  const warning = warnings.find((candidate) => candidate.messageId === messageId);
  if (!warning || (warning.servedAt !== null && at <= warning.servedAt)) return [];
  return [
    { type: 'InactivityWarningAccepted', data: { messageId, dueAt: warning.dueAt, acceptedAt: at } },
  ] satisfies DormancyEvent[];
}

function bounce({ messageId, bounce, at }: RecordBounced, { warnings }: Dormancy) {
  const warning = warnings.find((candidate) => candidate.messageId === messageId);
  if (!warning || (warning.servedAt !== null && at <= warning.servedAt)) return [];
  return [
    { type: 'InactivityWarningBounced', data: { messageId, dueAt: warning.dueAt, bounce, bouncedAt: at } },
  ] satisfies DormancyEvent[];
}

function assess({ at, policy, lastActivity, dueAt, messageId, watermark }: Assess, state: Dormancy): DormancyEvent[] {
  // Decided upon another due date than this state's: the account comes up again, with the right one.
  if (!isRunning(state) || dueAt !== dueAtOf(state, policy, lastActivity)) return [];
  const warning = state.warnings.find((candidate) => candidate.dueAt === dueAt);
  if (!warning)
    return at < warningAtOf(dueAt, policy)
      ? []
      : [
          {
            type: 'InactivityWarningIssued',
            data: { messageId, dueAt, suspendAt: suspendAtOf(dueAt, at, policy), issuedAt: at },
          },
        ];
  if (warning.reached || warning.servedAt === null) return [];
  const suspendAt = suspendAtOf(dueAt, warning.servedAt, policy);
  // Use between the due date and the suspension moves the due date: it must be known too, or a late notice would suspend a person who came back.
  if (at < suspendAt || watermark === null || watermark < suspendAt) return [];
  return [
    {
      type: 'DormancyReached',
      data: {
        dueAt,
        reachedAt: at,
        policyVersion: policy.version,
        warningMessageId: warning.messageId,
        noticeServedAt: warning.servedAt,
        lastActivity,
        watermark,
      },
    },
  ];
}
