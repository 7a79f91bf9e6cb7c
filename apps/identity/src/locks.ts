import type { Sql, Tx } from '#event-sourcing';
import { Problem } from '#platform';

/** Whatever begins a session, or changes what proves a person or whether they may sign in, goes one after the other, until the transaction ends. */
export const lockAccount = (tx: Tx, accountId: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`account|${accountId}`]);

/** The account's number of credentials; what was begun under another is dead. @throws Problem for an unknown account. */
export async function credentialsOf(sql: Sql, accountId: string): Promise<number> {
  const { rows } = await sql.query<{ credentials: number }>('SELECT credentials FROM accounts WHERE account_id = $1', [
    accountId,
  ]);
  if (!rows[0]) throw new Problem('account/unknown', 'No account has this id.');
  return rows[0].credentials;
}
