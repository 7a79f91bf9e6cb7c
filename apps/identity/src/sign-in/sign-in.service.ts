import type { identity } from '#contracts';
import {
  type Cause,
  type EventStore,
  followUp,
  handle,
  load,
  type Loaded,
  PostgresEventStore,
  Refused,
  type Sql,
  type Tx,
  type SealingKeys,
} from '#event-sourcing';
import {
  Clock,
  counted,
  errorFields,
  keyedDigest,
  type Logger,
  LOGGER,
  Problem,
  problemOf,
  SERVICE_CONFIG,
  masterKeysOf,
} from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { account } from '../account/account.decider.ts';
import type { Account } from '../account/vocabulary.decider.ts';
import { accountUnknown, credentialsOf, lockAccount } from '../locks.ts';
import { findAccount } from '../account/profiles.query.ts';
import type { IdentityConfig } from '../config.ts';
import { accountOrDecoy, AddressBook } from '../email-address/address-book.ts';
import { factorRefused } from '../account/factors.decider.ts';
import { Passkeys, unknownCredential } from '../factor/passkeys.service.ts';
import { Passwords } from '../password/password.ts';
import { type LinkKind, mailedLinks } from './mailed-link.decider.ts';
import { forgetDevice, type Visit } from '../session/devices.ts';
import { enforcedFor } from '../governance/governance.query.ts';
import { lockedPassword, unlockPassword } from '../governance/password-locks.ts';
import {
  dropVouched,
  keepVouched,
  requireProvedDomain,
  singleSignOn,
  type Through,
  vouchedFor,
} from '../governance/through.ts';
import { beginSession, type Begun } from './begin-session.ts';
import {
  addProof,
  beginHalf,
  endHalf,
  findHalf,
  giveAnswerBack,
  type HalfSession,
  halfRequired,
  lockHalf,
  takeAnswer,
} from './half-sessions.ts';
import { type GuessKind, login } from './login.decider.ts';
import { claim, type Claim } from './claim.query.ts';
import { next, type Proof, type Purpose, type Wanted } from './next.ts';
import { Proofs } from './proofs.service.ts';
import { tokenDigest } from '../session/sessions.query.ts';
import { deviceLimits, factorLimit, OFF_AT, passkeyLimits, passwordLimits, TOLD_AT } from './limits.ts';
import { Tries } from './tries.ts';

/** What is asked for before a session begins. `token`: the half session's secret, this once. */
export interface Asked {
  readonly next: Wanted;
  readonly accepts: readonly Proof[];
  readonly endsAt: Date;
  readonly token: string | undefined;
}

/** What a proof came to. */
export type Step = { readonly begun: Begun } | { readonly asked: Asked };

/** A password that fits, under the account's number of credentials. `outdated`: its digest, where it is of an older cost. */
interface Proved {
  readonly accountId: string;
  readonly credentials: number;
  /** The account that it was compared with. */
  readonly account: Loaded<Account>;
  readonly outdated: string | undefined;
}

/** Who signs in, for what, and what they have proved so far. */
interface SigningIn {
  readonly accountId: string;
  readonly purpose: Purpose;
  readonly proofs: readonly Proof[];
  readonly half: HalfSession | undefined;
  /** The provider that has vouched for them. */
  readonly through?: Through | undefined;
}

/** What the sign-ins began with that a mailed link began. */
const LINKS_OF = { reset: 'reset', reactivate: 'reactivation' } as const satisfies Record<
  Extract<Purpose, 'reset' | 'reactivate'>,
  LinkKind
>;

