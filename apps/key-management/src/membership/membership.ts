import type { Sql, Tx } from '#event-sourcing';

/** A project as keys see it. `member`: whether the account is in it. */
export interface ProjectMembership {
  readonly organizationId: string;
  readonly name: string;
  readonly archived: boolean;
  readonly member: boolean;
}

/** The project, as far as its facts have arrived. */
export async function findPlace(
  sql: Sql,
  projectId: string,
  accountId: string,
): Promise<ProjectMembership | undefined> {
  const { rows } = await sql.query<{ organization_id: string; name: string; archived: boolean; member: boolean }>(
    `SELECT p.organization_id, p.name, p.archived, EXISTS (SELECT FROM project_members m WHERE m.project_id = p.project_id AND m.account_id = $2) AS member
       FROM projects p WHERE p.project_id = $1`,
    [projectId, accountId],
  );
  const row = rows[0];
  return row && { organizationId: row.organization_id, name: row.name, archived: row.archived, member: row.member };
}

/** Holds membership and project until the transaction ends: a removal, a deactivation and an archiving wait, so no key is born behind them. Undefined for who is not in it. */
export async function lockMembership(
  tx: Tx,
  projectId: string,
  accountId: string,
): Promise<{ readonly archived: boolean; readonly deactivated: boolean } | undefined> {
  const { rows } = await tx.query<{ archived: boolean; deactivated: boolean }>(
    `SELECT p.archived, o.shut_by_provider OR o.shut_as_guest AS deactivated
       FROM project_members m JOIN projects p USING (project_id)
       JOIN members o ON o.organization_id = p.organization_id AND o.account_id = m.account_id
      WHERE m.project_id = $1 AND m.account_id = $2 FOR SHARE`,
    [projectId, accountId],
  );
  return rows[0];
}

/** The account's role in an organization; undefined for a stranger. Whoever is shut out has none but over keys of their own. */
export async function roleIn(
  sql: Sql,
  organizationId: string,
  accountId: string,
): Promise<'owner' | 'member' | undefined> {
  const { rows } = await sql.query<{ role: 'owner' | 'member' }>(
    'SELECT role FROM members WHERE organization_id = $1 AND account_id = $2 AND NOT (shut_by_provider OR shut_as_guest)',
    [organizationId, accountId],
  );
  return rows[0]?.role;
}
