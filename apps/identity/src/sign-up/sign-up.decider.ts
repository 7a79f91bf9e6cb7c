import { type Decider, refuse } from '#event-sourcing';
import type { ProblemCode } from '#contracts';

/** A link lives for a day. */
const LINK_LIFE_MS = 86_400_000;

export type SignUpEvent =
  | { type: 'SignUpRequested'; data: { emailDigest: string; registered: boolean; at: string } }
  | { type: 'SignUpVerified'; data: { accountId: string } };

export type SignUp =
  { status: 'unknown' } | { status: 'requested'; registered: boolean; at: string } | { status: 'verified' };

/** `registered`: the address belongs to an account, so the mail says so instead of carrying a link. */
export interface RequestSignUp {
  type: 'RequestSignUp';
  emailDigest: string;
  registered: boolean;
  at: string;
}
export interface VerifySignUp {
  type: 'VerifySignUp';
  accountId: string;
  at: string;
}
export type SignUpCommand = RequestSignUp | VerifySignUp;

export type SignUpProblem = Extract<ProblemCode, 'link/unknown'>;

export const signUp: Decider<SignUpCommand, SignUp, SignUpEvent, SignUpProblem> = {
  category: 'sign-up',
  initial: { status: 'unknown' },
  decide(command, state) {
    switch (command.type) {
      case 'RequestSignUp':
        return state.status === 'unknown'
          ? [
              {
                type: 'SignUpRequested',
                data: { emailDigest: command.emailDigest, registered: command.registered, at: command.at },
              },
            ]
          : [];
      case 'VerifySignUp':
        return verify(command, state);
    }
  },
  evolve(_state, event) {
    switch (event.type) {
      case 'SignUpRequested':
        return { status: 'requested', registered: event.data.registered, at: event.data.at };
      case 'SignUpVerified':
        return { status: 'verified' };
    }
  },
};

/** The answer for every link that does not work: a stranger must not learn whether it was unknown, used or expired. */
export const linkUnknown = refuse(
  'link/unknown',
  'This link was used, has expired or was replaced by a newer one. Sign up again to get a new one.',
);

function verify({ accountId, at }: VerifySignUp, state: SignUp) {
  if (state.status !== 'requested' || state.registered) return linkUnknown;
  if (Date.parse(at) - Date.parse(state.at) >= LINK_LIFE_MS) return linkUnknown;
  return [{ type: 'SignUpVerified', data: { accountId } }] satisfies SignUpEvent[];
}
