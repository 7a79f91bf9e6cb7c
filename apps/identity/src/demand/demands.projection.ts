import { foreignProjection } from '#bus';
import { table } from '#event-sourcing';

const MEMBERS = table(
  'organization_members',
  { account_id: 'uuid', organization_id: 'uuid' },
  'account_id',
  'organization_id',
);
const IDLE = table('idle_demands', { organization_id: 'uuid' }, 'organization_id');
const FACTOR = table('factor_demands', { organization_id: 'uuid', demanded_from: 'timestamptz' }, 'organization_id');

/** Who is in which organization, and what these ask of their people, as organization has stated it. */
export const demands = foreignProjection({
  name: 'demands-1',
  from: { 'organization.organizations': ['organization'] },
  tables: [MEMBERS, IDLE, FACTOR],
  change(rows, { name, data }) {
    switch (name) {
      case 'OrganizationCreated.v1':
        rows.put(MEMBERS, { account_id: data.ownerId, organization_id: data.organizationId });
        return;
      case 'MemberJoined.v1':
        rows.put(MEMBERS, { account_id: data.accountId, organization_id: data.organizationId });
        return;
      case 'MemberRemoved.v1':
        rows.remove(MEMBERS, { account_id: data.accountId, organization_id: data.organizationId });
        return;
      case 'IdleTimeoutRequired.v1':
        rows.put(IDLE, { organization_id: data.organizationId });
        return;
      case 'IdleTimeoutWaived.v1':
        rows.remove(IDLE, { organization_id: data.organizationId });
        return;
      case 'SecondFactorRequired.v1':
        rows.put(FACTOR, { organization_id: data.organizationId, demanded_from: data.from });
        return;
      case 'SecondFactorWaived.v1':
        rows.remove(FACTOR, { organization_id: data.organizationId });
        return;
      default:
    }
  },
});
