import { rowProjection, table } from '#event-sourcing';
import type { AccountEvent } from './account.decider.ts';

const ACCOUNTS = table(
  'accounts',
  { account_id: 'uuid', email_digest: 'text', status: 'text', idle_timeout: 'boolean', registered_at: 'timestamptz' },
  'account_id',
);

/** What a gate asks of an account: written in the transaction of the events themselves. */
export const accounts = rowProjection<AccountEvent>({
  name: 'accounts-1',
  categories: ['account'],
  tables: [ACCOUNTS],
  change(rows, { id, event }) {
    const account = { account_id: id };
    switch (event.type) {
      case 'AccountRegistered':
        rows.put(ACCOUNTS, {
          ...account,
          email_digest: event.data.emailDigest,
          status: 'active',
          idle_timeout: false,
          registered_at: event.data.registeredAt,
        });
        return;
      case 'IdleTimeoutEnabled':
        rows.patch(ACCOUNTS, account, { idle_timeout: true });
        return;
      case 'IdleTimeoutDisabled':
        rows.patch(ACCOUNTS, account, { idle_timeout: false });
        return;
      case 'AccountSuspended':
        rows.patch(ACCOUNTS, account, { status: 'suspended' });
        return;
      case 'AccountReactivated':
        rows.patch(ACCOUNTS, account, { status: 'active' });
        return;
      case 'PasswordSet':
      case 'AccountRenamed':
      case 'AccountInspected':
    }
  },
});
