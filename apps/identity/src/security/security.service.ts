import { DETAILS, type identity } from '#contracts';
import {
  type Cause,
  type EventStore,
  followUp,
  handle,
  PostgresEventStore,
  Refused,
  type Tx,
  type SealingKeys,
} from '#event-sourcing';
import { Clock, normalizedEmail, Problem, SERVICE_CONFIG, masterKeysOf } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { account } from '../account/account.decider.ts';
import { factorRefused, factorUnknown } from '../account/factors.decider.ts';
import { credentialsOf, lockAccount } from '../locks.ts';
import { findAccount } from '../account/profiles.query.ts';
import type { AccountCommand, AccountStatus } from '../account/vocabulary.decider.ts';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { demandsOf } from '../demand/demands.query.ts';
import { makeCodes } from '../factor/recovery-codes.ts';
import { acceptedStep, newSecret, provisioningUri } from '../factor/totp.ts';
import { aboutPerson, Passwords } from '../password/password.ts';
import { session } from '../session/session.decider.ts';
import { type OpenSession, sessionOfAccount, newToken, tokenDigest } from '../session/sessions.query.ts';
import type { Proof } from '../sign-in/next.ts';
import { Proofs } from '../sign-in/proofs.service.ts';
import { Passkeys } from '../factor/passkeys.service.ts';
import { dropUses, spendChallenge, useCounter, useStep } from '../factor/uses.ts';
import { refuseManaged } from '../governance/governance.query.ts';
import { endSessions } from '../session/end-sessions.ts';
import { confirmLimit, proveLimit } from '../sign-in/limits.ts';
import { Tries } from '../sign-in/tries.ts';
import { dropPending, findPending, keepPending } from './pending-factors.ts';
import { factorAccepts, factorView, PROOF_MS, proofAccepts, securityView } from './security.view.ts';

/** The account and the session that ask. */
type Holder = identity.Holder;

/** What a change is made with: the account as it is under its lock. */
interface Changing {
  readonly store: EventStore;
  readonly tx: Tx;
  readonly state: AccountStatus;
  readonly open: OpenSession;
}

/** `keepsOthers`: the account's other sessions go on, as nothing that proved them has gone. */
interface Change {
  readonly command: AccountCommand;
  readonly keepsOthers?: boolean;
}

