import { suspendedDetail } from '#contracts';
import { type Refusal, refuse } from '#event-sourcing';
import type { AccountStatus, SuspensionReason } from '../account/vocabulary.decider.ts';
import type { Governed } from '../governance/governance.query.ts';

/** Proofs that a person holds an account. */
export type Proof = 'password' | 'link' | 'new-password' | 'totp' | 'recovery-code' | 'passkey' | 'sso';

/** What a person wants who is not signed in yet. `reset` and `reactivate` begin with a mailed link, `bind` with a provider's person who is to become the account's holder. */
export type Purpose = 'sign-in' | 'reset' | 'reactivate' | 'bind';

/** An account as it is now, not as it was when the sign-in began. */
export interface Claimed {
  readonly accountId: string;
  readonly status: 'active' | 'suspended';
  readonly suspendedFor: SuspensionReason | undefined;
  readonly suspendedAt: string | undefined;
  readonly multiFactor: boolean;
  /** What it could show as a second factor. */
  readonly holds: readonly Second[];
  /** Its organization's provider judges alone. */
  readonly singleSignOn: boolean;
}

/** What may stand beside a password. */
export type Second = 'totp' | 'recovery-code' | 'passkey';

/** What is asked for next. */
export type Wanted = 'first' | 'second-factor' | 'new-password' | 'single-sign-on';

/** Not signed in yet, and what would help; never signed in so; or a session of this account may begin. */
export type Next =
  | { readonly step: 'prove'; readonly next: Wanted; readonly accepts: readonly Proof[] }
  | { readonly step: 'refuse'; readonly refusal: Refusal<'account/suspended'> }
  | { readonly step: 'begin'; readonly accountId: string; readonly reactivates: boolean };

/** An account as the machine sees it. */
export function claimed(
  accountId: string,
  state: AccountStatus | undefined,
  governed: Governed | undefined,
): Claimed | undefined {
  if (!state) return undefined;
  const holds: Second[] = [
    ...(state.factors.some(({ kind }) => kind === 'passkey') ? (['passkey'] as const) : []),
    ...(state.factors.some(({ kind }) => kind === 'authenticator') ? (['totp'] as const) : []),
    ...(state.codes && state.codes.spent.length < state.codes.digests.length ? (['recovery-code'] as const) : []),
  ];
  const { status, suspendedFor, suspendedAt, multiFactor } = state;
  return {
    accountId,
    status,
    suspendedFor,
    suspendedAt,
    multiFactor,
    holds,
    singleSignOn: governed !== undefined && !governed.breakGlass,
  };
}

/** What each purpose begins with. */
const FIRST: Readonly<Record<Purpose, readonly Proof[]>> = {
  'sign-in': ['password', 'passkey', 'sso'],
  'reset': ['link'],
  'reactivate': ['link'],
  'bind': ['sso'],
};
const OWN_SECOND: readonly Proof[] = ['totp', 'recovery-code', 'passkey'];
/** What the provider says is enough for whom it knows; to become somebody here, it takes that person's own factor. */
const SECOND: Readonly<Record<Purpose, readonly Proof[]>> = {
  'sign-in': [...OWN_SECOND, 'sso'],
  'reset': [...OWN_SECOND, 'sso'],
  'reactivate': [...OWN_SECOND, 'sso'],
  'bind': OWN_SECOND,
};
/** What must come with the link of a purpose: a mailbox alone opens no account. */
const WITH_LINK: Readonly<Record<Purpose, readonly Proof[]>> = {
  'sign-in': [],
  'reset': ['new-password'],
  'reactivate': ['password', 'passkey', 'new-password', 'sso'],
  'bind': ['link'],
};

/**
 * What follows from what was proved: the one place that decides whether a session begins. A session begins when first, second and
 * standing are all right as the account is now. `account`: undefined where no account was claimed.
 */
export function next(account: Claimed | undefined, purpose: Purpose, proofs: readonly Proof[]): Next {
  const shows = (accepted: readonly Proof[]) => accepted.some((proof) => proofs.includes(proof));
  if (!account) return { step: 'prove', next: 'first', accepts: FIRST[purpose] };
  if (account.singleSignOn && !proofs.includes('sso'))
    return { step: 'prove', next: 'single-sign-on', accepts: ['sso'] };
  if (!shows(FIRST[purpose])) return { step: 'prove', next: 'first', accepts: FIRST[purpose] };
  if (account.multiFactor && !shows(SECOND[purpose]))
    return { step: 'prove', next: 'second-factor', accepts: account.holds };
  const withLink = WITH_LINK[purpose];
  if (withLink.length > 0 && !shows(withLink)) return { step: 'prove', next: 'new-password', accepts: withLink };
  if (account.status === 'active') return { step: 'begin', accountId: account.accountId, reactivates: false };
  // Said after every proof, never before: to a stranger a suspended account is one like any other.
  if (purpose !== 'reactivate' || account.suspendedFor === 'operator')
    return { step: 'refuse', refusal: suspended(account) };
  return { step: 'begin', accountId: account.accountId, reactivates: true };
}

/** Why a suspended account does not sign in, and what its holder can do. */
const suspended = ({
  suspendedFor = 'inactivity',
  suspendedAt,
}: Pick<Claimed, 'suspendedFor' | 'suspendedAt'>): Refusal<'account/suspended'> =>
  refuse('account/suspended', suspendedDetail(suspendedFor), {
    reason: suspendedFor,
    ...(suspendedAt === undefined ? {} : { since: suspendedAt }),
  });
