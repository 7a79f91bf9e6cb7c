import { type Refusal, refuse } from '#event-sourcing';

/** Proofs that a person holds an account. */
export type Proof = 'password';

/** What a person wants who is not signed in yet. */
export type Purpose = 'sign-in';

/** An account as it is now, not as it was when the sign-in began. */
export interface Claimed {
  readonly accountId: string;
  readonly status: 'active' | 'suspended';
}

/** Not signed in yet, and what would help; never signed in; or a session of this account may begin. */
export type Next =
  | { readonly step: 'prove'; readonly accepts: readonly Proof[] }
  | { readonly step: 'refuse'; readonly refusal: Refusal<'account/suspended'> }
  | { readonly step: 'begin'; readonly accountId: string };

const ACCEPTED: Readonly<Record<Purpose, readonly Proof[]>> = { 'sign-in': ['password'] };

/** What follows from what was proved: the one place that decides whether a session begins. `account`: undefined where no account was claimed. */
export function next(account: Claimed | undefined, purpose: Purpose, proofs: readonly Proof[]): Next {
  const accepts = ACCEPTED[purpose];
  if (!account || !accepts.some((proof) => proofs.includes(proof))) return { step: 'prove', accepts };
  // Said after every proof, never before: to a stranger a suspended account is one like any other.
  if (account.status === 'suspended') {
    return {
      step: 'refuse',
      refusal: refuse(
        'account/suspended',
        'This account is suspended because it was inactive. Its keys and projects are kept; an operator can bring it back.',
      ),
    };
  }
  return { step: 'begin', accountId: account.accountId };
}
