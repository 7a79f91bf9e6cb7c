import type { organization } from '#contracts';
import type { Sql } from '#event-sourcing';
import type { Part } from '#platform';

/** Whether an organization is closed to its member `m`. */
const SHUT = 'm.shut_by_provider OR m.shut_as_guest AS shut';
const statusOf = (shut: boolean) => (shut ? 'deactivated' : 'active');

export async function listOrganizations(
  sql: Sql,
  accountId: string,
  { after, limit }: Part,
): Promise<organization.Organization[]> {
  const { rows } = await sql.query<{ organization_id: string; name: string; role: string; shut: boolean }>(
    `SELECT organization_id, o.name, m.role, ${SHUT} FROM members m JOIN organizations o USING (organization_id)
      WHERE m.account_id = $1 AND ($2::uuid IS NULL OR organization_id > $2) ORDER BY organization_id LIMIT $3`,
    [accountId, after ?? null, limit + 1],
  );
  return rows.map(({ organization_id: organizationId, name, role, shut }) => ({
    organizationId,
    name,
    role,
    status: statusOf(shut),
  }));
}

interface MemberRow {
  account_id: string;
  role: string;
  joined_at: Date;
  shut: boolean;
}

export async function listMembers(
  sql: Sql,
  organizationId: string,
  { after, limit }: Part,
): Promise<organization.Member[]> {
  const { rows } = await sql.query<MemberRow>(
    `SELECT account_id, role, joined_at, ${SHUT} FROM members m WHERE organization_id = $1 AND ($2::uuid IS NULL OR account_id > $2) ORDER BY account_id LIMIT $3`,
    [organizationId, after ?? null, limit + 1],
  );
  return rows.map(memberView);
}

/** The people of a project, since when they are in it, with their roles in the organization. */
export async function listProjectMembers(
  sql: Sql,
  projectId: string,
  { after, limit }: Part,
): Promise<organization.Member[]> {
  const { rows } = await sql.query<MemberRow>(
    `SELECT pm.account_id, m.role, pm.joined_at, ${SHUT} FROM project_members pm JOIN projects p USING (project_id) JOIN members m ON m.organization_id = p.organization_id AND m.account_id = pm.account_id
      WHERE pm.project_id = $1 AND ($2::uuid IS NULL OR pm.account_id > $2) ORDER BY pm.account_id LIMIT $3`,
    [projectId, after ?? null, limit + 1],
  );
  return rows.map(memberView);
}

/** How many of its projects a list of members names for each. */
const NAMED_MAX = 20;

/** Which projects that are not archived members of an organization are in, the oldest first. Each of them is in the answer. */
export async function projectsOfMembers(
  sql: Sql,
  organizationId: string,
  accountIds: readonly string[],
): Promise<Map<string, organization.MemberProjects>> {
  const { rows } = await sql.query<{ account_id: string; projectId: string; name: string; count: number }>(
    `SELECT account_id, project_id AS "projectId", name, count FROM (
       SELECT pm.account_id, p.project_id, p.name, count(*) OVER one ::int AS count, row_number() OVER (one ORDER BY p.project_id) AS n
         FROM project_members pm JOIN projects p USING (project_id)
        WHERE pm.organization_id = $1 AND pm.account_id = ANY($2::uuid[]) AND NOT p.archived WINDOW one AS (PARTITION BY pm.account_id)) AS each
      WHERE n <= $3 ORDER BY account_id, n`,
    [organizationId, accountIds, NAMED_MAX],
  );
  const byAccount = Map.groupBy(rows, (row) => row.account_id);
  return new Map(
    accountIds.map((accountId) => {
      const found = byAccount.get(accountId) ?? [];
      return [
        accountId,
        { first: found.map(({ projectId, name }) => ({ projectId, name })), count: found[0]?.count ?? 0 },
      ];
    }),
  );
}

/** What projects of an organization are called; others are left out. */
export async function projectNames(
  sql: Sql,
  organizationId: string,
  projectIds: readonly string[],
): Promise<organization.NamedProject[]> {
  const { rows } = await sql.query<organization.NamedProject>(
    'SELECT project_id AS "projectId", name FROM projects WHERE organization_id = $1 AND project_id = ANY($2::uuid[]) ORDER BY project_id',
    [organizationId, projectIds],
  );
  return rows;
}

/** Which of these accounts are members of the organization. */
export async function membersAmong(sql: Sql, organizationId: string, accountIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ account_id: string }>(
    'SELECT account_id FROM members WHERE organization_id = $1 AND account_id = ANY($2::uuid[])',
    [organizationId, accountIds],
  );
  return rows.map((row) => row.account_id);
}

