import { type Decider, refuse } from '#event-sourcing';
import type { ProblemCode } from '#contracts';

/** A link lives for a day. */
const LINK_LIFE_MS = 86_400_000;

export type SignUpEvent =
  | { type: 'SignUpRequested'; data: { emailDigest: string; registered: boolean; managed?: true; at: string } }
  | { type: 'SignUpVerified'; data: { accountId: string } };

export type SignUp =
  { status: 'unknown' } | { status: 'requested'; open: boolean; at: string } | { status: 'verified' };

/** The address belongs to an account (`registered`), or to a domain of which a provider judges alone (`managed`): the mail says so instead of carrying a link. */
export interface RequestSignUp {
  type: 'RequestSignUp';
  emailDigest: string;
  registered: boolean;
  managed: boolean;
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
      case 'RequestSignUp': {
        const { emailDigest, registered, managed, at } = command;
        return state.status === 'unknown'
          ? [{ type: 'SignUpRequested', data: { emailDigest, registered, ...(managed ? { managed } : {}), at } }]
          : [];
      }
      case 'VerifySignUp':
        return verify(command, state);
    }
  },
  evolve(_state, event) {
    switch (event.type) {
      case 'SignUpRequested':
        return {
          status: 'requested',
          open: !event.data.registered && event.data.managed === undefined,
          at: event.data.at,
        };
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
  if (state.status !== 'requested' || !state.open) return linkUnknown;
  if (Date.parse(at) - Date.parse(state.at) >= LINK_LIFE_MS) return linkUnknown;
  return [{ type: 'SignUpVerified', data: { accountId } }] satisfies SignUpEvent[];
}
