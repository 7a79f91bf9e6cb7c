import { type keyManagement, shapes } from '#contracts';
import type { Sql } from '#event-sourcing';

interface Row {
  key_id: string;
  account_id: string;
  project_id: string;
  organization_id: string;
  name: string;
  start: string;
  scopes: string[];
  created_at: Date;
  works_until: Date | null;
  revoked_at: Date | null;
  addresses: string[];
  project_name: string;
  holder_left: boolean;
  last_used_at: Date | null;
  used_days: string[];
  replaced_by: string | null;
}

/** How many days the marks of a list go back, today among them. */
export const MARKED_DAYS = 30;

/** With names for those who may see what has them; `viewer` is a parameter that holds an account, or null for operators. */
const select = (viewer: string, now: string) => `
  SELECT k.*, u.last_used_at,
         ARRAY(SELECT d.day::text FROM key_use_days d WHERE d.key_id = k.key_id AND d.day > (${now}::timestamptz AT TIME ZONE 'UTC')::date - ${MARKED_DAYS} ORDER BY d.day) AS used_days,
         NOT EXISTS (SELECT FROM members h WHERE h.organization_id = k.organization_id AND h.account_id = k.account_id) AS holder_left,
         CASE WHEN ${viewer}::uuid IS NULL
                OR EXISTS (SELECT FROM project_members m WHERE m.project_id = k.project_id AND m.account_id = ${viewer})
                OR EXISTS (SELECT FROM members o WHERE o.organization_id = k.organization_id AND o.account_id = ${viewer} AND o.role = 'owner')
              THEN coalesce(p.name, '') ELSE '' END AS project_name
    FROM key_directory k LEFT JOIN projects p USING (project_id) LEFT JOIN key_uses u USING (key_id)`;

/** Which keys to list; the newest first, `after` excluded. */
export interface KeyFilter {
  readonly accountId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly organizationId?: string | undefined;
  /** In the name, or in what people see of the key. */
  readonly find?: string | undefined;
  /** Not used within as many days, nor made within them. */
  readonly unusedForDays?: number | undefined;
  readonly status: 'active' | 'expired' | 'revoked' | 'all';
  readonly after?: string | undefined;
  readonly limit: number;
  /** The account that looks; undefined for an operator. */
  readonly viewer: string | undefined;
}

/** One more than `limit` when there are more. */
export async function listKeys(sql: Sql, filter: KeyFilter, now: Date): Promise<keyManagement.Key[]> {
  const { rows } = await sql.query<Row>(
    `${select('$8', '$6')}
      WHERE ($1::uuid IS NULL OR k.account_id = $1) AND ($2::uuid IS NULL OR k.project_id = $2) AND ($3::uuid IS NULL OR k.organization_id = $3)
        AND ($4::uuid IS NULL OR k.key_id < $4)
        AND CASE $5::text WHEN 'active' THEN k.revoked_at IS NULL AND (k.works_until IS NULL OR k.works_until > $6)
                          WHEN 'expired' THEN k.revoked_at IS NULL AND k.works_until <= $6
                          WHEN 'revoked' THEN k.revoked_at IS NOT NULL
                          ELSE true END
        AND ($9::text IS NULL OR strpos(lower(k.name), lower($9)) > 0 OR strpos(k.start, $9) > 0)
        AND ($10::int IS NULL OR greatest(u.last_used_at, k.created_at) <= $6::timestamptz - $10::int * interval '1 day')
      ORDER BY k.key_id DESC LIMIT $7`,
    [
      filter.accountId ?? null,
      filter.projectId ?? null,
      filter.organizationId ?? null,
      filter.after ?? null,
      filter.status,
      now,
      filter.limit + 1,
      filter.viewer ?? null,
      filter.find ?? null,
      filter.unusedForDays ?? null,
    ],
  );
  return rows.map((row) => view(row, now));
}

