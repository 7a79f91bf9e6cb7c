import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { InvitationEvent } from './invitation/invitation.decider.ts';
import type { OrganizationEvent } from './organization/organization.decider.ts';

/** Own event to public fact. The only way out. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as OrganizationEvent | InvitationEvent;
  const organizationId = id;
  switch (known.type) {
    case 'OrganizationCreated': return { name: 'OrganizationCreated.v1', data: { organizationId, ...known.data } };
    case 'OrganizationRenamed': return { name: 'OrganizationRenamed.v1', data: { organizationId, ...known.data } };
    case 'MemberJoined': return { name: 'MemberJoined.v1', data: { organizationId, ...known.data } };
    case 'MemberRoleChanged': return { name: 'MemberRoleChanged.v1', data: { organizationId, ...known.data } };
    case 'MemberRemoved': return { name: 'MemberRemoved.v1', data: { organizationId, ...known.data } };
    case 'OrganizationOrphaned': return { name: 'OrganizationOrphaned.v1', data: { organizationId } };
    case 'ProjectCreated': return { name: 'ProjectCreated.v1', data: { organizationId, ...known.data } };
    case 'ProjectRenamed': return { name: 'ProjectRenamed.v1', data: { organizationId, ...known.data } };
    case 'ProjectArchived': return { name: 'ProjectArchived.v1', data: { organizationId, ...known.data } };
    case 'ProjectMemberAdded': return { name: 'ProjectMemberAdded.v1', data: { organizationId, ...known.data } };
    case 'ProjectMemberRemoved': return { name: 'ProjectMemberRemoved.v1', data: { organizationId, ...known.data } };
    case 'InvitationSent': return { name: 'InvitationSent.v1', data: { organizationId: known.data.organizationId, invitationId: id, inviterId: known.data.inviterId } };
    case 'MemberSuspended': case 'MemberReactivated': case 'InvitationRevoked': case 'InvitationLapsed': case 'InvitationAccepted': return 'private';
  }
}
