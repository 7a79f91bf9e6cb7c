import { type Decider, refuse } from '#event-sourcing';
import type { ProblemCode } from '#contracts';

/** How somebody has proved to be an account's holder. */
export type LoginMethod =
  'password' | 'link' | 'new-password' | 'totp' | 'recovery-code' | 'passkey' | 'sso' | 'sign-up' | 'invitation';

export type SessionEndReason =
  | 'signed-out'
  | 'ended-by-holder'
  | 'suspended'
  | 'credentials-changed'
  | 'too-many'
  | 'guessed'
  | 'operator'
  /** Its way in is shut: the organization's provider judges alone, or does so no longer. */
  | 'single-sign-on'
  /** The provider has ended its own. */
  | 'provider';

export type SessionEvent =
  /** In 0.1.0 without methods: a password, or what proved a new account's address. */
  | {
      type: 'SessionStarted';
      data: {
        accountId: string;
        tokenDigest: string;
        methods?: readonly LoginMethod[];
        /** It came through this connection, which may end it sooner. */
        connectionId?: string;
        endsAt?: string;
      };
    }
  /** The person has proved it anew, by these: what signing in would ask. The token of before is dead. */
  | { type: 'SessionProved'; data: { tokenDigest: string; methods: readonly LoginMethod[] } }
  /** Its credentials have changed: the token of before is dead. */
  | { type: 'SessionRotated'; data: { tokenDigest: string } }
  | { type: 'SessionEnded'; data: { reason: SessionEndReason } };

export type Session = { status: 'unknown' } | { status: 'open' | 'ended'; accountId: string };

export interface StartSession {
  type: 'StartSession';
  accountId: string;
  tokenDigest: string;
  methods: readonly LoginMethod[];
  connectionId?: string;
  endsAt?: string;
}
/** `accountId`: the account that asks; only the session's holder may change or end it. */
export interface ProveSession {
  type: 'ProveSession';
  accountId: string;
  tokenDigest: string;
  methods: readonly LoginMethod[];
}
export interface RotateSession {
  type: 'RotateSession';
  accountId: string;
  tokenDigest: string;
}
export interface EndSession {
  type: 'EndSession';
  accountId: string;
  reason: SessionEndReason;
}
export type SessionCommand = StartSession | ProveSession | RotateSession | EndSession;

export type SessionProblem = Extract<ProblemCode, 'session/unknown'>;

export const session: Decider<SessionCommand, Session, SessionEvent, SessionProblem> = {
  category: 'session',
  initial: { status: 'unknown' },
  decide(command, state) {
    if (command.type === 'StartSession') return start(command, state);
    // Another account's session is as unknown as one that never was.
    if (state.status === 'unknown' || state.accountId !== command.accountId) return sessionUnknown;
    if (state.status === 'ended') return command.type === 'EndSession' ? [] : sessionUnknown;
    switch (command.type) {
      case 'ProveSession':
        return [{ type: 'SessionProved', data: { tokenDigest: command.tokenDigest, methods: command.methods } }];
      case 'RotateSession':
        return [{ type: 'SessionRotated', data: { tokenDigest: command.tokenDigest } }];
      case 'EndSession':
        return [{ type: 'SessionEnded', data: { reason: command.reason } }];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'SessionStarted':
        return { status: 'open', accountId: event.data.accountId };
      case 'SessionProved':
      case 'SessionRotated':
        return state;
      case 'SessionEnded':
        return state.status === 'unknown' ? state : { ...state, status: 'ended' };
    }
  },
};

const sessionUnknown = refuse('session/unknown', 'You have no session with this id.');

const start = ({ type: _, ...data }: StartSession, state: Session): SessionEvent[] =>
  state.status === 'unknown' ? [{ type: 'SessionStarted', data }] : [];
