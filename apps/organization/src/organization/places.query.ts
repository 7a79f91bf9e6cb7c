import type { Sql } from '#event-sourcing';

/** The organization that a project belongs to, for ever. */
export async function organizationOfProject(sql: Sql, projectId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ organization_id: string }>(
    'SELECT organization_id FROM project_places WHERE project_id = $1',
    [projectId],
  );
  return rows[0]?.organization_id;
}

/** The organizations that an account is in. */
export async function organizationsOf(sql: Sql, accountId: string): Promise<string[]> {
  const { rows } = await sql.query<{ organization_id: string }>(
    'SELECT organization_id FROM member_places WHERE account_id = $1 ORDER BY organization_id',
    [accountId],
  );
  return rows.map((row) => row.organization_id);
}

export async function isSuspended(sql: Sql, accountId: string): Promise<boolean> {
  return (await sql.query('SELECT FROM suspended_accounts WHERE account_id = $1', [accountId])).rowCount === 1;
}
