import type { keyManagement } from '#contracts';
import type { Sql } from '#event-sourcing';

/** Remembers when keys were last used. A late or repeated record never moves an instant back. */
export async function recordUses(sql: Sql, uses: readonly keyManagement.KeyUse[]): Promise<void> {
  if (uses.length === 0) return;
  await sql.query(
    `INSERT INTO key_uses (key_id, last_used_at)
       SELECT u.key_id, max(u.used_at) FROM unnest($1::uuid[], $2::timestamptz[]) AS u(key_id, used_at) GROUP BY u.key_id ORDER BY u.key_id
     ON CONFLICT (key_id) DO UPDATE SET last_used_at = greatest(key_uses.last_used_at, excluded.last_used_at)`,
    [uses.map((use) => use.keyId), uses.map((use) => use.usedAt)],
  );
}
