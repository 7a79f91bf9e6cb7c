import type { keyManagement } from '#contracts';
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
  last_used_at: Date | null;
}

const SELECT = `
  SELECT k.*, coalesce(p.name, '') AS project_name, u.last_used_at
    FROM key_directory k LEFT JOIN projects p USING (project_id) LEFT JOIN key_uses u USING (key_id)`;

/** Which keys to list; the newest first, `after` excluded. */
export interface KeyFilter {
  readonly accountId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly status: 'active' | 'expired' | 'revoked' | 'all';
  readonly after?: string | undefined;
  readonly limit: number;
}

/** One more than `limit` when there are more. */
export async function listKeys(sql: Sql, filter: KeyFilter, now: Date): Promise<keyManagement.Key[]> {
  const { rows } = await sql.query<Row>(
    `${SELECT}
      WHERE ($1::uuid IS NULL OR k.account_id = $1) AND ($2::uuid IS NULL OR k.project_id = $2) AND ($3::uuid IS NULL OR k.organization_id = $3)
        AND ($4::uuid IS NULL OR k.key_id < $4)
        AND CASE $5::text WHEN 'active' THEN k.revoked_at IS NULL AND (k.works_until IS NULL OR k.works_until > $6)
                          WHEN 'expired' THEN k.revoked_at IS NULL AND k.works_until <= $6
                          WHEN 'revoked' THEN k.revoked_at IS NOT NULL
                          ELSE true END
      ORDER BY k.key_id DESC LIMIT $7`,
    [
      filter.accountId ?? null,
      filter.projectId ?? null,
      filter.organizationId ?? null,
      filter.after ?? null,
      filter.status,
      now,
      filter.limit + 1,
    ],
  );
  return rows.map((row) => view(row, now));
}

export async function findKey(sql: Sql, keyId: string, now: Date): Promise<keyManagement.Key | undefined> {
  const { rows } = await sql.query<Row>(`${SELECT} WHERE k.key_id = $1`, [keyId]);
  return rows[0] && view(rows[0], now);
}

/** Keys with this start, or that end it with these characters: the newest 100. */
export async function keysByStart(sql: Sql, start: string, now: Date): Promise<keyManagement.Key[]> {
  const { rows } = await sql.query<Row>(
    `${SELECT} WHERE k.start = $1 OR (length($1) = 6 AND right(k.start, 6) = $1) ORDER BY k.key_id DESC LIMIT 100`,
    [start],
  );
  return rows.map((row) => view(row, now));
}

const status = ({ revoked_at, works_until }: Row, now: Date) =>
  revoked_at ? 'revoked' : works_until && works_until <= now ? 'expired' : 'active';

const view = (row: Row, now: Date): keyManagement.Key => ({
  keyId: row.key_id,
  name: row.name,
  projectId: row.project_id,
  projectName: row.project_name,
  organizationId: row.organization_id,
  accountId: row.account_id,
  start: row.start,
  status: status(row, now),
  createdAt: row.created_at.toISOString(),
  scopes: row.scopes,
  addresses: row.addresses,
  ...(row.works_until ? { expiresAt: row.works_until.toISOString() } : {}),
  ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
});
