import { open, seal, type Sql } from '#event-sourcing';
import { DAY_MS, forgetting } from '#platform';

/** An address that is no account's yet. */
export interface PendingAddress {
  readonly signUpId: string;
  readonly emailDigest: string;
  readonly email: string;
  readonly at: Date;
}

/** Keeps it sealed, beside the log, until the sign-up ends. */
export async function keepAddress(sql: Sql, masterKey: Buffer, pending: PendingAddress): Promise<void> {
  await sql.query(
    'INSERT INTO pending_addresses (sign_up_id, email_digest, sealed, requested_at) VALUES ($1, $2, $3, $4)',
    [
      pending.signUpId,
      pending.emailDigest,
      seal(masterKey, bound(pending.signUpId), Buffer.from(pending.email)),
      pending.at,
    ],
  );
}

export async function findAddress(sql: Sql, masterKey: Buffer, signUpId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ sealed: Buffer }>('SELECT sealed FROM pending_addresses WHERE sign_up_id = $1', [
    signUpId,
  ]);
  const sealed = rows[0]?.sealed;
  return sealed && open(masterKey, bound(signUpId), sealed).toString();
}

/** The address has an account now: none of its sign-ups waits any longer, so all their links are dead. */
export async function dropAddresses(sql: Sql, emailDigest: string): Promise<void> {
  await sql.query('DELETE FROM pending_addresses WHERE email_digest = $1', [emailDigest]);
}

/** Forgets addresses whose link has expired: it lives for a day, and a mail that is late is still sent for another. At most `limit`; answers how many. */
export const dropExpiredAddresses = forgetting({
  table: 'pending_addresses',
  key: 'sign_up_id',
  at: 'requested_at',
  afterMs: 2 * DAY_MS,
});

const bound = (signUpId: string) => `sign-up|${signUpId}`;