/** Projects as lists show them to an account; `$1` holds it, or null for operators. */
const DETAILED = `
  SELECT project_id, organization_id, name, archived, created_at,
         EXISTS (SELECT FROM project_members m WHERE m.project_id = p.project_id AND m.account_id = $1::uuid) AS member,
         (SELECT count(*)::int FROM project_members m WHERE m.project_id = p.project_id) AS people
    FROM projects p`;

/** All projects of an organization, or with `onlyOwn` those that the viewer is in. */
export async function listProjects(
  sql: Sql,
  organizationId: string,
  { viewer, onlyOwn }: { viewer: string | null; onlyOwn: boolean },
  { after, limit }: Part,
): Promise<organization.Project[]> {
  const { rows } = await sql.query<DetailedRow>(
    `${DETAILED} WHERE organization_id = $2 AND (NOT $3::boolean OR EXISTS (SELECT FROM project_members m WHERE m.project_id = p.project_id AND m.account_id = $1))
        AND ($4::uuid IS NULL OR project_id > $4) ORDER BY project_id LIMIT $5`,
    [viewer, organizationId, onlyOwn, after ?? null, limit + 1],
  );
  return rows.map(detailedView);
}

/** A project as lists show it to the viewer, who was judged before. */
export async function describeProject(
  sql: Sql,
  projectId: string,
  viewer: string,
): Promise<organization.Project | undefined> {
  const { rows } = await sql.query<DetailedRow>(`${DETAILED} WHERE project_id = $2`, [viewer, projectId]);
  return rows[0] && detailedView(rows[0]);
}

interface ProjectRow {
  project_id: string;
  organization_id: string;
  name: string;
  archived: boolean;
}

interface DetailedRow extends ProjectRow {
  created_at: Date;
  member: boolean;
  people: number;
}

const detailedView = ({ created_at, member, people, ...row }: DetailedRow): organization.Project => ({
  ...projectView(row),
  detail: { createdAt: created_at.toISOString(), member, people },
});

const projectView = ({
  project_id: projectId,
  organization_id: organizationId,
  name,
  archived,
}: ProjectRow): organization.Project => ({ projectId, organizationId, name, status: archived ? 'archived' : 'active' });

/** A project, without a check of the caller, as lists show it. */
export async function projectById(sql: Sql, projectId: string): Promise<organization.Project | undefined> {
  const { rows } = await sql.query<ProjectRow>('SELECT * FROM projects WHERE project_id = $1', [anId(projectId)]);
  return rows[0] && projectView(rows[0]);
}

/** A text that is no id matches no row. */
const anId = (text: string) => (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? text : null);

interface OrganizationRow {
  organization_id: string;
  name: string;
}

const organizationRow = ({ organization_id: organizationId, name }: OrganizationRow): organization.Organization => ({
  organizationId,
  name,
  role: '',
  status: 'active',
});

/** An organization, without a check of the caller, as lists show it. */
export async function organizationById(
  sql: Sql,
  organizationId: string,
): Promise<organization.Organization | undefined> {
  const { rows } = await sql.query<OrganizationRow>('SELECT * FROM organizations WHERE organization_id = $1', [
    anId(organizationId),
  ]);
  return rows[0] && organizationRow(rows[0]);
}

/** The first 100 by name of those whose name holds a text, in any case. */
export async function findOrganizations(sql: Sql, text: string): Promise<organization.Organization[]> {
  const { rows } = await sql.query<OrganizationRow>(
    'SELECT * FROM organizations WHERE position(lower($1) IN lower(name)) > 0 ORDER BY name, organization_id LIMIT 100',
    [text],
  );
  return rows.map(organizationRow);
}

/** Every project that an account sees, of all its organizations or of one. */
export async function projectIdsOf(sql: Sql, accountId: string, organizationId?: string): Promise<string[]> {
  const { rows } = await sql.query<{ project_id: string }>(
    `SELECT project_id FROM projects p JOIN members m USING (organization_id)
      WHERE m.account_id = $1 AND ($2::uuid IS NULL OR organization_id = $2) AND NOT (m.shut_by_provider OR m.shut_as_guest) AND (m.role = 'owner' OR EXISTS (SELECT FROM project_members pm WHERE pm.project_id = p.project_id AND pm.account_id = $1))`,
    [accountId, organizationId ?? null],
  );
  return rows.map((row) => row.project_id);
}

const memberView = ({ account_id: accountId, role, joined_at, shut }: MemberRow): organization.Member => ({
  accountId,
  role,
  joinedAt: joined_at.toISOString(),
  status: statusOf(shut),
});
