import { rowProjection, table } from '#event-sourcing';
import type { OrganizationEvent } from './vocabulary.decider.ts';

const PROJECT_PLACES = table('project_places', { project_id: 'uuid', organization_id: 'uuid' }, 'project_id');
const MEMBER_PLACES = table(
  'member_places',
  { account_id: 'uuid', organization_id: 'uuid' },
  'account_id',
  'organization_id',
);

/** Which organization a project or a member belongs to: written in the transaction of the events themselves, so that a look-up right after a command finds its row. */
export const places = rowProjection<OrganizationEvent>({
  name: 'places-1',
  categories: ['organization'],
  tables: [PROJECT_PLACES, MEMBER_PLACES],
  change(rows, { id, event }) {
    switch (event.type) {
      case 'OrganizationCreated':
        rows.put(MEMBER_PLACES, { account_id: event.data.ownerId, organization_id: id });
        return;
      case 'MemberJoined':
        rows.put(MEMBER_PLACES, { account_id: event.data.accountId, organization_id: id });
        return;
      case 'MemberRemoved':
        rows.remove(MEMBER_PLACES, { account_id: event.data.accountId, organization_id: id });
        return;
      case 'ProjectCreated':
        rows.put(PROJECT_PLACES, { project_id: event.data.projectId, organization_id: id });
        return;
      case 'OrganizationRenamed':
      case 'MemberRoleChanged':
      case 'MemberSuspended':
      case 'MemberReactivated':
      case 'MemberDeactivated':
      case 'MemberActivated':
      case 'OrganizationOrphaned':
      case 'SecondFactorRequired':
      case 'SecondFactorWaived':
      case 'IdleTimeoutRequired':
      case 'IdleTimeoutWaived':
      case 'ProjectRenamed':
      case 'ProjectArchived':
      case 'ProjectMemberAdded':
      case 'ProjectMemberRemoved':
    }
  },
});
