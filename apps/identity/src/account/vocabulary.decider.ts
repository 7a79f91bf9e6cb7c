import type { ProblemCode } from '#contracts';

export type SuspensionReason = 'inactivity' | 'operator';

/** What a password was set by. */
export type PasswordOrigin = 'registered' | 'change' | 'reset';
/** Why something that proves a person was taken away. */
export type RemovalReason = 'holder' | 'address-undone' | 'recovery' | 'cloned';
export type FactorKind = 'authenticator' | 'passkey';

/** A ▲ in the comment: the event moves the account's number of credentials, so that whatever was begun before it is dead. */
export type AccountEvent =
  | {
      type: 'AccountRegistered';
      data: { emailDigest: string; organizationId: string; projectId: string; registeredAt: string };
      personal?: { email: string; name: string };
    }
  /** ▲ In 0.1.0 without data. `alone`: long enough to be all that is asked for. */
  | {
      type: 'PasswordSet';
      data: { how?: PasswordOrigin; scheme?: 'argon2id'; alone?: boolean; at?: string };
      personal?: { hash: string };
    }
  /** The same password under today's cost. */
  | { type: 'PasswordRehashed'; data: { scheme: 'argon2id' }; personal?: { hash: string } }
  /** ▲ Nobody signs in by it until it is set anew. */
  | { type: 'PasswordWithdrawn'; data: { reason: 'address-undone' | 'recovery' } }
  /** ▲ */
  | { type: 'AuthenticatorAdded'; data: { factorId: string; at: string }; personal?: { secret: string; name: string } }
  /** ▲ `credentialDigest` is keyed: of one credential there is one account. */
  | {
      type: 'PasskeyAdded';
      data: {
        factorId: string;
        credentialDigest: string;
        rpId: string;
        backupEligible: boolean;
        transports: readonly string[];
        aaguid: string;
        at: string;
      };
      personal?: { credentialId: string; publicKey: string; name: string };
    }
  | { type: 'FactorRenamed'; data: { factorId: string }; personal?: { name: string } }
  /** ▲ */
  | {
      type: 'FactorRemoved';
      data: { factorId: string; kind: FactorKind; reason: RemovalReason; credentialDigest?: string };
    }
  /** A signature counter went back: a copy of the passkey is about. */
  | { type: 'PasskeyCloned'; data: { factorId: string } }
  /** ▲ Those of before are dead. */
  | { type: 'RecoveryCodesIssued'; data: { count: number; at: string }; personal?: { salt: string; digests: string } }
  | { type: 'RecoveryCodeSpent'; data: { index: number; left: number } }
  /** ▲ */
  | { type: 'MultiFactorEnabled'; data: object }
  /** ▲ */
  | { type: 'MultiFactorDisabled'; data: { reason: RemovalReason } }
  | {
      type: 'AddressChangeRequested';
      data: { emailDigest: string; requestedAt: string; by?: 'provider' };
      personal?: { email: string };
    }
  | { type: 'AddressChangeCanceled'; data: object }
  /** ▲ The one before stays taken for seven days, within which it can be put back. `by`: the provider of the account's organization, where its holder did not. */
  | {
      type: 'AddressChanged';
      data: { emailDigest: string; previousDigest: string; requestedAt: string; changedAt: string; by?: 'provider' };
      personal?: { email: string; previous: string };
    }
  /** ▲ */
  | { type: 'AddressRestored'; data: { emailDigest: string; undoneDigest: string }; personal?: { email: string } }
  /** The seven days are over: the one before is free. */
  | { type: 'AddressSettled'; data: { previousDigest: string } }
  | { type: 'FactorRecoveryRequested'; data: { requestedAt: string } }
  | { type: 'FactorRecoveryApproved'; data: { operator: string; dueAt: string }; personal?: { reason: string } }
  | { type: 'FactorRecoveryCanceled'; data: { by: 'holder' | 'factor' } }
  /** The 72 hours are over: the link that completes it is mailed. */
  | { type: 'FactorRecoveryDue'; data: object }
  /** A mail asks whether the provider's person is this account's holder. `attempt`: the sign-in that waits for it, in the browser that began it. */
  | { type: 'BindingLinkSent'; data: { connectionId: string; attempt: string; sentAt: string } }
  /** The provider's person is this account's holder. The digest is keyed, and of one person there is one account. */
  | { type: 'SubjectBound'; data: { connectionId: string; subjectDigest: string }; personal?: { subject: string } }
  | { type: 'SubjectUnbound'; data: { connectionId: string; subjectDigest: string } }
  /** Another person there came with this account's address. Said once a day: whoever is known there can cause it. */
  | { type: 'BindingRefused'; data: { organizationId: string; connectionId: string; at: string } }
  | { type: 'AccountRenamed'; data: object; personal?: { name: string } }
  | { type: 'IdleTimeoutEnabled'; data: object }
  | { type: 'IdleTimeoutDisabled'; data: object }
  | { type: 'AccountSuspended'; data: { reason: SuspensionReason; suspendedAt: string; dueAt: string | null } }
  | { type: 'AccountReactivated'; data: { reactivatedAt: string } }
  | { type: 'AccountInspected'; data: { operator: string }; personal?: { reason: string } };

