import { type Decider, type DomainEvent, refuse } from '#event-sourcing';
import {
  cancelAddressChange,
  confirmAddress,
  followAddress,
  requestAddressChange,
  settleAddress,
  undoAddress,
} from './address.decider.ts';
import {
  addAuthenticator,
  addPasskey,
  issued,
  removeFactor,
  renameFactor,
  setMultiFactor,
  spendCode,
} from './factors.decider.ts';
import { rehashPassword, setPassword } from './password.decider.ts';
import {
  announceRecovery,
  approveRecovery,
  cancelRecovery,
  completeRecovery,
  requestRecovery,
} from './recovery.decider.ts';
import { alreadyBound, bindSubject, refuseBinding, unbindSubject } from './bindings.decider.ts';
import type {
  Account,
  AccountCommand,
  AccountEvent,
  AccountProblem,
  AccountStatus,
  Binding,
  Factor,
  RegisterAccount,
  SetIdleTimeout,
  SuspendForInactivity,
} from './vocabulary.decider.ts';

export const account: Decider<AccountCommand, Account, AccountEvent & DomainEvent, AccountProblem> = {
  category: 'account',
  initial: { status: 'unregistered' },
  decide(command, state) {
    if (command.type === 'RegisterAccount') return register(command, state);
    if (state.status === 'unregistered') return refuse('account/unknown', 'No account has this id.');
    switch (command.type) {
      case 'RenameAccount':
        return command.name === state.name
          ? []
          : [{ type: 'AccountRenamed', data: {}, personal: { name: command.name } }];
      case 'SetIdleTimeout':
        return setIdleTimeout(command, state);
      case 'SuspendForInactivity':
        return suspendForInactivity(command, state);
      case 'SuspendAccount':
        return state.suspendedFor === 'operator'
          ? []
          : [{ type: 'AccountSuspended', data: { reason: 'operator', suspendedAt: command.at, dueAt: null } }];
      // An operator's reason may name the person, so it is sealed with the rest.
      case 'InspectAccount':
        return [
          { type: 'AccountInspected', data: { operator: command.operator }, personal: { reason: command.reason } },
        ];
      case 'ReactivateAccount':
        return state.status === 'active' ? [] : [{ type: 'AccountReactivated', data: { reactivatedAt: command.at } }];
      case 'SetPassword':
        return setPassword(command);
      case 'RehashPassword':
        return rehashPassword(command, state);
      case 'AddAuthenticator':
        return addAuthenticator(command, state);
      case 'AddPasskey':
        return addPasskey(command, state);
      case 'RenameFactor':
        return renameFactor(command, state);
      case 'RemoveFactor':
        return removeFactor(command, state);
      case 'IssueRecoveryCodes':
        return state.multiFactor
          ? [issued(command.codes, command.at)]
          : refuse('factor/none', 'Recovery codes stand in for a second factor. Turn multi-factor authentication on.');
      case 'SpendRecoveryCode':
        return spendCode(command, state);
      case 'SetMultiFactor':
        return setMultiFactor(command, state);
      case 'ReportClone':
        return [{ type: 'PasskeyCloned', data: { factorId: command.factorId } }];
      case 'RequestAddressChange':
        return requestAddressChange(command, state);
      case 'CancelAddressChange':
        return cancelAddressChange(state);
      case 'ConfirmAddress':
        return confirmAddress(command, state);
      case 'FollowAddress':
        return followAddress(command, state);
      case 'UndoAddress':
        return undoAddress(command, state);
      case 'SettleAddress':
        return settleAddress(command, state);
      case 'RequestFactorRecovery':
        return requestRecovery(command, state);
      case 'ApproveFactorRecovery':
        return approveRecovery(command, state);
      case 'CancelFactorRecovery':
        return cancelRecovery(command, state);
      case 'AnnounceFactorRecovery':
        return announceRecovery(command, state);
      case 'CompleteFactorRecovery':
        return completeRecovery(command, state);
      case 'SendBindingLink':
        return [
          {
            type: 'BindingLinkSent',
            data: { connectionId: command.connectionId, attempt: command.attempt, sentAt: command.at },
          },
        ];
      case 'BindSubject':
        return bindSubject(command, state);
      case 'UnbindSubject':
        return unbindSubject(command, state);
      case 'RefuseBinding':
        return refuseBinding(command, state);
    }
  },
  evolve(state, event) {
    if (event.type === 'AccountRegistered') return registered(event);
    return state.status === 'unregistered' ? state : evolve(state, event);
  },
  reservations: {
    takes(event) {
      if (event.type === 'AccountRegistered' || event.type === 'AddressChanged' || event.type === 'AddressRestored')
        return [email(event.data.emailDigest)];
      if (event.type === 'SubjectBound') return [subject(event.data)];
      return event.type === 'PasskeyAdded' ? [credential(event.data.credentialDigest)] : [];
    },
    releases(event) {
      if (event.type === 'AddressSettled') return [email(event.data.previousDigest)];
      if (event.type === 'AddressRestored') return [email(event.data.undoneDigest)];
      if (event.type === 'SubjectUnbound') return [subject(event.data)];
      return event.type === 'FactorRemoved' && event.data.credentialDigest !== undefined
        ? [credential(event.data.credentialDigest)]
        : [];
    },
    taken: ([name]) => {
      if (name?.scope === 'subject') return alreadyBound;
      return name?.scope === 'credential'
        ? refuse(
            'factor/already-registered',
            'This passkey is registered already. Use another device, or sign in by it.',
          )
        : refuse('account/address-taken', 'An account with this address exists already. Sign in instead.');
    },
  },
};

