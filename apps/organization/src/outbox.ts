import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { InvitationEvent } from './invitation/invitation.decider.ts';
import type { OrganizationEvent } from './organization/vocabulary.decider.ts';
import type { SingleSignOnEvent } from './single-sign-on/vocabulary.decider.ts';

/** Own event to public fact. The only way out. Never an address, nor its digest. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as OrganizationEvent | InvitationEvent | SingleSignOnEvent;
  switch (known.type) {
    case 'OrganizationCreated':
      return { name: 'OrganizationCreated.v1', data: { organizationId: id, ...known.data } };
    case 'OrganizationRenamed':
      return { name: 'OrganizationRenamed.v1', data: { organizationId: id, ...known.data } };
    case 'MemberJoined':
      return { name: 'MemberJoined.v1', data: { organizationId: id, ...known.data } };
    case 'MemberRoleChanged':
      return { name: 'MemberRoleChanged.v1', data: { organizationId: id, ...known.data } };
    case 'MemberRemoved':
      return { name: 'MemberRemoved.v1', data: { organizationId: id, ...known.data } };
    case 'MemberDeactivated':
      return { name: 'MemberDeactivated.v1', data: { organizationId: id, ...known.data } };
    case 'MemberActivated':
      return { name: 'MemberActivated.v1', data: { organizationId: id, ...known.data } };
    case 'OrganizationOrphaned':
      return { name: 'OrganizationOrphaned.v1', data: { organizationId: id } };
    case 'SecondFactorRequired':
      return { name: 'SecondFactorRequired.v1', data: { organizationId: id, ...known.data } };
    case 'SecondFactorWaived':
      return { name: 'SecondFactorWaived.v1', data: { organizationId: id } };
    case 'IdleTimeoutRequired':
      return { name: 'IdleTimeoutRequired.v1', data: { organizationId: id } };
    case 'IdleTimeoutWaived':
      return { name: 'IdleTimeoutWaived.v1', data: { organizationId: id } };
    case 'ProjectCreated':
      return { name: 'ProjectCreated.v1', data: { organizationId: id, ...known.data } };
    case 'ProjectRenamed':
      return { name: 'ProjectRenamed.v1', data: { organizationId: id, ...known.data } };
    case 'ProjectArchived':
      return { name: 'ProjectArchived.v1', data: { organizationId: id, ...known.data } };
    case 'ProjectMemberAdded':
      return { name: 'ProjectMemberAdded.v1', data: { organizationId: id, ...known.data } };
    case 'ProjectMemberRemoved':
      return { name: 'ProjectMemberRemoved.v1', data: { organizationId: id, ...known.data } };
    case 'InvitationSent':
      return {
        name: 'InvitationSent.v1',
        data: { invitationId: id, organizationId: known.data.organizationId, inviterId: known.data.inviterId },
      };
    case 'SingleSignOnEnforced':
      return { name: 'SingleSignOnEnforced.v1', data: { organizationId: id, ...known.data } };
    case 'SingleSignOnTurnedOff':
      return { name: 'SingleSignOnTurnedOff.v1', data: { organizationId: id, ...known.data } };
    case 'SingleSignOnEnding':
      return { name: 'SingleSignOnEnding.v1', data: { organizationId: id, ...known.data } };
    case 'ScimTokenMade': {
      const { connectionId, tokenId, accountId } = known.data;
      return { name: 'ScimTokenMade.v1', data: { organizationId: id, connectionId, tokenId, accountId } };
    }
    case 'ScimTokenRevoked':
      return { name: 'ScimTokenRevoked.v1', data: { organizationId: id, ...known.data } };
    case 'ConnectionRemoved':
      return { name: 'ConnectionRemoved.v1', data: { organizationId: id, ...known.data } };
    case 'CertificateExpiring':
      return { name: 'CertificateExpiring.v1', data: { organizationId: id, ...known.data } };
    case 'BreakGlassUsed':
      return { name: 'BreakGlassUsed.v1', data: { organizationId: id, ...known.data } };
    case 'DomainVerified':
      return { name: 'DomainVerified.v1', data: { organizationId: id, domain: known.data.domain } };
    case 'DomainMissed': {
      const { domain, since, days } = known.data;
      return { name: 'DomainMissed.v1', data: { organizationId: id, domain, since, days } };
    }
    case 'DomainLapsed':
      return { name: 'DomainLapsed.v1', data: { organizationId: id, domain: known.data.domain } };
    case 'DomainReleased': {
      const { domain, reason } = known.data;
      return { name: 'DomainReleased.v1', data: { organizationId: id, domain, reason } };
    }
    // Identity has told of suspensions itself; what became of an invitation shows in who joins.
    case 'MemberSuspended':
    case 'MemberReactivated':
    case 'InvitationAccepted':
    case 'InvitationRevoked':
    case 'InvitationLapsed':
    // Steps towards what is enforced: they concern the organization's owners alone.
    case 'ConnectionDrafted':
    case 'ConnectionConfigured':
    case 'ConnectionSettled':
    case 'ConnectionTested':
    case 'CertificatesChanged':
    case 'DomainClaimed':
    case 'ClaimDropped':
      return 'private';
  }
}
