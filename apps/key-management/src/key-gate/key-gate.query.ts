import { type keyManagement, shapes } from '#contracts';
import { LOG_IS_WHOLE, type Sql } from '#event-sourcing';
import { FOREIGN_WITHDRAWALS } from '../fence/foreign-withdrawals.ts';

interface Row {
  key_id: string;
  digest: string;
  name: string;
  account_id: string;
  project_id: string;
  organization_id: string;
  scopes: string[];
  works_until: Date | null;
  revoked_at: Date | null;
  addresses: string[];
  suspended: boolean;
  member: boolean;
  archived: boolean;
  deactivated: boolean;
  undecided: boolean;
}

/** For good: what is revoked, has expired or was never issued stays so, and gateways may remember it. */
const UNKNOWN: keyManagement.Verdict = {
  outcome: 'unknown',
  keyId: '',
  keyName: '',
  projectId: '',
  organizationId: '',
  accountId: '',
  scopes: [],
  addresses: [],
};

/** A parked message may say that the key works no more: one of its owner or project, or of its whole stream where its subject cannot be read. */
const PARKED = `SELECT FROM parked x
  WHERE x.consumer = 'key-management' AND x.state <> 'skipped' AND x.stream_id IN ('account-' || k.account_id, 'organization-' || k.organization_id)
    AND split_part(x.message ->> 'type', '.', 1) = ANY($2)
    AND NOT coalesce(x.message #>> '{data,accountId}' ~ '^[0-9a-f-]{36}$' AND x.message #>> '{data,accountId}' <> k.account_id::text, false)
    AND NOT coalesce(x.message #>> '{data,projectId}' ~ '^[0-9a-f-]{36}$' AND x.message #>> '{data,projectId}' <> k.project_id::text, false)`;

/**
 * Verdicts on presented keys, in the order asked, as of one snapshot of committed state.
 * Unknown, revoked, expired and ownerless are one answer; a good key whose owner is suspended or shut out, or whose project is archived, hears so.
 */
export async function verdicts(sql: Sql, digests: readonly string[], now: Date): Promise<keyManagement.Verdict[]> {
  const { rows } = await sql.query<Row>({
    name: 'verdicts',
    text: `SELECT k.key_id, k.digest, k.name, k.account_id, k.project_id, k.organization_id, k.scopes, k.addresses, k.works_until, k.revoked_at, s.account_id IS NOT NULL AS suspended, m.account_id IS NOT NULL AS member, coalesce(p.archived, true) AS archived, coalesce(o.shut_by_provider OR o.shut_as_guest, false) AS deactivated, EXISTS (${PARKED}) AS undecided
             FROM key_directory k
             LEFT JOIN suspended_accounts s ON s.account_id = k.account_id
             LEFT JOIN project_members m ON m.project_id = k.project_id AND m.account_id = k.account_id
             LEFT JOIN members o ON o.organization_id = k.organization_id AND o.account_id = k.account_id
             LEFT JOIN projects p ON p.project_id = k.project_id
            WHERE k.digest = ANY($1) AND ${LOG_IS_WHOLE}`,
    values: [digests, FOREIGN_WITHDRAWALS],
  });
  const byDigest = new Map(rows.map((row) => [row.digest, row]));
  return digests.map((digest) => judge(byDigest.get(digest), now));
}

function judge(row: Row | undefined, now: Date): keyManagement.Verdict {
  if (!row || row.revoked_at || (row.works_until && row.works_until <= now)) return UNKNOWN;
  if (!row.member) return { ...UNKNOWN, outcome: 'ownerless' };
  return {
    outcome: row.undecided
      ? 'undecided'
      : row.suspended
        ? 'suspended'
        : row.deactivated
          ? 'deactivated'
          : row.archived
            ? 'archived'
            : 'good',
    keyId: row.key_id,
    keyName: row.name,
    projectId: row.project_id,
    organizationId: row.organization_id,
    accountId: row.account_id,
    // Gateways of the release before know a key that may do all by its having none.
    scopes: row.scopes.every((scope) => scope === shapes.EVERY_SCOPE) ? [] : row.scopes,
    addresses: row.addresses,
    ...(row.works_until ? { expiresAt: row.works_until.toISOString() } : {}),
  };
}

/** The key that a digest belongs to, in every state. */
export async function keyIdByDigest(sql: Sql, digest: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ key_id: string }>('SELECT key_id FROM key_directory WHERE digest = $1', [digest]);
  return rows[0]?.key_id;
}

/** Keys that still stand of an account, of a project, or of an account in a project or organization. */
export async function standingKeys(
  sql: Sql,
  { accountId, projectId, organizationId }: { accountId?: string; projectId?: string; organizationId?: string },
): Promise<string[]> {
  const { rows } = await sql.query<{ key_id: string }>(
    `SELECT key_id FROM key_directory
      WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR account_id = $1) AND ($2::uuid IS NULL OR project_id = $2) AND ($3::uuid IS NULL OR organization_id = $3) ORDER BY key_id`,
    [accountId ?? null, projectId ?? null, organizationId ?? null],
  );
  return rows.map((row) => row.key_id);
}

/** How many keys of a project work, of all its members. */
export async function activeKeys(sql: Sql, projectId: string, now: Date): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM key_directory WHERE project_id = $1 AND revoked_at IS NULL AND (works_until IS NULL OR works_until > $2)',
    [projectId, now],
  );
  return rows[0]?.count ?? 0;
}

/** Of presented keys, those that are ours and still stand. */
export async function standingKeysByDigest(sql: Sql, digests: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ key_id: string }>(
    'SELECT key_id FROM key_directory WHERE digest = ANY($1) AND revoked_at IS NULL ORDER BY key_id',
    [digests],
  );
  return rows.map((row) => row.key_id);
}