export async function findKey(
  sql: Sql,
  keyId: string,
  now: Date,
  viewer?: string,
): Promise<keyManagement.Key | undefined> {
  const { rows } = await sql.query<Row>(`${select('$2', '$3')} WHERE k.key_id = $1`, [keyId, viewer ?? null, now]);
  return rows[0] && view(rows[0], now);
}

/** What keys are called, for whoever sees their projects. */
export async function describeKeys(
  sql: Sql,
  keyIds: readonly string[],
  viewer: string,
): Promise<keyManagement.DescribedKey[]> {
  const { rows } = await sql.query<Pick<Row, 'key_id' | 'name' | 'project_name' | 'holder_left'>>(
    `SELECT key_id, name, project_name, holder_left FROM (${select('$2', '$3')} WHERE k.key_id = ANY($1)) described`,
    [keyIds, viewer, null],
  );
  return rows.map((row) => ({
    keyId: row.key_id,
    name: row.project_name === '' ? '' : row.name,
    holderLeft: row.holder_left,
  }));
}

/** Keys with this start, or that end it with these characters: the newest 100. */
export async function keysByStart(sql: Sql, start: string, now: Date): Promise<keyManagement.Key[]> {
  const { rows } = await sql.query<Row>(
    `${select('$2', '$3')} WHERE k.start = $1 OR (length($1) = 6 AND right(k.start, 6) = $1) ORDER BY k.key_id DESC LIMIT 100`,
    [start, null, now],
  );
  return rows.map((row) => view(row, now));
}

/** How many keys of an organization neither were revoked nor have expired, for each of these that has one. */
export async function activeKeysOf(
  sql: Sql,
  organizationId: string,
  of: 'account_id' | 'project_id',
  ids: readonly string[],
  now: Date,
): Promise<keyManagement.KeyCount[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql.query<keyManagement.KeyCount>(
    `SELECT ${of} AS id, count(*)::int AS active FROM key_directory
      WHERE organization_id = $1 AND ${of} = ANY($2::uuid[]) AND revoked_at IS NULL AND (works_until IS NULL OR works_until > $3) GROUP BY ${of}`,
    [organizationId, ids, now],
  );
  return rows;
}

/** What keys of an organization are called, in whatever status; the others are left out. */
export async function keyNames(
  sql: Sql,
  organizationId: string,
  keyIds: readonly string[],
): Promise<keyManagement.NamedKey[]> {
  const { rows } = await sql.query<keyManagement.NamedKey>(
    'SELECT key_id AS "keyId", name FROM key_directory WHERE organization_id = $1 AND key_id = ANY($2::uuid[])',
    [organizationId, keyIds],
  );
  return rows;
}

const status = ({ revoked_at, works_until }: Row, now: Date) =>
  revoked_at ? 'revoked' : works_until && works_until <= now ? 'expired' : 'active';

/** Keys that were made before scopes had to be named say nothing, and may do all. */
const scopesOf = ({ scopes }: Row) => (scopes.length === 0 ? [shapes.EVERY_SCOPE] : scopes);

const view = (row: Row, now: Date): keyManagement.Key => ({
  keyId: row.key_id,
  name: row.name,
  projectId: row.project_id,
  projectName: row.project_name,
  holderLeft: row.holder_left,
  organizationId: row.organization_id,
  accountId: row.account_id,
  start: row.start,
  status: status(row, now),
  createdAt: row.created_at.toISOString(),
  scopes: scopesOf(row),
  addresses: row.addresses,
  usedDays: row.used_days,
  ...(row.revoked_at ? { revokedAt: row.revoked_at.toISOString() } : {}),
  ...(row.works_until ? { expiresAt: row.works_until.toISOString() } : {}),
  ...(row.replaced_by === null ? {} : { replacedBy: row.replaced_by }),
  ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
});

/** How many keys of before this instant work. */
export async function workingSince(sql: Sql, at: Date): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM key_directory WHERE created_at < $1 AND revoked_at IS NULL AND (works_until IS NULL OR works_until > $1)',
    [at],
  );
  return rows[0]?.count ?? 0;
}
