import { type Cause, handle, Loop, PostgresEventStore, type Sql } from '#event-sourcing';
import { Clock, errorFields, type Logger, LOGGER } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { lockAccount } from '../locks.ts';
import { profiles } from '../account/profiles.query.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { session } from '../session/session.decider.ts';
import { CAME_RIGHTLY, GOVERNED } from '../governance/governance.query.ts';
import { bindingsOfRemoved, unbind } from './unbinding.ts';

const EVERY_MS = 5_000;
const CHUNK = 200;

/** What follows from enforcement without being waited for: sessions that are shut out already end in their streams, too, and whom a removed connection knew is let go. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop = new Loop(() => this.turn(), {
    alarm: (error) => {
      this.logger.warn(
        errorFields(error),
        'what follows from single sign-on cannot be written into the log; trying again',
      );
    },
  });

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly addresses: AddressBook,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Before the service is ready: an account whose domain is not known would be judged by nobody's provider. */
  async onApplicationBootstrap(): Promise<void> {
    for (let filled = CHUNK; filled === CHUNK;) filled = await this.fillIn();
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<number> {
    const done = [await this.endSessions(), await this.letGo()];
    return done.includes(CHUNK) ? 0 : EVERY_MS;
  }

  /** Ends a chunk of the sessions whose way in is shut. */
  private async endSessions(): Promise<number> {
    const { rows } = await this.pool.query<{ session_id: string; account_id: string }>(
      `SELECT s.session_id, s.account_id FROM sessions s JOIN accounts a USING (account_id) CROSS JOIN ${GOVERNED} AS governed
        WHERE s.ended_at IS NULL AND NOT (${CAME_RIGHTLY})
          AND (s.connection_id IS NOT NULL OR s.account_id IN (SELECT account_id FROM password_locks) OR s.account_id IN (SELECT m.account_id FROM sso_enforced e JOIN organization_members m USING (organization_id)))
        LIMIT $2`,
      [this.addresses.domainKey, CHUNK],
    );
    for (const { session_id: sessionId, account_id: accountId } of rows)
      await this.store.transact(async (store, tx) => {
        await lockAccount(tx, accountId);
        await handle(
          store,
          session,
          sessionId,
          { type: 'EndSession', accountId, reason: 'single-sign-on' },
          this.cause(),
        );
      });
    return rows.length;
  }

  /** Lets a chunk of those go whom removed connections knew. */
  private async letGo(): Promise<number> {
    const bindings = await bindingsOfRemoved(this.pool, CHUNK);
    for (const binding of bindings) await this.store.transact((store, tx) => unbind(store, tx, binding, this.cause()));
    return bindings.length;
  }

  /** Accounts of before this was kept. Answers how many it filled in. */
  private async fillIn(): Promise<number> {
    const ids = await withoutDomain(this.pool);
    for (const { accountId, email } of await profiles(this.store, ids))
      await this.addresses.keepDomain(this.pool, accountId, email);
    return ids.length;
  }

  private cause(): Cause {
    return { at: this.clock.now(), correlationId: uuid(), actor: 'service:identity' };
  }
}

async function withoutDomain(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ account_id: string }>(
    'SELECT account_id FROM accounts a WHERE NOT EXISTS (SELECT FROM address_domains d WHERE d.account_id = a.account_id) LIMIT $1',
    [CHUNK],
  );
  return rows.map((row) => row.account_id);
}
