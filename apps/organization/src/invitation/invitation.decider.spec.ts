import { given } from '#testing';
import fc from 'fast-check';
import { invitation } from './invitation.decider.ts';
import { maskedEmail } from '#platform';

const AT = '2026-01-01T00:00:00.000Z';
const after = (days: number) => new Date(Date.parse(AT) + days * 86_400_000).toISOString();
const sent = {
  type: 'InvitationSent',
  data: {
    organizationId: 'o',
    inviterId: 'ada',
    role: 'member',
    projectIds: [],
    emailDigest: 'd',
    expiresAt: after(30),
  },
} as const;
const accepted = { type: 'InvitationAccepted', data: { accountId: 'bob' } } as const;
const revoked = { type: 'InvitationRevoked', data: {} } as const;
const lapsed = { type: 'InvitationLapsed', data: {} } as const;

describe('SendInvitation', () => {
  it('is remembered', () => {
    given(invitation, [])
      .when({ type: 'SendInvitation', ...sent.data })
      .then([sent]);
  });
  it('adds nothing when it is repeated', () => {
    given(invitation, [sent])
      .when({ type: 'SendInvitation', ...sent.data })
      .thenNothing();
  });
});

describe('ResendInvitation', () => {
  const again = { type: 'ResendInvitation', by: 'cleo', at: after(1), expiresAt: after(31) } as const;
  it('is a new sending, by who sends it again', () => {
    given(invitation, [sent])
      .when(again)
      .then([{ type: 'InvitationSent', data: { ...sent.data, inviterId: 'cleo', expiresAt: after(31) } }]);
  });
  it('is refused once it has ended', () => {
    for (const end of [accepted, revoked, lapsed])
      given(invitation, [sent, end]).when(again).thenRefused('invitation/closed');
  });
  it('is refused once it has expired', () => {
    given(invitation, [sent])
      .when({ ...again, at: after(30) })
      .thenRefused('invitation/closed');
  });
  it('is refused where there is none', () => {
    given(invitation, []).when(again).thenRefused('invitation/unknown');
  });
});

describe('AcceptInvitation', () => {
  it('adds nothing when it is repeated by who has accepted', () => {
    given(invitation, [sent, accepted])
      .when({ type: 'AcceptInvitation', accountId: 'bob', at: after(1) })
      .thenNothing();
  });
  it('works once', () => {
    given(invitation, [sent, accepted])
      .when({ type: 'AcceptInvitation', accountId: 'eve', at: after(1) })
      .thenRefused('link/unknown');
  });
  it('is refused once it was revoked or has lapsed', () => {
    for (const end of [revoked, lapsed])
      given(invitation, [sent, end])
        .when({ type: 'AcceptInvitation', accountId: 'bob', at: after(1) })
        .thenRefused('link/unknown');
  });
  it('is refused where there is none', () => {
    given(invitation, []).when({ type: 'AcceptInvitation', accountId: 'bob', at: AT }).thenRefused('link/unknown');
  });
  it('works within 30 days and never after', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 * 24 }), (hours) => {
        const accept = given(invitation, [sent]).when({
          type: 'AcceptInvitation',
          accountId: 'bob',
          at: after(hours / 24),
        });
        if (hours < 30 * 24) accept.then([accepted]);
        else accept.thenRefused('link/unknown');
      }),
    );
  });
});

describe('RevokeInvitation', () => {
  it('ends it', () => {
    given(invitation, [sent]).when({ type: 'RevokeInvitation' }).then([revoked]);
  });
  it('adds nothing when it is repeated', () => {
    given(invitation, [sent, revoked]).when({ type: 'RevokeInvitation' }).thenNothing();
  });
  it('is refused once it was accepted or has lapsed', () => {
    for (const end of [accepted, lapsed])
      given(invitation, [sent, end]).when({ type: 'RevokeInvitation' }).thenRefused('invitation/closed');
  });
  it('is refused where there is none', () => {
    given(invitation, []).when({ type: 'RevokeInvitation' }).thenRefused('invitation/unknown');
  });
});

describe('LapseInvitation', () => {
  it('ends it', () => {
    given(invitation, [sent]).when({ type: 'LapseInvitation' }).then([lapsed]);
  });
  it('adds nothing when it has ended', () => {
    for (const end of [accepted, revoked, lapsed])
      given(invitation, [sent, end]).when({ type: 'LapseInvitation' }).thenNothing();
  });
});

it('shows an address only to who knows it', () => {
  expect(maskedEmail('ada@example.com')).toBe('a…@e….com');
  expect(maskedEmail('ada@localhost')).toBe('a…@l…');
});
