import type { keyManagement } from '#contracts';
import { isUuid, type Sql } from '#event-sourcing';

/** The newest epoch that a gateway has followed which knew more than this log. */
export async function heardOf(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ epoch: number | null }>('SELECT max(epoch) AS epoch FROM floors');
  return rows[0]?.epoch ?? 0;
}

/**
 * Takes down what a gateway knows as withdrawn and an older copy does not. Left out is what the copy has under the same number, and what both have
 * forgotten the number of; of a log that was reopened since, everything.
 */
export async function recall(
  sql: Sql,
  { incarnation, epoch }: keyManagement.Floor,
  withdrawn: readonly keyManagement.Withdrawn[],
): Promise<void> {
  const known = withdrawn.filter(({ subject }) => isUuid(subject));
  await sql.query(
    `INSERT INTO recalled (subject)
     SELECT DISTINCT w.subject FROM unnest($1::uuid[], $2::bigint[]) AS w(subject, seq), fence f, log_meta m
      WHERE m.older IS NOT NULL AND $3 >= m.reopened
        AND NOT (w.seq <= f.seq AND EXISTS (SELECT FROM log_moves WHERE incarnation::text = $4)
                 AND (EXISTS (SELECT FROM withdrawals x WHERE x.epoch = $3 AND x.seq = w.seq AND x.subject = w.subject)
                      OR NOT EXISTS (SELECT FROM withdrawals x WHERE x.epoch = $3 AND x.seq = w.seq)))
     ON CONFLICT DO NOTHING`,
    [known.map(({ subject }) => subject), known.map(({ seq }) => seq), epoch, incarnation],
  );
}

/** What a reopening does by it, and what somebody has to look at. */
export async function recalled(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ subject: string; is_key: boolean }>(
    `SELECT r.subject, k.key_id IS NOT NULL AS is_key FROM recalled r LEFT JOIN key_directory k ON k.key_id = r.subject
      WHERE k.revoked_at IS NULL ORDER BY r.subject`,
  );
  return rows.map(({ subject, is_key: isKey }) =>
    isKey
      ? `key ${subject}, which gateways know as withdrawn, is revoked`
      : `${subject} (a later key, an account or a project), which gateways know as withdrawn, is for you to look at`,
  );
}
