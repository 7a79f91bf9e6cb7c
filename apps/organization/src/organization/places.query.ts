import type { Sql, Tx } from '#event-sourcing';
import { Problem } from '#platform';

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

/**
 * To be asked when the new place stands, which the refusal takes back, under `lockMemberships`.
 * @throws Problem `organization/too-many` above `most`.
 */
export async function refuseTooMany(tx: Tx, accountId: string, most: number): Promise<void> {
  if ((await organizationsOf(tx, accountId)).length > most)
    throw new Problem(
      'organization/too-many',
      `An account may be in ${most} organizations, and this one is. Leave one that is no longer needed, or use a project of one.`,
    );
}

export async function isSuspended(sql: Sql, accountId: string): Promise<boolean> {
  return (await sql.query('SELECT FROM suspended_accounts WHERE account_id = $1', [accountId])).rowCount === 1;
}
