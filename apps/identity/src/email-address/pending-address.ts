import { keyName, openAny, seal, type Sql, type SealingKeys } from '#event-sourcing';
import { DAY_MS, forgetting, type SealedRows, type Seals } from '#platform';

/** An address that is no account's yet. */
export interface PendingAddress {
  readonly signUpId: string;
  readonly emailDigest: string;
  readonly email: string;
  readonly at: Date;
}

/** Keeps it sealed, beside the log, until the sign-up ends. */
export async function keepAddress(sql: Sql, masterKeys: SealingKeys, pending: PendingAddress): Promise<void> {
  await sql.query(
    'INSERT INTO pending_addresses (sign_up_id, email_digest, sealed, requested_at, sealed_by) VALUES ($1, $2, $3, $4, $5)',
    [
      pending.signUpId,
      pending.emailDigest,
      seal(masterKeys[0], bound(pending.signUpId), Buffer.from(pending.email)),
      pending.at,
      keyName(masterKeys[0]),
    ],
  );
}

export async function findAddress(sql: Sql, masterKeys: SealingKeys, signUpId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ sealed: Buffer }>('SELECT sealed FROM pending_addresses WHERE sign_up_id = $1', [
    signUpId,
  ]);
  const sealed = rows[0]?.sealed;
  return sealed && openAny(masterKeys, bound(signUpId), sealed).toString();
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

export const sealedAddresses = (seals: Seals): SealedRows => ({
  purpose: 'master',
  table: 'pending_addresses',
  id: ['sign_up_id'],
  bound: ([signUpId = '']) => bound(signUpId),
  seals,
});
