import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { AccountEvent } from './account/vocabulary.decider.ts';
import type { LoginEvent } from './sign-in/login.decider.ts';
import type { SessionEvent } from './session/session.decider.ts';
import type { MailedLinkEvent } from './sign-in/mailed-link.decider.ts';
import type { SignUpEvent } from './sign-up/sign-up.decider.ts';

export type IdentityEvent = AccountEvent | SignUpEvent | SessionEvent | LoginEvent | MailedLinkEvent;

/** Own event to public fact. The only way out; what is not named here stays inside. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as IdentityEvent;
  switch (known.type) {
    case 'SignUpRequested':
      return {
        name: 'SignUpRequested.v1',
        data: {
          signUpId: id,
          registered: known.data.registered,
          ...(known.data.managed === true || known.data.attempt !== undefined ? { singleSignOn: true as const } : {}),
        },
      };
    case 'AccountRegistered': {
      const { organizationId, projectId, registeredAt } = known.data;
      return { name: 'AccountRegistered.v1', data: { accountId: id, organizationId, projectId, registeredAt } };
    }
    case 'AccountSuspended':
      return {
        name: 'AccountSuspended.v1',
        data: { accountId: id, reason: known.data.reason, suspendedAt: known.data.suspendedAt },
      };
    case 'AccountReactivated':
      return { name: 'AccountReactivated.v1', data: { accountId: id, reactivatedAt: known.data.reactivatedAt } };
    case 'LoginRecorded': {
      const { sessionId, at } = known.data;
      const told =
        'methods' in known.data
          ? { methods: [...known.data.methods], newDevice: known.data.newDevice }
          : { methods: [known.data.method], newDevice: false };
      return { name: 'LoginRecorded.v2', data: { accountId: id, sessionId, ...told, at } };
    }
    case 'SignInsRefused':
      return { name: 'SignInsRefused.v1', data: { accountId: id, ...known.data } };
    case 'PasswordSet': {
      // What was private when it was appended stays private: of 0.1.0's nothing says how, and of a registration the account's own fact tells.
      const { how } = known.data;
      return how === 'change' || how === 'reset' ? { name: 'PasswordSet.v1', data: { accountId: id, how } } : 'private';
    }
    case 'PasswordWithdrawn':
      return { name: 'PasswordWithdrawn.v1', data: { accountId: id, reason: known.data.reason } };
    case 'AuthenticatorAdded':
      return { name: 'AuthenticatorAdded.v1', data: { accountId: id, factorId: known.data.factorId } };
    case 'PasskeyAdded':
      return { name: 'PasskeyAdded.v1', data: { accountId: id, factorId: known.data.factorId } };
    case 'FactorRemoved': {
      const { factorId, kind, reason } = known.data;
      return { name: 'FactorRemoved.v1', data: { accountId: id, factorId, kind, reason } };
    }
    case 'PasskeyCloned':
      return { name: 'PasskeyCloned.v1', data: { accountId: id, factorId: known.data.factorId } };
    case 'RecoveryCodesIssued':
      return { name: 'RecoveryCodesIssued.v1', data: { accountId: id, count: known.data.count } };
    case 'RecoveryCodeSpent':
      return { name: 'RecoveryCodeSpent.v1', data: { accountId: id, left: known.data.left } };
    case 'MultiFactorEnabled':
      return { name: 'MultiFactorEnabled.v1', data: { accountId: id } };
    case 'MultiFactorDisabled':
      return { name: 'MultiFactorDisabled.v1', data: { accountId: id, reason: known.data.reason } };
    case 'AddressChangeRequested':
      return {
        name: 'AddressChangeRequested.v1',
        data: { accountId: id, requestedAt: known.data.requestedAt, ...byOf(known.data) },
      };
    case 'AddressChanged':
      return {
        name: 'AddressChanged.v1',
        data: { accountId: id, changedAt: known.data.changedAt, ...byOf(known.data) },
      };
    case 'AddressRestored':
      return { name: 'AddressRestored.v1', data: { accountId: id } };
    case 'FactorRecoveryRequested':
      return { name: 'FactorRecoveryRequested.v1', data: { accountId: id, requestedAt: known.data.requestedAt } };
    case 'FactorRecoveryApproved':
      return { name: 'FactorRecoveryApproved.v1', data: { accountId: id, dueAt: known.data.dueAt } };
    case 'FactorRecoveryDue':
      return { name: 'FactorRecoveryDue.v1', data: { accountId: id } };
    case 'PasswordResetRequested':
      return { name: 'PasswordResetRequested.v1', data: { linkId: id } };
    case 'ReactivationRequested':
      return { name: 'ReactivationRequested.v1', data: { linkId: id } };
    case 'FactorRecoveryAsked':
      return { name: 'FactorRecoveryAsked.v1', data: { linkId: id } };
    case 'FactorRecoveryCanceled':
      return { name: 'FactorRecoveryCanceled.v1', data: { accountId: id } };
    case 'BindingLinkSent':
      return { name: 'BindingLinkSent.v1', data: { accountId: id, connectionId: known.data.connectionId } };
    case 'SubjectBound':
      return { name: 'SubjectBound.v1', data: { accountId: id, connectionId: known.data.connectionId } };
    case 'SubjectUnbound':
      return { name: 'SubjectUnbound.v1', data: { accountId: id, connectionId: known.data.connectionId } };
    case 'BindingRefused': {
      const { organizationId, connectionId } = known.data;
      return { name: 'BindingRefused.v1', data: { accountId: id, organizationId, connectionId } };
    }
    case 'SignUpVerified':
    case 'PasswordResetUsed':
    case 'ReactivationUsed':
    case 'FactorRecoveryConfirmed':
    case 'PasswordRehashed':
    case 'FactorRenamed':
    case 'AddressChangeCanceled':
    case 'AddressSettled':
    case 'AccountRenamed':
    case 'IdleTimeoutEnabled':
    case 'IdleTimeoutDisabled':
    case 'AccountInspected':
    case 'SessionStarted':
    case 'SessionProved':
    case 'SessionRotated':
    case 'SessionEnded':
      return 'private';
  }
}

const byOf = ({ by }: { readonly by?: 'provider' }) => (by === undefined ? {} : { by });
