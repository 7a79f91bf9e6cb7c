import type { SealingKeys } from '#event-sourcing';
import type { Sql, Tx } from '#event-sourcing';
import { comparedEmail, keyedDigest, SERVICE_CONFIG, takeHourly, masterKeysOf } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { IdentityConfig } from '../config.ts';
import { domainKey, keepAddressDomain } from '../governance/governance.query.ts';
import { findAddress, keepAddress, type PendingAddress } from './pending-address.ts';

/** Which account has an address, by its digest. In clear the address stands only in people's envelopes, and sealed while it has no account yet. */
@Injectable()
export class AddressBook {
  private readonly masterKeys: SealingKeys;
  /** For `GOVERNED`. */
  readonly domainKey: Buffer;

  constructor(
    private readonly pool: Pool,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    this.masterKeys = masterKeysOf(config);
    this.domainKey = domainKey(config.installationKey);
  }

  emailDigest(email: string): string {
    return keyedDigest(this.config.installationKey, 'email', comparedEmail(email));
  }

  async accountIdByDigest(emailDigest: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ account_id: string }>(
      'SELECT account_id FROM accounts WHERE email_digest = $1',
      [emailDigest],
    );
    return rows[0]?.account_id;
  }

  /** Takes one of the mails an hour that strangers can cause to an address, whatever they are about; false where none is left. */
  takeMail(sql: Sql, emailDigest: string, now: Date): Promise<boolean> {
    const { installationKey, mailsPerAddressAndHour } = this.config;
    return takeHourly(sql, keyedDigest(installationKey, 'mail', emailDigest), mailsPerAddressAndHour, now);
  }

  /** An account has this address now: in the transaction that gives it one. */
  keepDomain(tx: Sql, accountId: string, email: string): Promise<unknown> {
    return keepAddressDomain(tx, this.domainKey, accountId, email);
  }

  keepPending(tx: Tx, pending: PendingAddress): Promise<void> {
    return keepAddress(tx, this.masterKeys, pending);
  }

  /** The address that a sign-up waits with; undefined once it waits no longer. */
  pendingAddress(signUpId: string): Promise<string | undefined> {
    return findAddress(this.pool, this.masterKeys, signUpId);
  }
}

/**
 * The account of an address, and whether it has signed in from a device before; for an address without one the account that comes
 * next in the table, as a decoy, so that both cases read as much. Undefined where there is no account at all.
 */
export async function accountOrDecoy(
  sql: Sql,
  emailDigest: string,
  deviceDigest: string | undefined,
): Promise<{ accountId: string; known: boolean; credentials: number; fromKnownDevice: boolean } | undefined> {
  const {
    rows: [row],
  } = await sql.query<{ account_id: string; email_digest: string; credentials: number; device: boolean }>({
    name: 'account-or-decoy',
    values: [emailDigest, deviceDigest ?? null],
    text: `SELECT *, EXISTS (SELECT FROM known_devices d WHERE d.account_id = near.account_id AND d.token_digest = $2) AS device FROM (
             (SELECT account_id, email_digest, credentials FROM accounts WHERE email_digest >= $1 ORDER BY email_digest LIMIT 1)
             UNION ALL (SELECT account_id, email_digest, credentials FROM accounts ORDER BY email_digest LIMIT 1)) AS near
           ORDER BY email_digest >= $1 DESC, email_digest LIMIT 1`,
  });
  if (!row) return undefined;
  const known = row.email_digest === emailDigest;
  return { accountId: row.account_id, known, credentials: row.credentials, fromKnownDevice: known && row.device };
}
