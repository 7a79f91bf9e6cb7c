import { type Decider, type DomainEvent, refuse } from '#event-sourcing';
import type { ProblemCode } from '#contracts';

export type SuspensionReason = 'inactivity' | 'operator';

export type AccountEvent =
  | {
      type: 'AccountRegistered';
      data: { emailDigest: string; organizationId: string; projectId: string; registeredAt: string };
      personal?: { email: string; name: string };
    }
  | { type: 'PasswordSet'; data: object; personal?: { hash: string } }
  | { type: 'AccountRenamed'; data: object; personal?: { name: string } }
  | { type: 'IdleTimeoutEnabled'; data: object }
  | { type: 'IdleTimeoutDisabled'; data: object }
  | { type: 'AccountSuspended'; data: { reason: SuspensionReason; suspendedAt: string; dueAt: string | null } }
  | { type: 'AccountReactivated'; data: { reactivatedAt: string } }
  | { type: 'AccountInspected'; data: { operator: string }; personal?: { reason: string } };

export type Account =
  | { status: 'unregistered' }
  | {
      status: 'active' | 'suspended';
      registeredAt: string;
      emailDigest: string;
      email: string;
      name: string;
      passwordHash: string | undefined;
      idleTimeout: boolean;
    };

export interface RegisterAccount {
  type: 'RegisterAccount';
  emailDigest: string;
  email: string;
  name: string;
  passwordHash: string;
  organizationId: string;
  projectId: string;
  at: string;
}
export interface RenameAccount {
  type: 'RenameAccount';
  name: string;
}
export interface SetIdleTimeout {
  type: 'SetIdleTimeout';
  enabled: boolean;
}
/** `evidence` and `latest` are sign-ins: the one that the evidence of inactivity knows, and the one that identity knows. */
export interface SuspendForInactivity {
  type: 'SuspendForInactivity';
  dueAt: string;
  at: string;
  evidence: string | null;
  latest: string | null;
}
export interface ReactivateAccount {
  type: 'ReactivateAccount';
  at: string;
}
/** An operator looks at a person: never without a trace. */
export interface InspectAccount {
  type: 'InspectAccount';
  operator: string;
  reason: string;
}
export type AccountCommand =
  RegisterAccount | RenameAccount | SetIdleTimeout | SuspendForInactivity | ReactivateAccount | InspectAccount;

export type AccountProblem = Extract<ProblemCode, 'account/unknown' | 'account/address-taken'>;

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
        return command.enabled === state.idleTimeout
          ? []
          : [{ type: command.enabled ? 'IdleTimeoutEnabled' : 'IdleTimeoutDisabled', data: {} }];
      case 'SuspendForInactivity':
        return suspend(command, state);
      // An operator's reason may name the person, so it is sealed with the rest.
      case 'InspectAccount':
        return [
          { type: 'AccountInspected', data: { operator: command.operator }, personal: { reason: command.reason } },
        ];
      case 'ReactivateAccount':
        return state.status === 'active' ? [] : [{ type: 'AccountReactivated', data: { reactivatedAt: command.at } }];
    }
  },
  evolve(state, event) {
    if (event.type === 'AccountRegistered') {
      const { emailDigest, registeredAt } = event.data;
      return {
        status: 'active',
        registeredAt,
        emailDigest,
        email: event.personal?.email ?? ERASED,
        name: event.personal?.name ?? ERASED,
        passwordHash: undefined,
        idleTimeout: false,
      };
    }
    if (state.status === 'unregistered') return state;
    switch (event.type) {
      case 'PasswordSet':
        return { ...state, passwordHash: event.personal?.hash };
      case 'AccountRenamed':
        return { ...state, name: event.personal?.name ?? ERASED };
      case 'IdleTimeoutEnabled':
        return { ...state, idleTimeout: true };
      case 'IdleTimeoutDisabled':
        return { ...state, idleTimeout: false };
      case 'AccountSuspended':
        return { ...state, status: 'suspended' };
      case 'AccountReactivated':
        return { ...state, status: 'active' };
      case 'AccountInspected':
        return state;
    }
  },
  reservations: {
    takes: (event) => (event.type === 'AccountRegistered' ? [{ scope: 'email', key: event.data.emailDigest }] : []),
    releases: () => [],
    taken: refuse('account/address-taken', 'An account with this address exists already. Sign in instead.'),
  },
};

/** What stands where a person's data was, once their key is destroyed. */
export const ERASED = 'erased';

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
    { type: 'PasswordSet', data: {}, personal: { hash: passwordHash } },
  ] satisfies AccountEvent[];
}

function suspend({ dueAt, at, evidence, latest }: SuspendForInactivity, state: Account) {
  if (state.status === 'suspended') return [];
  // An account that signed in after the evidence was gathered is not inactive; inactivity-policy hears of that sign-in too.
  if (latest !== null && (evidence === null || latest > evidence)) return [];
  return [
    { type: 'AccountSuspended', data: { reason: 'inactivity', suspendedAt: at, dueAt } },
  ] satisfies AccountEvent[];
}
