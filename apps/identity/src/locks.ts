import type { Sql, Tx } from '#event-sourcing';
import { Problem } from '#platform';

/** Whatever begins a session, or changes what proves a person or whether they may sign in, goes one after the other, until the transaction ends. */
export const lockAccount = (tx: Tx, accountId: string) =>
  tx.query({
    name: 'lock-account',
    text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
    values: [`account|${accountId}`],
  });

/** The account's number of credentials; what was begun under another is dead. @throws Problem for an unknown account. */
export async function credentialsOf(sql: Sql, accountId: string): Promise<number> {
  const { rows } = await sql.query<{ credentials: number }>({
    name: 'credentials-of',
    text: 'SELECT credentials FROM accounts WHERE account_id = $1',
    values: [accountId],
  });
  if (!rows[0]) throw accountUnknown();
  return rows[0].credentials;
}

export const accountUnknown = () => new Problem('account/unknown', 'No account has this id.');
