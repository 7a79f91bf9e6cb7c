import { PostgresEventStore } from '#event-sourcing';
import { ConfigError, problemOf } from '#platform';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { ERASED } from './account.decider.ts';
import { findAccount } from './profiles.query.ts';
import { AddressBook } from '../email-address/address-book.ts';

const LOOKED_AT = 5;

/** Whether the key for digests is the one that this database was made with: with another nobody could sign in, and everybody sign up again. */
@Injectable()
export class KeptDigests implements OnApplicationBootstrap {
  constructor(
    private readonly pool: Pool,
    private readonly store: PostgresEventStore,
    private readonly addresses: AddressBook,
  ) {}

  /** @throws ConfigError where it is another */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.compare();
    } catch (error) {
      // A database or a log that cannot be read now says so itself, to whoever asks.
      if (!problemOf(error)) throw error;
    }
  }

  private async compare() {
    const { rows } = await this.pool.query<{ account_id: string; email_digest: string }>(
      'SELECT account_id, email_digest FROM accounts LIMIT $1',
      [LOOKED_AT],
    );
    for (const { account_id, email_digest } of rows) {
      const found = await findAccount(this.store, account_id);
      if (!found || found.email === ERASED) continue;
      if (this.addresses.emailDigest(found.email) === email_digest) return;
      throw new ConfigError([
        'INSTALLATION_KEY: its key for digests is not the one that the accounts of this database were made with. Put that one back, as digests:<key> beside newer ones',
      ]);
    }
  }
}
