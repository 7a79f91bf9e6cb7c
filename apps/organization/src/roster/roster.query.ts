import type { organization } from '#contracts';
import type { Sql } from '#event-sourcing';

/** `limit` rows after an id, and the id to go on from when there are more. */
export interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Cuts the one row too many that says there are more. */
function paged<T>(rows: T[], { limit }: Page, id: (row: T) => string): { items: T[]; next?: string } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > items.length && last !== undefined ? { items, next: id(last) } : { items };
}

export async function organizationsOf(sql: Sql, accountId: string, page: Page) {
  const { rows } = await sql.query<{ organization_id: string; name: string; role: string }>(
    `SELECT m.organization_id, n.name, m.role FROM members m JOIN organization_names n USING (organization_id)
      WHERE m.account_id = $1 AND ($2::uuid IS NULL OR m.organization_id > $2) ORDER BY m.organization_id LIMIT $3`, [accountId, page.after ?? null, page.limit + 1]);
  return paged<organization.Organization>(rows.map((row) => ({ organizationId: row.organization_id, name: row.name, role: row.role })), page, (item) => item.organizationId);
}

export async function membersOf(sql: Sql, organizationId: string, page: Page) {
  const { rows } = await sql.query<{ account_id: string; role: string; joined_at: Date }>(
    'SELECT account_id, role, joined_at FROM members WHERE organization_id = $1 AND ($2::uuid IS NULL OR account_id > $2) ORDER BY account_id LIMIT $3', [organizationId, page.after ?? null, page.limit + 1]);
  return paged<organization.Member>(rows.map((row) => ({ accountId: row.account_id, role: row.role, joinedAt: row.joined_at.toISOString() })), page, (item) => item.accountId);
}

/** `accountId`: only the projects that this account is in. */
export async function projectsOf(sql: Sql, organizationId: string, accountId: string | undefined, page: Page) {
  const { rows } = await sql.query<{ project_id: string; name: string; archived: boolean }>(
    `SELECT p.project_id, p.name, p.archived FROM projects p
      WHERE p.organization_id = $1 AND ($2::uuid IS NULL OR EXISTS (SELECT FROM project_members m WHERE m.project_id = p.project_id AND m.account_id = $2))
        AND ($3::uuid IS NULL OR p.project_id > $3) ORDER BY p.project_id LIMIT $4`, [organizationId, accountId ?? null, page.after ?? null, page.limit + 1]);
  return paged<organization.Project>(rows.map((row) => ({ projectId: row.project_id, organizationId, name: row.name, status: row.archived ? 'archived' : 'active' })), page, (item) => item.projectId);
}

export async function projectMembersOf(sql: Sql, projectId: string, page: Page) {
  const { rows } = await sql.query<{ account_id: string; role: string; joined_at: Date }>(
    `SELECT m.account_id, o.role, o.joined_at FROM project_members m JOIN projects p USING (project_id) JOIN members o ON o.organization_id = p.organization_id AND o.account_id = m.account_id
      WHERE m.project_id = $1 AND ($2::uuid IS NULL OR m.account_id > $2) ORDER BY m.account_id LIMIT $3`, [projectId, page.after ?? null, page.limit + 1]);
  return paged<organization.Member>(rows.map((row) => ({ accountId: row.account_id, role: row.role, joinedAt: row.joined_at.toISOString() })), page, (item) => item.accountId);
}

export interface InvitationRow {
  readonly invitation_id: string;
  readonly role: string;
  readonly project_ids: string[];
  readonly expires_at: Date;
  readonly status: string;
  readonly sealed: Buffer | null;
}

export async function invitationsOf(sql: Sql, organizationId: string, page: Page) {
  const { rows } = await sql.query<InvitationRow>(
    `SELECT i.*, a.sealed FROM invitations i LEFT JOIN invited_addresses a USING (invitation_id)
      WHERE i.organization_id = $1 AND ($2::uuid IS NULL OR i.invitation_id > $2) ORDER BY i.invitation_id LIMIT $3`, [organizationId, page.after ?? null, page.limit + 1]);
  return paged(rows, page, (row) => row.invitation_id);
}

/** The organization that a project is in, as soon as it is made. */
export async function organizationOfProject(sql: Sql, projectId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ organization_id: string }>('SELECT organization_id FROM project_places WHERE project_id = $1', [projectId]);
  return rows[0]?.organization_id;
}

/** All organizations of an account, for facts about the account. */
export async function organizationIdsOf(sql: Sql, accountId: string): Promise<string[]> {
  const { rows } = await sql.query<{ organization_id: string }>('SELECT organization_id FROM members WHERE account_id = $1 ORDER BY organization_id', [accountId]);
  return rows.map((row) => row.organization_id);
}
