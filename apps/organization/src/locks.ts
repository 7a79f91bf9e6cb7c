import type { Tx } from '#event-sourcing';

/** Commands about one organization, and about its invitations, go one after the other until the transaction ends. */
export const lockOrganization = (tx: Tx, organizationId: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`organization|${organizationId}`]);

/** Proofs of one domain go one after the other: each sees who has it. Before any organization's lock. */
export const lockDomain = (tx: Tx, domain: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`domain|${domain}`]);

/** An account enters organizations one after the other, so that each time counts those before it. */
export const lockMemberships = (tx: Tx, accountId: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`creation|${accountId}`]);

/** A join sees every suspension that was stated before it; a suspension sees all that the account has joined before. */
export async function lockStanding(tx: Tx, accountId: string, mode: 'joins' | 'changes'): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock${mode === 'joins' ? '_shared' : ''}(hashtextextended($1, 0))`, [
    `account|${accountId}`,
  ]);
}
