import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { AccountEvent } from './account.decider.ts';

/** What a gate asks of an account: written in the transaction of the events themselves. */
export const accounts: Projection = {
  name: 'accounts-1',
  categories: ['account'],
  tables: ['accounts'],
  async apply(tx, events) {
    for (const event of events as readonly RecordedEvent<AccountEvent>[]) await row(tx, event);
  },
};

async function row(tx: Tx, { id, event }: RecordedEvent<AccountEvent>) {
  switch (event.type) {
    case 'AccountRegistered':
      await tx.query(`INSERT INTO accounts (account_id, email_digest, status, idle_timeout, registered_at) VALUES ($1, $2, 'active', false, $3)`, [id, event.data.emailDigest, event.data.registeredAt]);
      return;
    case 'IdleTimeoutEnabled': case 'IdleTimeoutDisabled':
      await tx.query('UPDATE accounts SET idle_timeout = $2 WHERE account_id = $1', [id, event.type === 'IdleTimeoutEnabled']);
      return;
    case 'AccountSuspended': case 'AccountReactivated':
      await tx.query('UPDATE accounts SET status = $2 WHERE account_id = $1', [id, event.type === 'AccountSuspended' ? 'suspended' : 'active']);
      return;
    case 'PasswordSet': case 'AccountRenamed':
      return;
  }
}
