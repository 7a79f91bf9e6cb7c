import { openAny, seal, type Sql, type Tx, type SealingKeys } from '#event-sourcing';
import { forgetting } from '#platform';

const LIFE_MS = 10 * 60_000;

/** An authenticator that has shown no code yet. */
export interface PendingFactor {
  readonly name: string;
  readonly secret: string;
}

/** Keeps it sealed for ten minutes. */
export async function keepPending(
  sql: Sql,
  masterKeys: SealingKeys,
  { accountId, factorId }: { accountId: string; factorId: string },
  pending: PendingFactor,
  now: Date,
): Promise<void> {
  await sql.query('INSERT INTO pending_factors (factor_id, account_id, sealed, began_at) VALUES ($1, $2, $3, $4)', [
    factorId,
    accountId,
    seal(masterKeys[0], bound(accountId, factorId), Buffer.from(JSON.stringify(pending))),
    now,
  ]);
}

/** The account's own, within its ten minutes. */
export async function findPending(
  sql: Sql,
  masterKeys: SealingKeys,
  { accountId, factorId }: { accountId: string; factorId: string },
  now: Date,
): Promise<PendingFactor | undefined> {
  const { rows } = await sql.query<{ sealed: Buffer }>(
    'SELECT sealed FROM pending_factors WHERE factor_id = $1 AND account_id = $2 AND began_at > $3',
    [factorId, accountId, new Date(now.getTime() - LIFE_MS)],
  );
  return (
    rows[0] && (JSON.parse(openAny(masterKeys, bound(accountId, factorId), rows[0].sealed).toString()) as PendingFactor)
  );
}

export const dropPending = (tx: Tx, factorId: string) =>
  tx.query('DELETE FROM pending_factors WHERE factor_id = $1', [factorId]);

/** Forgets those that never showed a code. At most `limit`; answers how many. */
export const forgetPending = forgetting({
  table: 'pending_factors',
  key: 'factor_id',
  at: 'began_at',
  afterMs: LIFE_MS,
});

const bound = (accountId: string, factorId: string) => `pending-factor|${accountId}|${factorId}`;
