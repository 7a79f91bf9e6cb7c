import { type Cause, handle, Loop, PostgresEventStore, type Sql } from '#event-sourcing';
import { Clock, errorFields, type Logger, LOGGER } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { account } from '../account/account.decider.ts';
import { lockAccount } from '../locks.ts';
import { findHolder } from '../account/profiles.query.ts';
import { type LinkKind, mailedLinks } from '../sign-in/mailed-link.decider.ts';

/** Mails that a stranger may wish for. */
export type Wish = Extract<LinkKind, 'reset' | 'reactivation'>;

const EVERY_MS = 1_000;
const BATCH_MAX = 100;

/** One row, whether or not the address has an account: the answer and its time tell nobody. */
export async function keepWish(sql: Sql, kind: Wish, emailDigest: string, now: Date): Promise<void> {
  await sql.query('INSERT INTO mail_wishes (wish_id, kind, email_digest, wished_at) VALUES ($1, $2, $3, $4)', [
    uuid(),
    kind,
    emailDigest,
    now,
  ]);
}

/** Decides which wishes become links, and does to accounts what becomes due: apart from the requests that ask for it. */
@Injectable()
export class Wishes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop = new Loop(() => this.turn(), {
    alarm: (error) => {
      this.logger.warn(errorFields(error), 'mails that were asked for cannot be decided on; trying again');
    },
  });

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<number> {
    const taken = await this.decide();
    await this.becomeDue();
    return taken < BATCH_MAX ? EVERY_MS : 0;
  }

  private decide(): Promise<number> {
    return this.store.transact(async (store, tx) => {
      const { rows } = await tx.query<{ kind: Wish; account_id: string | null; credentials: number }>(
        `WITH taken AS (DELETE FROM mail_wishes WHERE wish_id IN (SELECT wish_id FROM mail_wishes ORDER BY wished_at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING kind, email_digest)
         SELECT kind, account_id, credentials FROM taken LEFT JOIN accounts USING (email_digest)`,
        [BATCH_MAX],
      );
      for (const { kind: wished, account_id: accountId, credentials } of rows) {
        const state = accountId === null ? undefined : await findHolder(store, accountId);
        const kind = state && linkFor(wished, state);
        if (!kind || accountId === null) continue;
        const cause = this.cause();
        await handle(
          store,
          mailedLinks[kind],
          uuid(),
          { type: 'RequestLink', accountId, credentials, at: cause.at.toISOString() },
          cause,
        );
      }
      return rows.length;
    });
  }

  private async becomeDue(): Promise<void> {
    const { rows } = await this.pool.query<{ account_id: string; kind: 'address' | 'recovery' }>(
      'SELECT account_id, kind FROM account_deadlines WHERE due_at <= $1 ORDER BY due_at LIMIT $2',
      [this.clock.now(), BATCH_MAX],
    );
    for (const { account_id: accountId, kind } of rows)
      await this.store.transact(async (store, tx) => {
        await lockAccount(tx, accountId);
        const cause = this.cause();
        const at = cause.at.toISOString();
        await handle(
          store,
          account,
          accountId,
          kind === 'address' ? { type: 'SettleAddress', at } : { type: 'AnnounceFactorRecovery', at },
          cause,
        );
      });
  }

  private cause(): Cause {
    return { at: this.clock.now(), correlationId: uuid(), actor: 'service:identity' };
  }
}

/** Whoever has forgotten a password may have forgotten, too, that the account is suspended: the link is for what helps. */
function linkFor(
  wished: Wish,
  { status, suspendedFor }: { status: 'active' | 'suspended'; suspendedFor: string | undefined },
): Wish | undefined {
  if (status === 'active') return wished === 'reset' ? 'reset' : undefined;
  return suspendedFor === 'operator' ? undefined : 'reactivation';
}
