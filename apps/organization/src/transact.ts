import { type EventStore, SQLSTATE, sqlState, type Tx, VersionConflict } from '#event-sourcing';

const ATTEMPTS_MAX = 3;

/** Several streams in one transaction; again when somebody was faster. */
export async function transact<T>(store: EventStore, work: (store: EventStore, tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.transaction(work);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !overtaken(error)) throw error;
    }
  }
}

const overtaken = (error: unknown) => error instanceof VersionConflict || sqlState(error) === SQLSTATE.serialization || sqlState(error) === SQLSTATE.deadlock;

/** Commands about one organization, and about its invitations, go one after the other until the transaction ends. */
export const lockOrganization = (tx: Tx, organizationId: string) => tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`organization|${organizationId}`]);

/** Organizations of one account are created one after the other, so that each creation counts those before it. */
export const lockCreation = (tx: Tx, accountId: string) => tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`creation|${accountId}`]);

/** Whoever joins sees a suspension that was stated before; a suspension sees all that the account has joined before. */
export async function lockStanding(tx: Tx, accountId: string, mode: 'joins' | 'changes'): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock${mode === 'joins' ? '_shared' : ''}(hashtextextended($1, 0))`, [`account|${accountId}`]);
}