/** Proves, and asks what follows. Wrong address and wrong password get the same answer in the same time. */
@Injectable()
export class SignIn implements BeforeApplicationShutdown {
  private readonly tries: Tries;
  private readonly rehashing = new Set<Promise<unknown>>();
  private readonly masterKeys: SealingKeys;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly passwords: Passwords,
    private readonly addresses: AddressBook,
    private readonly proofs: Proofs,
    private readonly passkeys: Passkeys,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.tries = new Tries(pool, () => clock.now());
    this.masterKeys = masterKeysOf(config);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.rehashing);
  }

  async withPassword(email: string, password: string, visit: Visit, cause: Cause): Promise<Step> {
    return counting(async () => {
      try {
        return await this.signIn(this.addresses.emailDigest(email), password, visit, cause);
      } catch (error) {
        // Said of the whole domain, after the same work: it tells nobody which addresses have an account.
        if (!(error instanceof Problem && error.code === 'sign-in/failed')) throw error;
        if (await enforcedFor(this.pool, email)) throw singleSignOn();
        throw error;
      }
    });
  }

  /** By a passkey alone, which is a first and a second factor at once: its holder was verified by the authenticator. */
  async withPasskey(passkey: string, origin: string, visit: Visit, cause: Cause): Promise<Step> {
    return counting(async () => {
      let isUnknown = false;
      const network = keyedDigest(this.config.installationKey, 'sign-in', visit.network);
      const right = await this.tries.take(passkeyLimits(network), async () => {
        const accountId = await this.passkeys.holderOf(passkey).catch((error: unknown) => {
          if (!(error instanceof Refused)) throw error;
          isUnknown = error.facts?.['unknownCredential'] === true;
        });
        if (accountId === undefined) return undefined;
        const credentials = await credentialsOf(this.pool, accountId);
        const compared = await load(this.store, account, accountId);
        if (compared.state.status === 'unregistered') return undefined;
        const challenged = { purpose: 'sign-in', subject: '' } as const;
        const judged = await this.proofs.judge(accountId, compared.state, { passkey, origin }, challenged, cause);
        return judged && { accountId, credentials, compared, judged };
      });
      if (!right) throw new Refused(isUnknown ? unknownCredential : factorRefused);
      const { accountId, credentials, compared, judged } = right;
      return this.store.transact(async (store, tx) => {
        await lockAccount(tx, accountId);
        if (!(await judged.spend(store, tx, followUp(cause)))) throw new Refused(factorRefused);
        const now = await this.claim(store, tx, accountId, compared);
        // What proves the account has changed since it was looked at, this passkey perhaps: it is asked for again.
        if (now.credentials !== credentials) throw new Refused(factorRefused);
        const signing = { accountId, purpose: 'sign-in', proofs: [judged.proof], half: undefined } as const;
        return this.follow(store, tx, signing, visit, cause, now);
      });
    });
  }

  /** What a browser asks its authenticators for: any passkey of this host, or one of the account whose sign-in waits. */
  async askPasskey(origin: string, halfToken: string | undefined): Promise<identity.PasskeyOptions> {
    if (halfToken === undefined) return this.passkeys.ask({ purpose: 'sign-in', subject: '', origin }, undefined);
    const { accountId, tokenDigest: subject } = await findHalf(this.pool, halfToken, this.clock.now());
    return this.passkeys.ask({ purpose: 'half', subject, origin }, await findAccount(this.store, accountId));
  }

  /** The half session of a token, and what it waits for. @throws Problem where it has ended, also because the account's credentials have changed. */
  async asked(token: string): Promise<Asked & { readonly purpose: Purpose }> {
    const half = await findHalf(this.pool, token, this.clock.now());
    if (half.credentials !== (await credentialsOf(this.pool, half.accountId))) throw halfRequired();
    const followed = next((await this.claim(this.store, this.pool, half.accountId)).claimed, half.purpose, half.proofs);
    if (followed.step === 'refuse') throw new Refused(followed.refusal);
    return {
      purpose: half.purpose,
      endsAt: half.endsAt,
      token: undefined,
      ...(followed.step === 'prove' ? followed : { next: 'first', accepts: [] }),
    };
  }

  /** One more proof of a half session. @throws Refused `factor/refused` where it does not fit, or was used. */
  async prove(token: string, given: identity.Proof, visit: Visit, cause: Cause): Promise<Step> {
    return counting(async () => {
      const half = await takeAnswer(this.pool, token, cause.at);
      try {
        const state = await findAccount(this.store, half.accountId);
        const judged =
          state &&
          (await this.tries.take(
            [factorLimit(half.accountId, given)],
            () =>
              this.proofs.judge(half.accountId, state, given, { purpose: 'half', subject: half.tokenDigest }, cause),
            ([taken]) => this.tellGuesses('second-factor', half.accountId, taken === TOLD_AT.secondFactor, cause),
          ));
        if (!judged) throw new Refused(factorRefused);
        return await this.store.transact(async (store, tx) => {
          await lockAccount(tx, half.accountId);
          const now = await lockHalf(tx, half, cause.at);
          if (now.credentials !== (await credentialsOf(tx, half.accountId))) throw halfRequired();
          if (!(await judged.spend(store, tx, followUp(cause)))) throw new Refused(factorRefused);
          await addProof(tx, now, judged.proof);
          const { accountId, purpose, proofs, attempt } = now;
          const through = attempt === undefined ? undefined : await vouchedFor(tx, this.masterKeys, attempt);
          // Another link or browser has gone to the end with it: what the provider vouched for counts once.
          if (attempt !== undefined && !through) throw halfRequired();
          return this.follow(
            store,
            tx,
            { accountId, purpose, proofs: [...proofs, judged.proof], half: now, through },
            visit,
            cause,
          );
        });
      } catch (error) {
        // What was not judged wrong has used up no answer.
        if (!(error instanceof Refused && error.code === factorRefused.refused)) await giveAnswerBack(this.pool, half);
        throw error;
      }
    });
  }

  end(token: string): Promise<unknown> {
    return findHalf(this.pool, token, this.clock.now()).then((half) => endHalf(this.pool, half));
  }

  /** Asks what follows, and does it. Under the account's lock, with the account as it is now (`claim`, where it has been read under the lock). */
  async follow(
    store: EventStore,
    tx: Tx,
    signing: SigningIn,
    visit: Visit,
    cause: Cause,
    claim?: Claim,
  ): Promise<Step> {
    const { accountId, purpose, proofs, half, through } = signing;
    const { claimed, state, governed, passwordLocked, credentials } = claim ?? (await this.claim(store, tx, accountId));
    const followed = next(claimed, purpose, proofs);
    switch (followed.step) {
      case 'refuse':
        throw new Refused(followed.refusal);
      case 'prove': {
        const { next: wanted, accepts } = followed;
        if (wanted === 'single-sign-on' && purpose !== 'reactivate') throw singleSignOn();
        if (half) return { asked: { next: wanted, accepts, endsAt: half.endsAt, token: undefined } };
        if (credentials === undefined) throw accountUnknown();
        if (through) await keepVouched(tx, this.masterKeys, through);
        const { attempt } = through ?? {};
        const begun = await beginHalf(tx, { accountId, purpose, credentials, proofs, attempt }, cause.at);
        return { asked: { next: wanted, accepts, ...begun } };
      }
      case 'begin': {
        if (half) await endHalf(tx, half);
        if (proofs.includes('link') && purpose !== 'bind') await unlockPassword(tx, accountId);
        else if (proofs.includes('password') && passwordLocked) throw lockedPassword();
        if (half?.linkId !== undefined && (purpose === 'reset' || purpose === 'reactivate'))
          await handle(
            store,
            mailedLinks[LINKS_OF[purpose]],
            half.linkId,
            { type: 'UseLink', credentials: half.credentials, at: cause.at.toISOString() },
            followUp(cause),
          );
        const at = cause.at.toISOString();
        const reactivated = followed.reactivates
          ? await handle(store, account, accountId, { type: 'ReactivateAccount', at }, followUp(cause))
          : undefined;
        if (purpose === 'bind' && through) await this.bind(store, tx, accountId, through, cause);
        const { masterKeys } = this;
        const beginning = {
          accountId,
          account: reactivated?.state ?? state ?? account.initial,
          methods: proofs,
          visit,
          masterKeys,
          governed,
          through,
        };
        return { begun: await beginSession(store, tx, beginning, cause) };
      }
    }
  }

  /** The password is another: what was guessed at the one before counts no more. */
  async forgetGuesses(tx: Tx, emailDigest: string): Promise<void> {
    await this.tries.forget(tx, [this.subject(emailDigest, 'anywhere')]);
  }

  /** The provider's person is the account's holder from now on. Once: what was vouched for is used up. */
  private async bind(store: EventStore, tx: Tx, accountId: string, through: Through, cause: Cause) {
    await dropVouched(tx, through);
    const { connectionId, subjectDigest, vouched } = through;
    await requireProvedDomain(tx, through);
    await handle(
      store,
      account,
      accountId,
      { type: 'BindSubject', connectionId, subjectDigest, subject: vouched.subject },
      followUp(cause),
    );
  }

  private claim(store: EventStore, sql: Sql, accountId: string, known?: Loaded<Account>) {
    return claim(store, sql, this.addresses.domainKey, accountId, known);
  }

  private subject(emailDigest: string, ...parts: string[]): string {
    return keyedDigest(this.config.installationKey, 'sign-in', [emailDigest, ...parts].join('|'));
  }

  private async signIn(emailDigest: string, password: string, visit: Visit, cause: Cause): Promise<Step> {
    const { deviceToken, network } = visit;
    const found = await accountOrDecoy(
      this.pool,
      emailDigest,
      deviceToken === undefined ? undefined : tokenDigest(deviceToken),
    );
    const isKnown = found?.fromKnownDevice === true;
    const subject = (...parts: string[]) => this.subject(emailDigest, ...parts);
    const limits =
      isKnown && deviceToken !== undefined
        ? deviceLimits(subject('device', deviceToken))
        : passwordLimits({
            here: subject(network),
            network: keyedDigest(this.config.installationKey, 'sign-in', network),
            anywhere: subject('anywhere'),
          });
    const right = await this.tries.take(
      limits,
      () => this.provePassword(found, password, isKnown),
      async (taken) => {
        if (!found?.known) return;
        if (isKnown && taken[0] === OFF_AT.knownDevice)
          await forgetDevice(this.pool, found.accountId, deviceToken ?? '');
        await this.tellGuesses('password', found.accountId, !isKnown && taken[2] === OFF_AT.anywhere, cause);
      },
    );
    if (right === undefined) throw new Problem('sign-in/failed', 'The address or the password is wrong.');
    const { accountId, credentials, outdated, account: compared } = right;
    const step = await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const now = await this.claim(store, tx, accountId, compared);
      if (now.credentials !== credentials) return undefined;
      const signing = { accountId, purpose: 'sign-in', proofs: ['password'], half: undefined } as const;
      return this.follow(store, tx, signing, visit, cause, now);
    });
    // What proves the account has changed since the password was compared: it is compared again.
    if (!step) return this.signIn(emailDigest, password, visit, cause);
    if (outdated !== undefined) this.rehash(accountId, outdated, password, cause);
    return step;
  }

  /** Undefined where the password is not this account's. As much is read for an address without an account, and from the database alone. */
  private async provePassword(
    found: Awaited<ReturnType<typeof accountOrDecoy>>,
    password: string,
    isKnown: boolean,
  ): Promise<Proved | undefined> {
    const loaded = found && (await load(this.store, account, found.accountId, { afresh: true }));
    // A decoy's digest is never compared: a right guess at another account's password proves nothing.
    const digest =
      found?.known === true && loaded?.state.status !== 'unregistered' ? loaded?.state.password?.hash : undefined;
    const right = await this.passwords.verify(digest, password, { first: isKnown });
    if (!right || !found || !loaded) return undefined;
    const outdated = digest !== undefined && this.passwords.isOutdated(digest) ? digest : undefined;
    return { ...found, account: loaded, outdated };
  }

  /** The same password under today's cost, after the answer. */
  private rehash(accountId: string, replaces: string, password: string, cause: Cause): void {
    const work = this.passwords
      .hash(password)
      .then((hash) =>
        handle(this.store, account, accountId, { type: 'RehashPassword', replaces, hash }, followUp(cause)),
      )
      .catch((error: unknown) => {
        this.logger.warn(
          { accountId, ...errorFields(error) },
          'a password stays under an older cost; the next sign-in tries again',
        );
      })
      .then(() => {
        this.rehashing.delete(work);
      });
    this.rehashing.add(work);
  }

  private async tellGuesses(kind: GuessKind, accountId: string, isDue: boolean, cause: Cause): Promise<void> {
    if (isDue)
      await handle(
        this.store,
        login,
        accountId,
        { type: 'RecordGuesses', kind, at: cause.at.toISOString() },
        followUp(cause),
      );
  }
}

async function counting(work: () => Promise<Step>): Promise<Step> {
  try {
    const step = await work();
    counted.signIns.inc({ service: 'identity', outcome: 'begun' in step ? 'good' : step.asked.next });
    return step;
  } catch (error) {
    counted.signIns.inc({ service: 'identity', outcome: problemOf(error)?.code ?? 'internal' });
    throw error;
  }
}