const MOVING: ReadonlySet<AccountEvent['type']> = new Set([
  'AccountRegistered',
  'PasswordSet',
  'PasswordWithdrawn',
  'AuthenticatorAdded',
  'PasskeyAdded',
  'FactorRemoved',
  'RecoveryCodesIssued',
  'MultiFactorEnabled',
  'MultiFactorDisabled',
  'AddressChanged',
  'AddressRestored',
]);

/** Whether an event moves the account's number of credentials: the version of the last one that does. */
export const movesCredentials = ({ type }: AccountEvent): boolean => MOVING.has(type);

interface AnyFactor {
  readonly factorId: string;
  readonly name: string;
  readonly at: string;
}
export interface Authenticator extends AnyFactor {
  readonly kind: 'authenticator';
  /** Base64url; undefined once the person was erased. */
  readonly secret: string | undefined;
}
export interface Passkey extends AnyFactor {
  readonly kind: 'passkey';
  readonly credentialDigest: string;
  readonly credentialId: string | undefined;
  readonly publicKey: string | undefined;
  readonly rpId: string;
  readonly backupEligible: boolean;
  readonly transports: readonly string[];
}
export type Factor = Authenticator | Passkey;

export interface RecoveryCodes {
  readonly at: string;
  readonly salt: string | undefined;
  readonly digests: readonly string[];
  /** By index. */
  readonly spent: readonly number[];
}

/** The digest of a password; none where it was withdrawn, or the person erased. */
export interface Password {
  readonly hash: string | undefined;
  readonly alone: boolean;
  readonly at: string;
}

export interface AddressChange {
  readonly emailDigest: string;
  readonly email: string;
  readonly requestedAt: string;
  /** The provider of the account's organization vouches for it, without having verified it. */
  readonly by?: 'provider';
}
/** An address that can still be put back. */
export interface PreviousAddress extends AddressChange {
  readonly changedAt: string;
}
/** Who the account's holder is to a connection's provider. */
export interface Binding {
  readonly connectionId: string;
  readonly subjectDigest: string;
}
export interface FactorRecovery {
  readonly requestedAt: string;
  /** Once an operator has approved. */
  readonly dueAt: string | undefined;
  /** Whether the link that completes it has been mailed. */
  readonly announced: boolean;
}

export interface AccountStatus {
  readonly status: 'active' | 'suspended';
  readonly suspendedFor: SuspensionReason | undefined;
  readonly suspendedAt: string | undefined;
  readonly registeredAt: string;
  readonly emailDigest: string;
  readonly email: string;
  readonly name: string;
  readonly password: Password | undefined;
  readonly idleTimeout: boolean;
  readonly multiFactor: boolean;
  readonly factors: readonly Factor[];
  readonly codes: RecoveryCodes | undefined;
  readonly addressChange: AddressChange | undefined;
  readonly previousAddress: PreviousAddress | undefined;
  readonly addressChangedAt: string | undefined;
  readonly recovery: FactorRecovery | undefined;
  readonly bindings: readonly Binding[];
  readonly bindingRefusedAt: string | undefined;
}
export type Account = { readonly status: 'unregistered' } | AccountStatus;

