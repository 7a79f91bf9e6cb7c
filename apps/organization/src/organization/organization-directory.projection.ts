import { rowProjection, table } from '#event-sourcing';
import type { OrganizationEvent } from './vocabulary.decider.ts';

const ORGANIZATIONS = table('organizations', { organization_id: 'uuid', name: 'text' }, 'organization_id');
const MEMBERS = table(
  'members',
  {
    organization_id: 'uuid',
    account_id: 'uuid',
    role: 'text',
    joined_at: 'timestamptz',
    shut_by_provider: 'boolean',
    shut_as_guest: 'boolean',
  },
  'organization_id',
  'account_id',
);
const PROJECTS = table(
  'projects',
  { project_id: 'uuid', organization_id: 'uuid', name: 'text', archived: 'boolean', created_at: 'timestamptz' },
  'project_id',
);
const PROJECT_MEMBERS = table(
  'project_members',
  { project_id: 'uuid', account_id: 'uuid', joined_at: 'timestamptz', organization_id: 'uuid' },
  'project_id',
  'account_id',
);

const OPEN = { shut_by_provider: false, shut_as_guest: false };

/** What people see listed: organizations, their people, their projects. Follows the log. */
export const organizationDirectory = rowProjection<OrganizationEvent>({
  name: 'organization-directory-1',
  categories: ['organization'],
  tables: [ORGANIZATIONS, MEMBERS, PROJECTS, PROJECT_MEMBERS],
  change(rows, { id, event, occurredAt }) {
    const organization = { organization_id: id };
    switch (event.type) {
      case 'OrganizationCreated':
        rows.put(ORGANIZATIONS, { ...organization, name: event.data.name });
        rows.put(MEMBERS, {
          ...organization,
          account_id: event.data.ownerId,
          role: 'owner',
          joined_at: occurredAt,
          ...OPEN,
        });
        return;
      case 'OrganizationRenamed':
        rows.patch(ORGANIZATIONS, organization, { name: event.data.name });
        return;
      case 'MemberJoined':
        rows.put(MEMBERS, {
          ...organization,
          account_id: event.data.accountId,
          role: event.data.role,
          joined_at: occurredAt,
          ...OPEN,
        });
        return;
      case 'MemberDeactivated':
      case 'MemberActivated': {
        const shut = event.type === 'MemberDeactivated';
        rows.patch(
          MEMBERS,
          { ...organization, account_id: event.data.accountId },
          event.data.reason === 'provider' ? { shut_by_provider: shut } : { shut_as_guest: shut },
        );
        return;
      }
      case 'MemberRoleChanged':
        rows.patch(MEMBERS, { ...organization, account_id: event.data.accountId }, { role: event.data.role });
        return;
      case 'MemberRemoved':
        rows.remove(MEMBERS, { ...organization, account_id: event.data.accountId });
        rows.remove(PROJECT_MEMBERS, { ...organization, account_id: event.data.accountId });
        return;
      case 'ProjectCreated':
        rows.put(PROJECTS, {
          ...organization,
          project_id: event.data.projectId,
          name: event.data.name,
          archived: false,
          created_at: occurredAt,
        });
        rows.put(PROJECT_MEMBERS, {
          ...organization,
          project_id: event.data.projectId,
          account_id: event.data.accountId,
          joined_at: occurredAt,
        });
        return;
      case 'ProjectRenamed':
        rows.patch(PROJECTS, { project_id: event.data.projectId }, { name: event.data.name });
        return;
      case 'ProjectArchived':
        rows.patch(PROJECTS, { project_id: event.data.projectId }, { archived: true });
        return;
      case 'ProjectMemberAdded':
        rows.put(PROJECT_MEMBERS, {
          ...organization,
          project_id: event.data.projectId,
          account_id: event.data.accountId,
          joined_at: occurredAt,
        });
        return;
      case 'ProjectMemberRemoved':
        rows.remove(PROJECT_MEMBERS, { project_id: event.data.projectId, account_id: event.data.accountId });
        return;
      case 'MemberSuspended':
      case 'MemberReactivated':
      case 'OrganizationOrphaned':
      case 'SecondFactorRequired':
      case 'SecondFactorWaived':
      case 'IdleTimeoutRequired':
      case 'IdleTimeoutWaived':
    }
  },
});
