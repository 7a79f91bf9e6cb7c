import { given } from '#testing';
import { invitation } from './invitation.decider.ts';

const sent = { type: 'InvitationSent', data: { organizationId: 'o', inviterId: 'ada', emailDigest: 'd', role: 'member', projectIds: [], expiresAt: '2026-02-01T00:00:00.000Z' } } as const;
const accepted = { type: 'InvitationAccepted', data: { accountId: 'bob' } } as const;
const revoked = { type: 'InvitationRevoked', data: {} } as const;
const accept = { type: 'AcceptInvitation', accountId: 'bob', at: '2026-01-15T00:00:00.000Z' } as const;

describe('SendInvitation', () => {
  it('sends', () => { given(invitation, []).when({ type: 'SendInvitation', ...sent.data }).then([sent]); });
  it('adds nothing when it is repeated', () => { given(invitation, [sent]).when({ type: 'SendInvitation', ...sent.data }).thenNothing(); });
});
describe('ResendInvitation', () => {
  const resend = { type: 'ResendInvitation', inviterId: 'ada', expiresAt: '2026-03-01T00:00:00.000Z' } as const;
  it('sends again, for 30 more days', () => { given(invitation, [sent]).when(resend).then([{ ...sent, data: { ...sent.data, expiresAt: resend.expiresAt } }]); });
  it('is refused when it is over', () => { given(invitation, [sent, revoked]).when(resend).thenRefused('invitation/closed'); });
  it('is refused for an unknown one', () => { given(invitation, []).when(resend).thenRefused('invitation/unknown'); });
});
describe('RevokeInvitation', () => {
  it('revokes', () => { given(invitation, [sent]).when({ type: 'RevokeInvitation' }).then([revoked]); });
  it('adds nothing when it is repeated', () => { given(invitation, [sent, revoked]).when({ type: 'RevokeInvitation' }).thenNothing(); });
  it('is refused after it was accepted', () => { given(invitation, [sent, accepted]).when({ type: 'RevokeInvitation' }).thenRefused('invitation/closed'); });
});
describe('AcceptInvitation', () => {
  it('works once', () => {
    given(invitation, [sent]).when(accept).then([accepted]);
    given(invitation, [sent, accepted]).when(accept).thenRefused('link/unknown');
  });
  it('is refused from its expiry on', () => { given(invitation, [sent]).when({ ...accept, at: sent.data.expiresAt }).thenRefused('link/unknown'); });
  it('is refused when it was revoked or has lapsed', () => {
    given(invitation, [sent, revoked]).when(accept).thenRefused('link/unknown');
    given(invitation, [sent, { type: 'InvitationLapsed', data: {} }]).when(accept).thenRefused('link/unknown');
  });
});