export interface RegisterAccount {
  type: 'RegisterAccount';
  emailDigest: string;
  email: string;
  name: string;
  /** None where the provider judges alone. */
  passwordHash?: string;
  organizationId: string;
  projectId: string;
  at: string;
}
export interface RenameAccount {
  type: 'RenameAccount';
  name: string;
}
/** `demanded`: an organization of the account asks for it. */
export interface SetIdleTimeout {
  type: 'SetIdleTimeout';
  enabled: boolean;
  demanded: boolean;
}
/** `evidence` and `latest` are sign-ins: the one that the evidence of inactivity knows, and the one that identity knows. */
export interface SuspendForInactivity {
  type: 'SuspendForInactivity';
  dueAt: string;
  at: string;
  evidence: string | null;
  latest: string | null;
}
export interface SuspendAccount {
  type: 'SuspendAccount';
  at: string;
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
/** `alone`: long enough to be all that is asked for. */
export interface SetPassword {
  type: 'SetPassword';
  how: Exclude<PasswordOrigin, 'registered'>;
  hash: string;
  alone: boolean;
  at: string;
}
/** `replaces`: the digest that was checked; a newer one stays. */
export interface RehashPassword {
  type: 'RehashPassword';
  replaces: string;
  hash: string;
}
/** The first authenticator turns multi-factor on, for which it brings recovery codes. */
export interface AddAuthenticator {
  type: 'AddAuthenticator';
  factorId: string;
  secret: string;
  name: string;
  codes: NewCodes;
  at: string;
}
export interface AddPasskey {
  type: 'AddPasskey';
  factorId: string;
  credentialId: string;
  credentialDigest: string;
  publicKey: string;
  rpId: string;
  backupEligible: boolean;
  transports: readonly string[];
  aaguid: string;
  name: string;
  at: string;
}
export interface RenameFactor {
  type: 'RenameFactor';
  factorId: string;
  name: string;
}
export interface RemoveFactor {
  type: 'RemoveFactor';
  factorId: string;
}
/** A set of recovery codes as it is kept. */
export interface NewCodes {
  readonly salt: string;
  readonly digests: readonly string[];
}
export interface IssueRecoveryCodes {
  type: 'IssueRecoveryCodes';
  codes: NewCodes;
  at: string;
}
export interface SpendRecoveryCode {
  type: 'SpendRecoveryCode';
  index: number;
}
/** `demanded`: an organization of the account's asks for it. */
export interface SetMultiFactor {
  type: 'SetMultiFactor';
  enabled: boolean;
  demanded: boolean;
  codes: NewCodes;
  at: string;
}
export interface ReportClone {
  type: 'ReportClone';
  factorId: string;
}
export interface RequestAddressChange {
  type: 'RequestAddressChange';
  email: string;
  emailDigest: string;
  at: string;
  by?: 'provider';
}
export interface CancelAddressChange {
  type: 'CancelAddressChange';
}
/** `emailDigest`: the address that the link proved. */
export interface ConfirmAddress {
  type: 'ConfirmAddress';
  emailDigest: string;
  at: string;
}
/** The provider of its organization vouches for another address of the holder. */
export interface FollowAddress {
  type: 'FollowAddress';
  email: string;
  emailDigest: string;
  at: string;
}
export interface UndoAddress {
  type: 'UndoAddress';
  at: string;
}
export interface SettleAddress {
  type: 'SettleAddress';
  at: string;
}
export interface RequestFactorRecovery {
  type: 'RequestFactorRecovery';
  at: string;
}
export interface ApproveFactorRecovery {
  type: 'ApproveFactorRecovery';
  operator: string;
  reason: string;
  at: string;
}
/** `by`: by the mailed link, or because a factor was proved: whoever has one needs no recovery. */
export interface CancelFactorRecovery {
  type: 'CancelFactorRecovery';
  by: 'holder' | 'factor';
}
/** The 72 hours are over. */
export interface AnnounceFactorRecovery {
  type: 'AnnounceFactorRecovery';
  at: string;
}
export interface CompleteFactorRecovery {
  type: 'CompleteFactorRecovery';
  at: string;
}

export interface SendBindingLink {
  type: 'SendBindingLink';
  connectionId: string;
  attempt: string;
  at: string;
}
export interface BindSubject extends Binding {
  type: 'BindSubject';
  subject: string;
}
export interface UnbindSubject {
  type: 'UnbindSubject';
  connectionId: string;
}
export interface RefuseBinding {
  type: 'RefuseBinding';
  organizationId: string;
  connectionId: string;
  at: string;
}

export type AccountCommand =
  | RegisterAccount
  | RenameAccount
  | SetIdleTimeout
  | SuspendForInactivity
  | SuspendAccount
  | ReactivateAccount
  | InspectAccount
  | SetPassword
  | RehashPassword
  | AddAuthenticator
  | AddPasskey
  | RenameFactor
  | RemoveFactor
  | IssueRecoveryCodes
  | SpendRecoveryCode
  | SetMultiFactor
  | ReportClone
  | RequestAddressChange
  | CancelAddressChange
  | ConfirmAddress
  | FollowAddress
  | UndoAddress
  | SettleAddress
  | RequestFactorRecovery
  | ApproveFactorRecovery
  | CancelFactorRecovery
  | CompleteFactorRecovery
  | AnnounceFactorRecovery
  | SendBindingLink
  | BindSubject
  | UnbindSubject
  | RefuseBinding;

export type AccountProblem = Extract<
  ProblemCode,
  | 'account/unknown'
  | 'account/address-taken'
  | 'account/address-changed-lately'
  | 'factor/unknown'
  | 'factor/none'
  | 'factor/last'
  | 'factor/demanded'
  | 'factor/already-registered'
  | 'factor/too-many'
  | 'factor/refused'
  | 'password/too-short-alone'
  | 'link/unknown'
  | 'recovery/not-due'
  | 'session/time-out-required'
  | 'sign-in/already-bound'
>;