/** What proves an account, by its holder: shown, proved anew, changed. */
@Injectable()
export class Security {
  private readonly tries: Tries;
  private readonly masterKeys: SealingKeys;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly passwords: Passwords,
    private readonly proofs: Proofs,
    private readonly passkeys: Passkeys,
    private readonly addresses: AddressBook,
    @Inject(SERVICE_CONFIG) config: IdentityConfig,
  ) {
    this.tries = new Tries(pool, () => clock.now());
    this.masterKeys = masterKeysOf(config);
  }

  async view(holder: Holder): Promise<identity.SecurityView> {
    const now = this.clock.now();
    const [state, open] = [
      await this.account(this.store, holder),
      await openOf(this.pool, this.addresses.domainKey, holder, now),
    ];
    return securityView(this.pool, holder.accountId, state, open, now);
  }

  /** Proves the session anew by what signing in would ask. Five wrong tries end it. */
  async prove(holder: Holder, given: identity.Proof, cause: Cause): Promise<identity.SessionProof> {
    const { accountId, sessionId } = holder;
    const credentials = await credentialsOf(this.pool, accountId);
    const state = await this.account(this.store, holder);
    const judged = await this.tried(holder, cause, async () => {
      const each = await Promise.all(
        parts(given).map((part) =>
          this.proofs.judge(accountId, state, part, { purpose: 'prove', subject: sessionId }, cause),
        ),
      );
      const shown = each.flatMap((proof) => proof ?? []);
      const proofs = shown.map(({ proof }) => proof);
      return shown.length === each.length && proves(state, proofs) ? shown : undefined;
    });
    if (!judged)
      throw new Problem(
        'factor/refused',
        REFUSED[given.passkey === undefined ? (given.totp === undefined ? 'password' : 'both') : 'passkey'],
      );
    const token = newToken();
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await openOf(tx, this.addresses.domainKey, holder, cause.at);
      if ((await credentialsOf(tx, accountId)) !== credentials) throw changedMeanwhile();
      for (const { spend } of judged) if (!(await spend(store, tx, followUp(cause)))) throw new Refused(factorRefused);
      const methods = judged.map(({ proof }) => proof);
      await handle(
        store,
        session,
        sessionId,
        { type: 'ProveSession', accountId, tokenDigest: tokenDigest(token), methods },
        followUp(cause),
      );
    });
    return { provenUntil: new Date(cause.at.getTime() + PROOF_MS).toISOString(), sessionToken: token };
  }

  async changePassword(holder: Holder, current: string, password: string, cause: Cause) {
    const {
      state: { password: kept, name, email, multiFactor },
    } = await proved(this.pool, this.addresses.domainKey, holder, this.store, cause.at);
    const right = await this.tried(holder, cause, async () =>
      (await this.passwords.verify(kept?.hash, current)) ? true : undefined,
    );
    if (!right)
      throw new Problem('sign-in/failed', 'The current password is wrong.', {
        fields: [{ pointer: '/current', detail: 'is not the password of this account' }],
      });
    const alone = this.passwords.requireGood(password, aboutPerson({ email, name }), { alone: !multiFactor });
    const hash = await this.passwords.hash(password);
    return this.change(holder, cause, ({ state }) => {
      if (state.password?.hash !== kept?.hash || state.multiFactor !== multiFactor) throw changedMeanwhile();
      return { command: { type: 'SetPassword', how: 'change', hash, alone, at: cause.at.toISOString() } };
    });
  }

  async setMultiFactor(holder: Holder, enabled: boolean, cause: Cause) {
    const codes = enabled ? await makeCodes(this.passwords) : NO_CODES;
    const changed = await this.change(holder, cause, async ({ tx, state, open }) => {
      if (enabled && !state.multiFactor && state.factors.length > 0 && !hasShown(open, state))
        throw proofRequired(factorAccepts(state));
      const demanded = (await demandsOf(tx, holder.accountId)).secondFactor !== undefined;
      return { command: { type: 'SetMultiFactor', enabled, demanded, codes: codes.kept, at: cause.at.toISOString() } };
    });
    return { ...changed, codes: enabled && changed.moved ? [...codes.shown] : [] };
  }

  /** An authenticator's secret, shown this once; it counts when its first code is shown. */
  async beginAuthenticator(holder: Holder, name: string, issuer: string): Promise<identity.PendingAuthenticator> {
    const now = this.clock.now();
    const { email } = await this.account(this.store, holder);
    await proved(this.pool, this.addresses.domainKey, holder, this.store, now);
    const [factorId, secret] = [uuid(), newSecret()];
    await keepPending(this.pool, this.masterKeys, { accountId: holder.accountId, factorId }, { name, secret }, now);
    return { factorId, secret, uri: provisioningUri(secret, { issuer, label: email }) };
  }

  async confirmAuthenticator(holder: Holder, factorId: string, code: string, cause: Cause) {
    const { accountId } = holder;
    const at = cause.at.toISOString();
    await proved(this.pool, this.addresses.domainKey, holder, this.store, cause.at);
    const pending = await findPending(this.pool, this.masterKeys, { accountId, factorId }, cause.at);
    if (!pending) throw new Refused(factorUnknown);
    const step = await this.tries.take([confirmLimit(factorId)], () =>
      Promise.resolve(acceptedStep(pending.secret, code, new Date())),
    );
    if (step === undefined) throw new Refused(factorRefused);
    const isFirst = !(await this.account(this.store, holder)).multiFactor;
    const codes = isFirst ? await makeCodes(this.passwords) : NO_CODES;
    const changed = await this.change(holder, cause, async ({ tx, state }) => {
      if (isFirst === state.multiFactor) throw changedMeanwhile();
      if (!(await useStep(tx, { accountId, factorId, step, at: cause.at }))) throw new Refused(factorRefused);
      await dropPending(tx, factorId);
      return {
        command: { type: 'AddAuthenticator', factorId, ...pending, codes: codes.kept, at },
        keepsOthers: !isFirst,
      };
    });
    const factor = changed.security.factors.find((each) => each.factorId === factorId);
    return { ...changed, factor, codes: [...codes.shown] };
  }

  async askPasskeyProof(holder: Holder, origin: string): Promise<identity.PasskeyOptions> {
    const { sessionId: subject } = holder;
    await openOf(this.pool, this.addresses.domainKey, holder, this.clock.now());
    return this.passkeys.ask({ purpose: 'prove', subject, origin }, await this.account(this.store, holder));
  }

  async beginPasskey(holder: Holder, origin: string): Promise<identity.PasskeyOptions> {
    const { accountId, sessionId: subject } = holder;
    const { state } = await proved(this.pool, this.addresses.domainKey, holder, this.store, this.clock.now());
    return this.passkeys.askNew({ purpose: 'register', subject, origin }, accountId, state);
  }

  async addPasskey(holder: Holder, name: string, answer: string, origin: string, cause: Cause) {
    const { accountId, sessionId: subject } = holder;
    await proved(this.pool, this.addresses.domainKey, holder, this.store, cause.at);
    const [factorId, at] = [uuid(), cause.at.toISOString()];
    const { challenge, counter, backedUp, ...passkey } = await this.passkeys.registered(answer, {
      purpose: 'register',
      subject,
      origin,
    });
    const changed = await this.change(holder, cause, async ({ tx }) => {
      if (!(await spendChallenge(tx, challenge))) throw new Refused(factorRefused);
      await useCounter(tx, { accountId, factorId, counter, backedUp, at: undefined });
      return { command: { type: 'AddPasskey', factorId, name, at, ...passkey }, keepsOthers: true };
    });
    return { ...changed, factor: changed.security.factors.find((each) => each.factorId === factorId) };
  }

  async renameFactor({ accountId }: Holder, factorId: string, name: string, cause: Cause): Promise<identity.Factor> {
    const { state } = await handle(this.store, account, accountId, { type: 'RenameFactor', factorId, name }, cause);
    const factor =
      state.status === 'unregistered' ? undefined : state.factors.find((each) => each.factorId === factorId);
    if (!factor) throw new Refused(factorUnknown);
    return factorView(factor);
  }

  removeFactor(holder: Holder, factorId: string, cause: Cause) {
    return this.change(holder, cause, () => ({ command: { type: 'RemoveFactor', factorId } }));
  }

  async issueCodes(holder: Holder, cause: Cause) {
    const codes = await makeCodes(this.passwords);
    const at = cause.at.toISOString();
    // A repeated call makes new ones, too: those that were shown cannot be shown again, and others would open nothing.
    const changed = await this.change(holder, followUp(cause), () => ({
      command: { type: 'IssueRecoveryCodes', codes: codes.kept, at },
      keepsOthers: true,
    }));
    return { ...changed, codes: [...codes.shown] };
  }

  /** Mails a link to the new address, and a notice to the present one. The same answer where the address has an account. */
  async requestAddress(holder: Holder, email: string, cause: Cause): Promise<void> {
    const { accountId } = holder;
    const address = normalizedEmail(email);
    const emailDigest = this.addresses.emailDigest(address);
    for (const asked of [this.addresses.emailDigest(`address|${accountId}`), emailDigest])
      if (!(await this.addresses.takeMail(this.pool, asked, cause.at)))
        throw new Problem('request/rate-limited', 'Too many mails were asked for within the hour.', {
          retryAfterSeconds: 3600,
        });
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const { state } = await proved(tx, this.addresses.domainKey, holder, store, cause.at);
      await refuseManaged(tx, state.email, address);
      await handle(
        store,
        account,
        accountId,
        { type: 'RequestAddressChange', email: address, emailDigest, at: cause.at.toISOString() },
        cause,
      );
    });
  }

  async cancelAddress(holder: Holder, cause: Cause): Promise<identity.SecurityView> {
    await handle(this.store, account, holder.accountId, { type: 'CancelAddressChange' }, cause);
    return this.view(holder);
  }

  /** What is proved within a session: the fifth wrong try ends it. */
  private tried<T>(
    { accountId, sessionId }: Holder,
    cause: Cause,
    judge: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const limit = proveLimit(sessionId);
    return this.tries.take([limit], judge, async ([taken]) => {
      if (taken === limit.policy.most)
        await handle(
          this.store,
          session,
          sessionId,
          { type: 'EndSession', accountId, reason: 'guessed' },
          followUp(cause),
        );
    });
  }

  /**
   * One change of what proves the account, by a session that has proved it lately: the account's other sessions end with it, and this one
   * gets a new token. @throws Problem `session/proof-required`.
   */
  private async change(
    holder: Holder,
    cause: Cause,
    decide: (changing: Changing) => Change | Promise<Change>,
  ): Promise<{ security: identity.SecurityView; sessionToken: string; moved: boolean }> {
    const { accountId, sessionId } = holder;
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const { open, state } = await proved(tx, this.addresses.domainKey, holder, store, cause.at);
      const { command, keepsOthers = false } = await decide({ store, tx, state, open });
      const handled = await handle(store, account, accountId, command, cause);
      const after = await this.account(store, holder);
      const moved = handled.events.length > 0;
      const token = newToken();
      if (moved && !keepsOthers) await endSessions(store, tx, accountId, cause, { kept: sessionId });
      if (moved) await dropUses(tx, accountId, after.factors);
      if (moved)
        await handle(
          store,
          session,
          sessionId,
          { type: 'RotateSession', accountId, tokenDigest: tokenDigest(token) },
          followUp(cause),
        );
      return {
        security: await securityView(tx, accountId, after, open, cause.at),
        sessionToken: moved ? token : '',
        moved,
      };
    });
  }

  private async account(store: EventStore, { accountId }: Holder): Promise<AccountStatus> {
    const state = await findAccount(store, accountId);
    if (!state) throw new Problem('account/unknown', 'No account has this id.');
    return state;
  }
}

