import { type Cause, type EventStore, followUp, handle, type Sql, type Tx } from '#event-sourcing';
import { account } from '../account/account.decider.ts';
import { lockAccount } from '../locks.ts';
import { session } from '../session/session.decider.ts';

/**
 * Nobody at the connection's provider is the account's holder any more; its sessions through the connection end. Nothing where nobody was: who
 * names strangers learns nothing of them. Answers how many sessions it ended.
 */
export async function unbind(
  store: EventStore,
  tx: Tx,
  { accountId, connectionId }: { readonly accountId: string; readonly connectionId: string },
  cause: Cause,
): Promise<number> {
  await lockAccount(tx, accountId);
  if ((await boundOf(tx, accountId, connectionId)) === undefined) return 0;
  await handle(store, account, accountId, { type: 'UnbindSubject', connectionId }, followUp(cause));
  const { rows } = await tx.query<{ session_id: string }>(
    'SELECT session_id FROM sessions WHERE account_id = $1 AND connection_id = $2 AND ended_at IS NULL',
    [accountId, connectionId],
  );
  for (const { session_id: sessionId } of rows)
    await handle(
      store,
      session,
      sessionId,
      { type: 'EndSession', accountId, reason: 'single-sign-on' },
      followUp(cause),
    );
  return rows.length;
}

/** Who the account's holder is at a connection's provider: a digest. */
export async function boundOf(sql: Sql, accountId: string, connectionId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ subject_digest: string }>(
    'SELECT subject_digest FROM sso_bindings WHERE account_id = $1 AND connection_id = $2',
    [accountId, connectionId],
  );
  return rows[0]?.subject_digest;
}

/** Bindings of connections that are gone. At most `limit`. */
export async function bindingsOfRemoved(
  sql: Sql,
  limit: number,
): Promise<readonly { readonly accountId: string; readonly connectionId: string }[]> {
  const { rows } = await sql.query<{ accountId: string; connectionId: string }>(
    'SELECT account_id AS "accountId", connection_id AS "connectionId" FROM sso_removed JOIN sso_bindings USING (connection_id) LIMIT $1',
    [limit],
  );
  return rows;
}
