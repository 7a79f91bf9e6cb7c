import type { identity } from '#contracts';
import { type Cause, type EventStore, handle, Refused, type Tx } from '#event-sourcing';
import { Injectable } from '@nestjs/common';
import { account } from '../account/account.decider.ts';
import type { AccountStatus } from '../account/vocabulary.decider.ts';
import { spentCode } from '../factor/recovery-codes.ts';
import { acceptedStep } from '../factor/totp.ts';
import type { ChallengeBond, ChallengePurpose } from '../factor/challenge.ts';
import { Passkeys } from '../factor/passkeys.service.ts';
import { spendChallenge, useCounter, useStep } from '../factor/uses.ts';
import { Passwords } from '../password/password.ts';
import type { Proof } from './next.ts';

/** A proof that fits. `spend`, in the transaction of what it leads to, takes what may be used once; false where another was faster. */
export interface Judged {
  readonly proof: Proof;
  readonly spend: (store: EventStore, tx: Tx, cause: Cause) => Promise<boolean>;
}

/** What a passkey's challenge was for, and by whom it was asked for: see `ChallengeBond`. */
export interface Challenged {
  readonly purpose: ChallengePurpose;
  readonly subject: string;
}

/** Judges what somebody shows, against the account as it is. */
@Injectable()
export class Proofs {
  constructor(
    private readonly passwords: Passwords,
    private readonly passkeys: Passkeys,
  ) {}

  /** Undefined where it does not fit. */
  async judge(
    accountId: string,
    state: AccountStatus,
    given: identity.Proof,
    challenged: Challenged,
    cause: Cause,
  ): Promise<Judged | undefined> {
    if (given.password !== undefined) return this.password(state, given.password);
    if (given.totp !== undefined) return totp(accountId, state, given.totp);
    if (given.recoveryCode !== undefined) return this.recoveryCode(accountId, state, given.recoveryCode);
    return given.passkey === undefined || given.origin === undefined
      ? undefined
      : this.passkey(accountId, state, given.passkey, { ...challenged, origin: given.origin }, cause);
  }

  private async passkey(accountId: string, state: AccountStatus, answer: string, bond: ChallengeBond, cause: Cause) {
    const chosen = bond.purpose === 'sign-in';
    // Another's passkey is refused as any other; one that nobody has is told apart.
    if ((await this.passkeys.holderOf(answer)) !== accountId) return undefined;
    const shown = await this.passkeys.judge(accountId, state, answer, bond, chosen, cause);
    if (!shown) return undefined;
    const { challenge, ...use } = shown;
    return {
      proof: 'passkey',
      spend: async (store, tx, { at }) =>
        (await spendChallenge(tx, challenge)) &&
        (await useCounter(tx, { accountId, ...use, at })) &&
        (await cancelRecovery(store, accountId, state.recovery !== undefined, cause)),
    } satisfies Judged;
  }

  private async password({ password }: AccountStatus, typed: string): Promise<Judged | undefined> {
    const right = await this.passwords.verify(password?.hash, typed);
    return right ? { proof: 'password', spend: () => Promise.resolve(true) } : undefined;
  }

  private async recoveryCode(
    accountId: string,
    { multiFactor, codes }: AccountStatus,
    typed: string,
  ): Promise<Judged | undefined> {
    const index = multiFactor && codes ? await spentCode(codes, typed, this.passwords) : undefined;
    if (index === undefined) return undefined;
    return {
      proof: 'recovery-code',
      spend: (store, _tx, cause) =>
        unlessRefused(handle(store, account, accountId, { type: 'SpendRecoveryCode', index }, cause)),
    };
  }
}

/** Codes follow the real clock, not the installation's: the app that shows them does. */
function totp(accountId: string, { factors, recovery }: AccountStatus, code: string): Judged | undefined {
  const now = new Date();
  for (const factor of factors) {
    const step =
      factor.kind === 'authenticator' && factor.secret !== undefined
        ? acceptedStep(factor.secret, code, now)
        : undefined;
    if (step === undefined) continue;
    return {
      proof: 'totp',
      spend: async (store, tx, cause) =>
        (await useStep(tx, { accountId, factorId: factor.factorId, step, at: cause.at })) &&
        (await cancelRecovery(store, accountId, recovery !== undefined, cause)),
    };
  }
  return undefined;
}

/** Whoever has a factor has not lost them all. */
async function cancelRecovery(store: EventStore, accountId: string, asked: boolean, cause: Cause): Promise<boolean> {
  if (asked) await handle(store, account, accountId, { type: 'CancelFactorRecovery', by: 'factor' }, cause);
  return true;
}

async function unlessRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}
