import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { InvitationEvent } from '../invitation/invitation.decider.ts';
import type { OrganizationEvent } from '../organization/organization.decider.ts';

/** What people see listed: organizations, members, projects, invitations. Follows the log. */
export const roster: Projection = {
  name: 'roster-1',
  categories: ['organization', 'invitation'],
  tables: ['members', 'projects', 'project_members', 'organization_names', 'invitations'],
  async apply(tx, events) {
    for (const event of events as readonly RecordedEvent<OrganizationEvent | InvitationEvent>[]) await row(tx, event);
  },
};

/** Where a project is: written in the transaction of the events themselves. */
export const projectPlaces: Projection = {
  name: 'project-places-1',
  categories: ['organization'],
  tables: ['project_places'],
  async apply(tx, events) {
    for (const { id, event } of events as readonly RecordedEvent<OrganizationEvent>[]) {
      if (event.type === 'ProjectCreated') await tx.query('INSERT INTO project_places (project_id, organization_id) VALUES ($1, $2)', [event.data.projectId, id]);
    }
  },
};

async function row(tx: Tx, { id, event, occurredAt }: RecordedEvent<OrganizationEvent | InvitationEvent>): Promise<void> {
  const put = async (text: string, ...values: unknown[]) => { await tx.query(text, [id, ...values]); };
  const member = (accountId: string, role: string) =>
    put('INSERT INTO members (organization_id, account_id, role, joined_at) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, account_id) DO UPDATE SET role = excluded.role', accountId, role, occurredAt);
  switch (event.type) {
    case 'OrganizationCreated':
      await put('INSERT INTO organization_names (organization_id, name) VALUES ($1, $2)', event.data.name);
      return member(event.data.ownerId, 'owner');
    case 'OrganizationRenamed': return put('UPDATE organization_names SET name = $2 WHERE organization_id = $1', event.data.name);
    case 'MemberJoined': case 'MemberRoleChanged': return member(event.data.accountId, event.data.role);
    case 'MemberRemoved':
      await put('DELETE FROM members WHERE organization_id = $1 AND account_id = $2', event.data.accountId);
      return put('DELETE FROM project_members m USING projects p WHERE p.project_id = m.project_id AND p.organization_id = $1 AND m.account_id = $2', event.data.accountId);
    case 'ProjectCreated':
      await put('INSERT INTO projects (organization_id, project_id, name, archived) VALUES ($1, $2, $3, false)', event.data.projectId, event.data.name);
      await tx.query('INSERT INTO project_members (project_id, account_id) VALUES ($1, $2)', [event.data.projectId, event.data.accountId]);
      return;
    case 'ProjectRenamed': return put('UPDATE projects SET name = $3 WHERE organization_id = $1 AND project_id = $2', event.data.projectId, event.data.name);
    case 'ProjectArchived': return put('UPDATE projects SET archived = true WHERE organization_id = $1 AND project_id = $2', event.data.projectId);
    case 'ProjectMemberAdded': await tx.query('INSERT INTO project_members (project_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [event.data.projectId, event.data.accountId]); return;
    case 'ProjectMemberRemoved': await tx.query('DELETE FROM project_members WHERE project_id = $1 AND account_id = $2', [event.data.projectId, event.data.accountId]); return;
    case 'MemberSuspended': case 'MemberReactivated': case 'OrganizationOrphaned': return;
    case 'InvitationSent':
      return put(
        `INSERT INTO invitations (invitation_id, organization_id, role, project_ids, expires_at, status) VALUES ($1, $2, $3, $4, $5, 'pending')
         ON CONFLICT (invitation_id) DO UPDATE SET expires_at = excluded.expires_at`, event.data.organizationId, event.data.role, event.data.projectIds, event.data.expiresAt);
    case 'InvitationRevoked': return put(`UPDATE invitations SET status = 'revoked' WHERE invitation_id = $1`);
    case 'InvitationLapsed': return put(`UPDATE invitations SET status = 'lapsed' WHERE invitation_id = $1`);
    case 'InvitationAccepted': return put(`UPDATE invitations SET status = 'accepted' WHERE invitation_id = $1`);
  }
}