/** What stands where a person's data was, once their key is destroyed. */
export const ERASED = 'erased';

const email = (key: string) => ({ scope: 'email', key });
const credential = (key: string) => ({ scope: 'credential', key });
const subject = ({ connectionId, subjectDigest }: Binding) => ({
  scope: 'subject',
  key: `${connectionId}|${subjectDigest}`,
});

function registered({ data, personal }: Extract<AccountEvent, { type: 'AccountRegistered' }>): AccountStatus {
  return {
    status: 'active',
    suspendedFor: undefined,
    suspendedAt: undefined,
    registeredAt: data.registeredAt,
    emailDigest: data.emailDigest,
    email: personal?.email ?? ERASED,
    name: personal?.name ?? ERASED,
    password: undefined,
    idleTimeout: false,
    multiFactor: false,
    factors: [],
    codes: undefined,
    addressChange: undefined,
    previousAddress: undefined,
    addressChangedAt: undefined,
    recovery: undefined,
    bindings: [],
    bindingRefusedAt: undefined,
  };
}

function evolve(state: AccountStatus, event: AccountEvent): AccountStatus {
  switch (event.type) {
    case 'AccountRegistered':
    case 'AccountInspected':
    case 'PasskeyCloned':
    case 'BindingLinkSent':
      return state;
    case 'PasswordSet':
      return {
        ...state,
        password: {
          hash: event.personal?.hash,
          // What 0.1.0 took was long enough, and was set when the account was made.
          alone: event.data.alone ?? true,
          at: event.data.at ?? state.registeredAt,
        },
      };
    case 'PasswordRehashed':
      return { ...state, password: state.password && { ...state.password, hash: event.personal?.hash } };
    case 'PasswordWithdrawn':
      return { ...state, password: state.password && { ...state.password, hash: undefined } };
    case 'AuthenticatorAdded':
      return withFactor(state, {
        kind: 'authenticator',
        ...event.data,
        secret: event.personal?.secret,
        name: event.personal?.name ?? ERASED,
      });
    case 'PasskeyAdded':
      return withFactor(state, {
        kind: 'passkey',
        ...event.data,
        credentialId: event.personal?.credentialId,
        publicKey: event.personal?.publicKey,
        name: event.personal?.name ?? ERASED,
      });
    case 'FactorRenamed':
      return {
        ...state,
        factors: state.factors.map((factor) =>
          factor.factorId === event.data.factorId ? { ...factor, name: event.personal?.name ?? ERASED } : factor,
        ),
      };
    case 'FactorRemoved':
      return { ...state, factors: state.factors.filter(({ factorId }) => factorId !== event.data.factorId) };
    case 'RecoveryCodesIssued':
      return {
        ...state,
        codes: {
          at: event.data.at,
          salt: event.personal?.salt,
          digests: event.personal?.digests.split(',') ?? [],
          spent: [],
        },
      };
    case 'RecoveryCodeSpent':
      return { ...state, codes: state.codes && { ...state.codes, spent: [...state.codes.spent, event.data.index] } };
    case 'MultiFactorEnabled':
      return { ...state, multiFactor: true };
    case 'MultiFactorDisabled':
      return { ...state, multiFactor: false, codes: undefined, recovery: undefined };
    case 'AddressChangeRequested':
      return { ...state, addressChange: { ...event.data, email: event.personal?.email ?? ERASED } };
    case 'AddressChangeCanceled':
      return { ...state, addressChange: undefined };
    case 'AddressChanged': {
      const { emailDigest, previousDigest, requestedAt, changedAt } = event.data;
      return {
        ...state,
        emailDigest,
        email: event.personal?.email ?? ERASED,
        addressChange: undefined,
        addressChangedAt: changedAt,
        previousAddress: {
          emailDigest: previousDigest,
          email: event.personal?.previous ?? ERASED,
          requestedAt,
          changedAt,
        },
      };
    }
    case 'AddressRestored':
      return {
        ...state,
        emailDigest: event.data.emailDigest,
        email: event.personal?.email ?? ERASED,
        addressChange: undefined,
        previousAddress: undefined,
      };
    case 'AddressSettled':
      return { ...state, previousAddress: undefined };
    case 'FactorRecoveryRequested':
      return { ...state, recovery: { requestedAt: event.data.requestedAt, dueAt: undefined, announced: false } };
    case 'FactorRecoveryApproved':
      return { ...state, recovery: state.recovery && { ...state.recovery, dueAt: event.data.dueAt } };
    case 'FactorRecoveryDue':
      return { ...state, recovery: state.recovery && { ...state.recovery, announced: true } };
    case 'FactorRecoveryCanceled':
      return { ...state, recovery: undefined };
    case 'SubjectBound':
      return { ...state, bindings: [...state.bindings, event.data] };
    case 'SubjectUnbound':
      return {
        ...state,
        bindings: state.bindings.filter(({ connectionId }) => connectionId !== event.data.connectionId),
      };
    case 'BindingRefused':
      return { ...state, bindingRefusedAt: event.data.at };
    case 'AccountRenamed':
      return { ...state, name: event.personal?.name ?? ERASED };
    case 'IdleTimeoutEnabled':
      return { ...state, idleTimeout: true };
    case 'IdleTimeoutDisabled':
      return { ...state, idleTimeout: false };
    case 'AccountSuspended':
      return { ...state, status: 'suspended', suspendedFor: event.data.reason, suspendedAt: event.data.suspendedAt };
    case 'AccountReactivated':
      return { ...state, status: 'active', suspendedFor: undefined, suspendedAt: undefined };
  }
}

