import type { ProblemCode } from '#contracts';
import { type Decider, refuse } from '#event-sourcing';

type Role = 'owner' | 'member';

/** What an invitation says. `emailDigest` is keyed; the address itself stands beside the log. */
export interface Sent {
  organizationId: string;
  inviterId: string;
  role: Role;
  projectIds: readonly string[];
  emailDigest: string;
  expiresAt: string;
}

export type InvitationEvent =
  | { type: 'InvitationSent'; data: Sent }
  | { type: 'InvitationAccepted'; data: { accountId: string } }
  | { type: 'InvitationRevoked'; data: object }
  | { type: 'InvitationLapsed'; data: object };

export type Invitation =
  | { readonly status: 'unknown' }
  | { readonly status: 'pending' | 'revoked' | 'lapsed'; readonly sent: Sent }
  | { readonly status: 'accepted'; readonly sent: Sent; readonly accountId: string };
export type KnownInvitation = Exclude<Invitation, { status: 'unknown' }>;

export interface SendInvitation extends Sent {
  type: 'SendInvitation';
}
/** `by` stands for it from now on. */
export interface ResendInvitation {
  type: 'ResendInvitation';
  by: string;
  at: string;
  expiresAt: string;
}
export interface AcceptInvitation {
  type: 'AcceptInvitation';
  accountId: string;
  at: string;
}
export interface RevokeInvitation {
  type: 'RevokeInvitation';
}
/** The owner who sent it is no owner any more. */
export interface LapseInvitation {
  type: 'LapseInvitation';
}
export type InvitationCommand =
  SendInvitation | ResendInvitation | AcceptInvitation | RevokeInvitation | LapseInvitation;

export type InvitationProblem = Extract<ProblemCode, 'invitation/unknown' | 'invitation/closed' | 'link/unknown'>;

export const invitationUnknown = refuse('invitation/unknown', 'You have no invitation with this id.');
export const invitationClosed = refuse(
  'invitation/closed',
  'This invitation was answered, withdrawn or has expired. Send a new one.',
);
/** The answer for every link that does not work: a stranger must not learn whether it was unknown, used, replaced, withdrawn or expired. */
export const linkUnknown = refuse(
  'link/unknown',
  'This invitation was used, has expired, was replaced or withdrawn. Ask for a new one.',
);

export const invitation: Decider<InvitationCommand, Invitation, InvitationEvent, InvitationProblem> = {
  category: 'invitation',
  initial: { status: 'unknown' },
  decide(command, state) {
    if (command.type === 'SendInvitation') return send(command, state);
    if (state.status === 'unknown') return command.type === 'AcceptInvitation' ? linkUnknown : invitationUnknown;
    switch (command.type) {
      case 'ResendInvitation':
        return resend(command, state);
      case 'AcceptInvitation':
        return accept(command, state);
      case 'RevokeInvitation':
        return revoke(state);
      case 'LapseInvitation':
        return state.status === 'pending' ? [{ type: 'InvitationLapsed', data: {} }] : [];
    }
  },
  evolve(state, event) {
    if (event.type === 'InvitationSent') return { status: 'pending', sent: event.data };
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'InvitationAccepted':
        return { status: 'accepted', sent: state.sent, accountId: event.data.accountId };
      case 'InvitationRevoked':
        return { status: 'revoked', sent: state.sent };
      case 'InvitationLapsed':
        return { status: 'lapsed', sent: state.sent };
    }
  },
};

/** Whether the link works at an instant. */
export const isPending = (state: Invitation, at: string): boolean =>
  state.status === 'pending' && Date.parse(at) < Date.parse(state.sent.expiresAt);

function send({ type: _, ...sent }: SendInvitation, state: Invitation) {
  return state.status === 'unknown' ? ([{ type: 'InvitationSent', data: sent }] satisfies InvitationEvent[]) : [];
}

function resend({ by, at, expiresAt }: ResendInvitation, state: KnownInvitation) {
  // An ended invitation's address is forgotten: there is nothing to send to.
  if (!isPending(state, at)) return invitationClosed;
  return [{ type: 'InvitationSent', data: { ...state.sent, inviterId: by, expiresAt } }] satisfies InvitationEvent[];
}

function accept({ accountId, at }: AcceptInvitation, state: KnownInvitation) {
  if (state.status === 'accepted' && state.accountId === accountId) return [];
  if (!isPending(state, at)) return linkUnknown;
  return [{ type: 'InvitationAccepted', data: { accountId } }] satisfies InvitationEvent[];
}

function revoke(state: KnownInvitation) {
  switch (state.status) {
    case 'revoked':
      return [];
    case 'pending':
      return [{ type: 'InvitationRevoked', data: {} }] satisfies InvitationEvent[];
    case 'accepted':
    case 'lapsed':
      return invitationClosed;
  }
}
