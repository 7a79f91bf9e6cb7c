import type { Sql, Tx } from '#event-sourcing';
import { forgetting } from '#platform';
import { CHALLENGE_MS, challengeDigest } from './challenge.ts';

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

/** How far a passkey has counted its signatures; 0 where it does not count. */
export async function keptCounter(sql: Sql, factorId: string): Promise<number> {
  const { rows } = await sql.query<{ counter: string }>('SELECT counter FROM factor_uses WHERE factor_id = $1', [
    factorId,
  ]);
  return Number(rows[0]?.counter ?? 0);
}

/** One answer opens one thing, in all processes. False for a passkey that has counted as far before. */
export async function useCounter(
  tx: Tx,
  use: { accountId: string; factorId: string; counter: number; backedUp: boolean; at: Date | undefined },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO factor_uses AS u (factor_id, account_id, counter, backed_up, last_used_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (factor_id) DO UPDATE SET counter = $3, backed_up = $4, last_used_at = $5 WHERE u.counter < $3 OR u.counter = 0 AND $3 = 0`,
    [use.factorId, use.accountId, use.counter, use.backedUp, use.at ?? null],
  );
  return rowCount === 1;
}

/** False for a challenge that was used. */
export async function spendChallenge(tx: Tx, challenge: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'INSERT INTO challenges_spent (digest, spent_at) VALUES ($1, clock_timestamp()) ON CONFLICT DO NOTHING',
    [challengeDigest(challenge)],
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

/** Forgets challenges that have expired, by the real clock, as they do. At most `limit`; answers how many. */
export const forgetChallenges = (sql: Sql, _now: Date, limit: number) => forgetSpent(sql, new Date(), limit);

const forgetSpent = forgetting({ table: 'challenges_spent', key: 'digest', at: 'spent_at', afterMs: 2 * CHALLENGE_MS });
