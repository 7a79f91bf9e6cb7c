import type { DeliveredFact } from '#bus';
import type { Sql, Tx } from '#event-sourcing';

/** What organization and identity have stated, as rows: who is where, what is archived, who is suspended. */
export async function recordMembership(tx: Tx, fact: DeliveredFact): Promise<void> {
  switch (fact.name) {
    case 'OrganizationCreated.v1': return member(tx, fact.data.organizationId, fact.data.ownerId, 'owner');
    case 'MemberJoined.v1': case 'MemberRoleChanged.v1': return member(tx, fact.data.organizationId, fact.data.accountId, fact.data.role);
    case 'MemberRemoved.v1':
      await tx.query('DELETE FROM members WHERE organization_id = $1 AND account_id = $2', [fact.data.organizationId, fact.data.accountId]);
      await tx.query('DELETE FROM project_members m USING projects p WHERE p.project_id = m.project_id AND p.organization_id = $1 AND m.account_id = $2', [fact.data.organizationId, fact.data.accountId]);
      return;
    case 'ProjectCreated.v1':
      await tx.query('INSERT INTO projects (project_id, organization_id, name, archived) VALUES ($1, $2, $3, false)', [fact.data.projectId, fact.data.organizationId, fact.data.name]);
      return projectMember(tx, fact.data.projectId, fact.data.accountId);
    case 'ProjectRenamed.v1': await tx.query('UPDATE projects SET name = $2 WHERE project_id = $1', [fact.data.projectId, fact.data.name]); return;
    case 'ProjectArchived.v1': await tx.query('UPDATE projects SET archived = true WHERE project_id = $1', [fact.data.projectId]); return;
    case 'ProjectMemberAdded.v1': return projectMember(tx, fact.data.projectId, fact.data.accountId);
    case 'ProjectMemberRemoved.v1': await tx.query('DELETE FROM project_members WHERE project_id = $1 AND account_id = $2', [fact.data.projectId, fact.data.accountId]); return;
    case 'AccountSuspended.v1': await tx.query('INSERT INTO suspended_accounts (account_id) VALUES ($1) ON CONFLICT DO NOTHING', [fact.data.accountId]); return;
    case 'AccountReactivated.v1': await tx.query('DELETE FROM suspended_accounts WHERE account_id = $1', [fact.data.accountId]); return;
    default:
  }
}

async function member(tx: Tx, organizationId: string, accountId: string, role: string) {
  await tx.query('INSERT INTO members (organization_id, account_id, role) VALUES ($1, $2, $3) ON CONFLICT (organization_id, account_id) DO UPDATE SET role = excluded.role', [organizationId, accountId, role]);
}

async function projectMember(tx: Tx, projectId: string, accountId: string) {
  await tx.query('INSERT INTO project_members (project_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [projectId, accountId]);
}

/** A project as keys see it. `member`: whether the account is in it. */
export interface Place {
  readonly organizationId: string;
  readonly name: string;
  readonly archived: boolean;
  readonly member: boolean;
}

/** The project, as far as its facts have arrived. */
export async function findPlace(sql: Sql, projectId: string, accountId: string): Promise<Place | undefined> {
  const { rows } = await sql.query<{ organization_id: string; name: string; archived: boolean; member: boolean }>(
    `SELECT p.organization_id, p.name, p.archived, EXISTS (SELECT FROM project_members m WHERE m.project_id = p.project_id AND m.account_id = $2) AS member
       FROM projects p WHERE p.project_id = $1`, [projectId, accountId]);
  const row = rows[0];
  return row && { organizationId: row.organization_id, name: row.name, archived: row.archived, member: row.member };
}

/** Holds the membership until the transaction ends: a removal waits, so no key is born behind it. */
export async function lockMembership(tx: Tx, projectId: string, accountId: string): Promise<boolean> {
  const { rowCount } = await tx.query('SELECT FROM project_members WHERE project_id = $1 AND account_id = $2 FOR SHARE', [projectId, accountId]);
  return rowCount === 1;
}

/** The account's role in an organization; undefined for a stranger. */
export async function roleIn(sql: Sql, organizationId: string, accountId: string): Promise<'owner' | 'member' | undefined> {
  const { rows } = await sql.query<{ role: 'owner' | 'member' }>('SELECT role FROM members WHERE organization_id = $1 AND account_id = $2', [organizationId, accountId]);
  return rows[0]?.role;
}
