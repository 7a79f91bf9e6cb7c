import type { Tx } from '#event-sourcing';
import { Problem } from '#platform';
import { GOVERNED } from './governance.query.ts';

/** Whose provider may judge from now on: everybody of an organization, or somebody who has joined one. */
export interface NewlyGoverned {
  readonly organizationIds: readonly string[];
  readonly accountIds: readonly string[];
}

/**
 * Whoever of them is judged by their organization's provider now: their passwords open nothing afterwards, before the mailbox is proved,
 * and what they opened before stays shut.
 */
export const lockPasswords = (tx: Tx, key: Buffer, { organizationIds, accountIds }: NewlyGoverned, now: Date) =>
  tx.query(
    `INSERT INTO password_locks (account_id, locked_at)
     SELECT DISTINCT a.account_id, $3::timestamptz FROM organization_members a CROSS JOIN ${GOVERNED} AS governed
      WHERE (a.organization_id = ANY($2) OR a.account_id = ANY($4)) AND governed.connection_id IS NOT NULL AND NOT governed.break_glass
     ON CONFLICT (account_id) DO UPDATE SET locked_at = excluded.locked_at`,
    [key, organizationIds, now, accountIds],
  );

/** The mailbox is proved. */
export const unlockPassword = (tx: Tx, accountId: string) =>
  tx.query('DELETE FROM password_locks WHERE account_id = $1', [accountId]);

/** Said after the password, which is right. */
export const lockedPassword = () =>
  new Problem(
    'password/locked',
    "This password was set before your organization's identity provider judged alone, and opens nothing until your mailbox is proved: ask for a link at /forgot.",
  );