const withFactor = (state: AccountStatus, factor: Factor): AccountStatus => ({
  ...state,
  factors: [...state.factors, factor],
});

function register(
  { emailDigest, organizationId, projectId, at, email, name, passwordHash }: RegisterAccount,
  state: Account,
) {
  if (state.status !== 'unregistered') return [];
  return [
    {
      type: 'AccountRegistered',
      data: { emailDigest, organizationId, projectId, registeredAt: at },
      personal: { email, name },
    },
    // Whose provider judges alone has none.
    ...(passwordHash === undefined
      ? []
      : ([
          {
            type: 'PasswordSet',
            data: { how: 'registered', scheme: 'argon2id', alone: true, at },
            personal: { hash: passwordHash },
          },
        ] as const)),
  ] satisfies AccountEvent[];
}

function suspendForInactivity({ dueAt, at, evidence, latest }: SuspendForInactivity, state: AccountStatus) {
  if (state.status === 'suspended') return [];
  // An account that signed in after the evidence was gathered is not inactive; inactivity-policy hears of that sign-in too.
  if (latest !== null && (evidence === null || latest > evidence)) return [];
  return [
    { type: 'AccountSuspended', data: { reason: 'inactivity', suspendedAt: at, dueAt } },
  ] satisfies AccountEvent[];
}

function setIdleTimeout({ enabled, demanded }: SetIdleTimeout, { idleTimeout }: AccountStatus) {
  // Also where it is off already: the wish would not come true.
  if (!enabled && demanded)
    return refuse(
      'session/time-out-required',
      'An organization of yours asks that sessions without a person end, so this stays on while you are in it.',
    );
  return enabled === idleTimeout
    ? []
    : ([{ type: enabled ? 'IdleTimeoutEnabled' : 'IdleTimeoutDisabled', data: {} }] satisfies AccountEvent[]);
}