/** The holder's session and account, where a person has proved it within 15 minutes. @throws Problem */
async function proved(tx: Tx | Pool, key: Buffer, holder: Holder, store: EventStore, now: Date) {
  const open = await openOf(tx, key, holder, now);
  const state = await findAccount(store, holder.accountId);
  if (!state) throw new Problem('account/unknown', 'No account has this id.');
  if (now.getTime() - open.provedAt.getTime() >= PROOF_MS) throw proofRequired(proofAccepts(state, open));
  return { open, state };
}

/** Said by the gateway before the body is looked at, and by identity in the transaction of the change. */
export const proofRequired = (accepts: readonly string[]) =>
  new Problem('session/proof-required', DETAILS['session/proof-required'], { accepts, withinSeconds: PROOF_MS / 1000 });

async function openOf(sql: Tx | Pool, key: Buffer, { accountId, sessionId }: Holder, now: Date): Promise<OpenSession> {
  const open = await sessionOfAccount(sql, key, accountId, sessionId, now);
  if (!open) throw new Problem('session/required', 'Sign in first: this session has ended.');
  return open;
}

/** Whether this session has seen a second factor at work: whoever turns it on and cannot use it is locked out. */
const hasShown = ({ methods, createdAt }: OpenSession, { factors }: AccountStatus): boolean =>
  methods.some((method) => method === 'passkey' || method === 'totp') ||
  factors.some(({ at }) => Date.parse(at) >= createdAt.getTime());

const NO_CODES = { shown: [], kept: { salt: '', digests: [] } } as const;
const REFUSED = {
  password: 'The password does not fit.',
  both: 'Password or code does not fit, or the code was used already. Wait for the next code.',
  passkey: factorRefused.detail,
} as const;

/** Whether these are what signing in would ask of the account. */
function proves({ multiFactor }: AccountStatus, proofs: readonly Proof[]): boolean {
  return proofs.includes('passkey') || (proofs.includes('password') && (!multiFactor || proofs.includes('totp')));
}

const parts = ({ password, totp, passkey, origin }: identity.Proof): identity.Proof[] => [
  ...(password === undefined ? [] : [{ password }]),
  ...(totp === undefined ? [] : [{ totp }]),
  ...(passkey === undefined ? [] : [{ passkey, ...(origin === undefined ? {} : { origin }) }]),
];

const changedMeanwhile = () =>
  new Problem('service/busy', 'The account was changed at this very moment. Try again.', { retryAfterSeconds: 1 });
