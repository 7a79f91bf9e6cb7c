import { foreignProjection } from '#bus';
import { table } from '#event-sourcing';

const PROJECTS = table(
  'projects',
  { project_id: 'uuid', organization_id: 'uuid', name: 'text', archived: 'boolean' },
  'project_id',
);
const PROJECT_MEMBERS = table(
  'project_members',
  { project_id: 'uuid', account_id: 'uuid', organization_id: 'uuid' },
  'project_id',
  'account_id',
);
const MEMBERS = table(
  'members',
  { organization_id: 'uuid', account_id: 'uuid', role: 'text', shut_by_provider: 'boolean', shut_as_guest: 'boolean' },
  'organization_id',
  'account_id',
);
const SUSPENDED = table('suspended_accounts', { account_id: 'uuid' }, 'account_id');

const OPEN = { shut_by_provider: false, shut_as_guest: false };
const memberOf = ({ organizationId, accountId }: Record<'organizationId' | 'accountId', string>) => ({
  organization_id: organizationId,
  account_id: accountId,
});

/** What organization and identity have stated, as rows: who is where, what is archived, who is suspended. */
export const membership = foreignProjection({
  name: 'membership-1',
  from: { 'organization.organizations': ['organization'], 'identity.accounts': ['account'] },
  tables: [PROJECTS, PROJECT_MEMBERS, MEMBERS, SUSPENDED],
  change(rows, fact) {
    switch (fact.name) {
      case 'OrganizationCreated.v1':
        rows.put(MEMBERS, {
          organization_id: fact.data.organizationId,
          account_id: fact.data.ownerId,
          role: 'owner',
          ...OPEN,
        });
        return;
      case 'MemberJoined.v1':
        rows.put(MEMBERS, {
          organization_id: fact.data.organizationId,
          account_id: fact.data.accountId,
          role: fact.data.role,
          ...OPEN,
        });
        return;
      case 'MemberRoleChanged.v1':
        rows.patch(MEMBERS, memberOf(fact.data), { role: fact.data.role });
        return;
      case 'MemberDeactivated.v1':
      case 'MemberActivated.v1': {
        const shut = fact.name === 'MemberDeactivated.v1';
        rows.patch(
          MEMBERS,
          memberOf(fact.data),
          fact.data.reason === 'provider' ? { shut_by_provider: shut } : { shut_as_guest: shut },
        );
        return;
      }
      case 'MemberRemoved.v1':
        rows.remove(MEMBERS, { organization_id: fact.data.organizationId, account_id: fact.data.accountId });
        rows.remove(PROJECT_MEMBERS, { organization_id: fact.data.organizationId, account_id: fact.data.accountId });
        return;
      case 'ProjectCreated.v1':
        rows.put(PROJECTS, {
          project_id: fact.data.projectId,
          organization_id: fact.data.organizationId,
          name: fact.data.name,
          archived: false,
        });
        rows.put(PROJECT_MEMBERS, {
          project_id: fact.data.projectId,
          account_id: fact.data.accountId,
          organization_id: fact.data.organizationId,
        });
        return;
      case 'ProjectRenamed.v1':
        rows.patch(PROJECTS, { project_id: fact.data.projectId }, { name: fact.data.name });
        return;
      case 'ProjectArchived.v1':
        rows.patch(PROJECTS, { project_id: fact.data.projectId }, { archived: true });
        return;
      case 'ProjectMemberAdded.v1':
        rows.put(PROJECT_MEMBERS, {
          project_id: fact.data.projectId,
          account_id: fact.data.accountId,
          organization_id: fact.data.organizationId,
        });
        return;
      case 'ProjectMemberRemoved.v1':
        rows.remove(PROJECT_MEMBERS, { project_id: fact.data.projectId, account_id: fact.data.accountId });
        return;
      case 'AccountSuspended.v1':
        rows.put(SUSPENDED, { account_id: fact.data.accountId });
        return;
      case 'AccountReactivated.v1':
        rows.remove(SUSPENDED, { account_id: fact.data.accountId });
        return;
      default:
    }
  },
});
