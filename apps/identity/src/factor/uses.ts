import type { Sql, Tx } from '#event-sourcing';

/** One code opens one thing, in all processes. False for a step that was used, or one before it. */
export async function useStep(
  tx: Tx,
  { accountId, factorId, step, at }: { accountId: string; factorId: string; step: number; at: Date },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO factor_uses AS u (factor_id, account_id, step, last_used_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (factor_id) DO UPDATE SET step = $3, last_used_at = $4 WHERE u.step < $3`,
    [factorId, accountId, step, at],
  );
  return rowCount === 1;
}

/** Of factors that are no more nothing is kept. */
export async function dropUses(
  tx: Tx,
  accountId: string,
  kept: readonly { readonly factorId: string }[],
): Promise<void> {
  await tx.query('DELETE FROM factor_uses WHERE account_id = $1 AND NOT factor_id = ANY($2)', [
    accountId,
    kept.map(({ factorId }) => factorId),
  ]);
}

/** Challenges live for five minutes. */
export const CHALLENGE_MS = 5 * 60_000;

/** Forgets challenges that have expired, by the real clock, as they do. At most `limit`; answers how many. */
export async function forgetChallenges(sql: Sql, _now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM challenges_spent WHERE digest = ANY(ARRAY(SELECT digest FROM challenges_spent WHERE spent_at <= clock_timestamp() - $1 * interval '1 ms' LIMIT $2 FOR UPDATE SKIP LOCKED))`,
    [2 * CHALLENGE_MS, limit],
  );
  return rowCount ?? 0;
}
