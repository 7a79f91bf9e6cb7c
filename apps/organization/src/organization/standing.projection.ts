import { foreignProjection } from '#bus';
import { table } from '#event-sourcing';

const SUSPENDED = table('suspended_accounts', { account_id: 'uuid' }, 'account_id');

/** Who is suspended, as identity has stated it: for organizations that an account joins later. */
export const standing = foreignProjection({
  name: 'standing-1',
  from: { 'identity.accounts': ['account'] },
  tables: [SUSPENDED],
  change(rows, { name, data }) {
    if (name === 'AccountSuspended.v1') rows.put(SUSPENDED, { account_id: data.accountId });
    if (name === 'AccountReactivated.v1') rows.remove(SUSPENDED, { account_id: data.accountId });
  },
});
