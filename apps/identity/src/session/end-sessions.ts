import { type Cause, type EventStore, followUp, handle, type Tx } from '#event-sourcing';
import { session, type SessionEndReason } from './session.decider.ts';
import { sessionIdsOfAccount } from './sessions.query.ts';

/** Ends the account's sessions, but for one where it is named. Under the account's lock. */
export async function endSessions(
  store: EventStore,
  tx: Tx,
  accountId: string,
  cause: Cause,
  { kept, reason = 'credentials-changed' }: { readonly kept?: string; readonly reason?: SessionEndReason } = {},
): Promise<void> {
  for (const sessionId of await sessionIdsOfAccount(tx, accountId))
    if (sessionId !== kept)
      await handle(store, session, sessionId, { type: 'EndSession', accountId, reason }, followUp(cause));
}
