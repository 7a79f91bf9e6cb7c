import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { OrganizationEvent } from '../organization/vocabulary.decider.ts';

/** What people see listed: organizations, their people, their projects. Follows the log. */
export const organizationDirectory: Projection = {
  name: 'organization-directory-1',
  categories: ['organization'],
  tables: ['organizations', 'members', 'projects', 'project_members'],
  async apply(tx, events) {
    for (const event of events as readonly RecordedEvent<OrganizationEvent>[]) await row(tx, event);
  },
};

async function row(tx: Tx, { id, event, occurredAt }: RecordedEvent<OrganizationEvent>) {
  switch (event.type) {
    case 'OrganizationCreated':
      await tx.query('INSERT INTO organizations (organization_id, name) VALUES ($1, $2)', [id, event.data.name]);
      return member(tx, id, event.data.ownerId, 'owner', occurredAt);
    case 'OrganizationRenamed': await tx.query('UPDATE organizations SET name = $2 WHERE organization_id = $1', [id, event.data.name]); return;
    case 'MemberJoined': return member(tx, id, event.data.accountId, event.data.role, occurredAt);
    case 'MemberRoleChanged': await tx.query('UPDATE members SET role = $3 WHERE organization_id = $1 AND account_id = $2', [id, event.data.accountId, event.data.role]); return;
    case 'MemberRemoved':
      await tx.query('DELETE FROM members WHERE organization_id = $1 AND account_id = $2', [id, event.data.accountId]);
      await tx.query('DELETE FROM project_members m USING projects p WHERE p.project_id = m.project_id AND p.organization_id = $1 AND m.account_id = $2', [id, event.data.accountId]);
      return;
    case 'ProjectCreated':
      await tx.query('INSERT INTO projects (project_id, organization_id, name, archived) VALUES ($1, $2, $3, false)', [event.data.projectId, id, event.data.name]);
      return projectMember(tx, event.data.projectId, event.data.accountId, occurredAt);
    case 'ProjectRenamed': await tx.query('UPDATE projects SET name = $2 WHERE project_id = $1', [event.data.projectId, event.data.name]); return;
    case 'ProjectArchived': await tx.query('UPDATE projects SET archived = true WHERE project_id = $1', [event.data.projectId]); return;
    case 'ProjectMemberAdded': return projectMember(tx, event.data.projectId, event.data.accountId, occurredAt);
    case 'ProjectMemberRemoved': await tx.query('DELETE FROM project_members WHERE project_id = $1 AND account_id = $2', [event.data.projectId, event.data.accountId]); return;
    case 'MemberSuspended': case 'MemberReactivated': case 'OrganizationOrphaned':
  }
}

async function member(tx: Tx, organizationId: string, accountId: string, role: string, at: Date) {
  await tx.query('INSERT INTO members (organization_id, account_id, role, joined_at) VALUES ($1, $2, $3, $4)', [organizationId, accountId, role, at]);
}

async function projectMember(tx: Tx, projectId: string, accountId: string, at: Date) {
  await tx.query('INSERT INTO project_members (project_id, account_id, joined_at) VALUES ($1, $2, $3)', [projectId, accountId, at]);
}
