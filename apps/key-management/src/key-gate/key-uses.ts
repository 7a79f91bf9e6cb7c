import type { keyManagement } from '#contracts';
import type { Sql } from '#event-sourcing';

const KEPT_DAYS = 400;

/** Remembers when keys were last used, and on which days (UTC). A late or repeated record never moves an instant back. */
export async function recordUses(sql: Sql, uses: readonly keyManagement.KeyUse[]): Promise<void> {
  if (uses.length === 0) return;
  await sql.query(
    `WITH used AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u(key_id, used_at)),
     days AS (
       INSERT INTO key_use_days (key_id, day) SELECT DISTINCT key_id, (used_at AT TIME ZONE 'UTC')::date FROM used ORDER BY 1, 2 ON CONFLICT DO NOTHING)
     INSERT INTO key_uses (key_id, last_used_at) SELECT key_id, max(used_at) FROM used GROUP BY key_id ORDER BY key_id
     ON CONFLICT (key_id) DO UPDATE SET last_used_at = greatest(key_uses.last_used_at, excluded.last_used_at)`,
    [uses.map((use) => use.keyId), uses.map((use) => use.usedAt)],
  );
}

/** The days of the last `days` on which a key was used, oldest first: 2026-11-29. Today is the first of them. */
export async function useDays(sql: Sql, keyId: string, days: number, now: Date): Promise<string[]> {
  const { rows } = await sql.query<{ day: string }>(
    `SELECT day::text FROM key_use_days WHERE key_id = $1 AND day > ($2::timestamptz AT TIME ZONE 'UTC')::date - $3::int ORDER BY day`,
    [keyId, now, days],
  );
  return rows.map(({ day }) => day);
}

/** Forgets days of more than 400 days ago. At most `limit`; answers how many. */
export async function forgetUseDays(sql: Sql, now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM key_use_days WHERE (key_id, day) IN (
       SELECT key_id, day FROM key_use_days WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date - $2::int LIMIT $3 FOR UPDATE SKIP LOCKED)`,
    [now, KEPT_DAYS, limit],
  );
  return rowCount ?? 0;
}
