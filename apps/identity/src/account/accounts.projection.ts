import { rowProjection, table } from '#event-sourcing';
import { ADDRESS_KEPT_MS } from './address.decider.ts';
import { type AccountEvent, movesCredentials } from './vocabulary.decider.ts';

const ACCOUNTS = table(
  'accounts',
  {
    account_id: 'uuid',
    email_digest: 'text',
    status: 'text',
    idle_timeout: 'boolean',
    registered_at: 'timestamptz',
    credentials: 'integer',
    multi_factor: 'boolean',
  },
  'account_id',
);

const DEADLINES = table(
  'account_deadlines',
  { account_id: 'uuid', kind: 'text', due_at: 'timestamptz' },
  'account_id',
  'kind',
);

const BINDINGS = table(
  'sso_bindings',
  { connection_id: 'uuid', subject_digest: 'text', account_id: 'uuid' },
  'connection_id',
  'subject_digest',
);

/** What a gate asks of an account: written in the transaction of the events themselves. */
export const accounts = rowProjection<AccountEvent>({
  name: 'accounts-1',
  categories: ['account'],
  tables: [ACCOUNTS, DEADLINES, BINDINGS],
  change(rows, { id, event, version }) {
    const account = { account_id: id };
    if (movesCredentials(event) && event.type !== 'AccountRegistered')
      rows.patch(ACCOUNTS, account, { credentials: version });
    switch (event.type) {
      case 'AccountRegistered':
        rows.put(ACCOUNTS, {
          ...account,
          email_digest: event.data.emailDigest,
          status: 'active',
          idle_timeout: false,
          registered_at: event.data.registeredAt,
          credentials: version,
          multi_factor: false,
        });
        return;
      case 'AddressChanged':
        rows.patch(ACCOUNTS, account, { email_digest: event.data.emailDigest });
        rows.put(DEADLINES, {
          ...account,
          kind: 'address',
          due_at: new Date(Date.parse(event.data.changedAt) + ADDRESS_KEPT_MS),
        });
        return;
      case 'AddressRestored':
        rows.patch(ACCOUNTS, account, { email_digest: event.data.emailDigest });
        rows.remove(DEADLINES, { ...account, kind: 'address' });
        return;
      case 'AddressSettled':
        rows.remove(DEADLINES, { ...account, kind: 'address' });
        return;
      case 'FactorRecoveryApproved':
        rows.put(DEADLINES, { ...account, kind: 'recovery', due_at: event.data.dueAt });
        return;
      case 'FactorRecoveryCanceled':
      case 'FactorRecoveryDue':
        rows.remove(DEADLINES, { ...account, kind: 'recovery' });
        return;
      case 'MultiFactorEnabled':
        rows.patch(ACCOUNTS, account, { multi_factor: true });
        return;
      case 'MultiFactorDisabled':
        rows.patch(ACCOUNTS, account, { multi_factor: false });
        rows.remove(DEADLINES, { ...account, kind: 'recovery' });
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
      case 'SubjectBound':
      case 'SubjectUnbound': {
        const binding = { connection_id: event.data.connectionId, subject_digest: event.data.subjectDigest };
        if (event.type === 'SubjectBound') rows.put(BINDINGS, { ...binding, account_id: id });
        else rows.remove(BINDINGS, binding);
        return;
      }
      case 'BindingLinkSent':
      case 'BindingRefused':
      case 'PasswordSet':
      case 'PasswordRehashed':
      case 'PasswordWithdrawn':
      case 'AuthenticatorAdded':
      case 'PasskeyAdded':
      case 'FactorRenamed':
      case 'FactorRemoved':
      case 'PasskeyCloned':
      case 'RecoveryCodesIssued':
      case 'RecoveryCodeSpent':
      case 'AddressChangeRequested':
      case 'AddressChangeCanceled':
      case 'FactorRecoveryRequested':
      case 'AccountRenamed':
      case 'AccountInspected':
    }
  },
});
