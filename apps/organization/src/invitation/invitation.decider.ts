import type { ProblemCode } from '#contracts';
import { type Decider, refuse } from '#event-sourcing';
import type { Role } from '../organization/organization.decider.ts';

/** An invitation waits for 30 days, also after it was sent again. */
export const INVITATION_LIFE_MS = 30 * 86_400_000;

export type InvitationEvent =
  | { type: 'InvitationSent'; data: { organizationId: string; inviterId: string; emailDigest: string; role: Role; projectIds: readonly string[]; expiresAt: string } }
  | { type: 'InvitationRevoked'; data: object }
  | { type: 'InvitationLapsed'; data: object }
  | { type: 'InvitationAccepted'; data: { accountId: string } };

type Sent = Extract<InvitationEvent, { type: 'InvitationSent' }>['data'];
export type Invitation = { status: 'unknown' } | ({ status: 'pending' | 'accepted' | 'revoked' | 'lapsed' } & Sent);

export type InvitationCommand =
  | ({ type: 'SendInvitation' } & Sent)
  | { type: 'ResendInvitation'; inviterId: string; expiresAt: string }
  | { type: 'RevokeInvitation' }
  | { type: 'LapseInvitation' }
  | { type: 'AcceptInvitation'; accountId: string; at: string };

export type InvitationProblem = Extract<ProblemCode, 'invitation/unknown' | 'invitation/closed' | 'link/unknown'>;

export const invitation: Decider<InvitationCommand, Invitation, InvitationEvent, InvitationProblem> = {
  category: 'invitation',
  initial: { status: 'unknown' },
  decide(command, state) {
    if (command.type === 'SendInvitation') return state.status === 'unknown' ? [sent(command)] : [];
    if (state.status === 'unknown') return refuse('invitation/unknown', 'You have no invitation with this id.');
    switch (command.type) {
      case 'ResendInvitation': return state.status === 'pending' ? [sent({ ...state, inviterId: command.inviterId, expiresAt: command.expiresAt })] : closed();
      case 'RevokeInvitation': return state.status === 'revoked' ? [] : state.status === 'pending' ? [{ type: 'InvitationRevoked', data: {} }] : closed();
      case 'LapseInvitation': return state.status === 'pending' ? [{ type: 'InvitationLapsed', data: {} }] : [];
      case 'AcceptInvitation': return state.status === 'pending' && command.at < state.expiresAt ? [{ type: 'InvitationAccepted', data: { accountId: command.accountId } }] : linkUnknown();
    }
  },
  evolve(state, event) {
    if (event.type === 'InvitationSent') return { status: 'pending', ...event.data };
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'InvitationRevoked': return { ...state, status: 'revoked' };
      case 'InvitationLapsed': return { ...state, status: 'lapsed' };
      case 'InvitationAccepted': return { ...state, status: 'accepted' };
    }
  },
};

const sent = ({ organizationId, inviterId, emailDigest, role, projectIds, expiresAt }: Sent): InvitationEvent => ({ type: 'InvitationSent', data: { organizationId, inviterId, emailDigest, role, projectIds, expiresAt } });
const closed = () => refuse<InvitationProblem>('invitation/closed', 'This invitation was accepted, revoked or has lapsed. Send a new one.');

/** What is said of every link that does not work. */
export const linkUnknown = () => refuse<InvitationProblem>('link/unknown', 'This link was used, has expired, was revoked or was replaced by a newer one. Ask an owner for another invitation.');
