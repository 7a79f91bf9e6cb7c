import { type Decider, refuse } from '#event-sourcing';
import type { ProblemCode } from '#contracts';

export type SessionEndReason = 'signed-out' | 'ended-by-holder' | 'suspended';

export type SessionEvent =
  | { type: 'SessionStarted'; data: { accountId: string; tokenDigest: string } }
  | { type: 'SessionEnded'; data: { reason: SessionEndReason } };

export type Session = { status: 'unknown' } | { status: 'open' | 'ended'; accountId: string };

export interface StartSession {
  type: 'StartSession';
  accountId: string;
  tokenDigest: string;
}
/** `accountId`: the account that asks; only the session's holder may end it. */
export interface EndSession {
  type: 'EndSession';
  accountId: string;
  reason: SessionEndReason;
}
export type SessionCommand = StartSession | EndSession;

export type SessionProblem = Extract<ProblemCode, 'session/unknown'>;

export const session: Decider<SessionCommand, Session, SessionEvent, SessionProblem> = {
  category: 'session',
  initial: { status: 'unknown' },
  decide(command, state) {
    switch (command.type) {
      case 'StartSession':
        return state.status === 'unknown'
          ? [{ type: 'SessionStarted', data: { accountId: command.accountId, tokenDigest: command.tokenDigest } }]
          : [];
      case 'EndSession':
        return end(command, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'SessionStarted':
        return { status: 'open', accountId: event.data.accountId };
      case 'SessionEnded':
        return state.status === 'unknown' ? state : { ...state, status: 'ended' };
    }
  },
};

function end({ accountId, reason }: EndSession, state: Session) {
  // Another account's session is as unknown as one that never was.
  if (state.status === 'unknown' || state.accountId !== accountId)
    return refuse('session/unknown', 'You have no session with this id.');
  if (state.status === 'ended') return [];
  return [{ type: 'SessionEnded', data: { reason } }] satisfies SessionEvent[];
}
