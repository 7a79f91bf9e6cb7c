import {
  type Cause,
  type EventStore,
  followUp,
  handle,
  load,
  PostgresEventStore,
  Refused,
  type Tx,
} from '#event-sourcing';
import {
  Clock,
  isLinkToken,
  keyedDigest,
  linkSubjectId,
  type LinkPurpose,
  linkToken,
  Problem,
  SERVICE_CONFIG,
  takeHourly,
} from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { account } from '../account/account.decider.ts';
import { linkUnknown } from '../account/address.decider.ts';
import { endSessions } from '../session/end-sessions.ts';
import { credentialsOf, lockAccount } from '../locks.ts';
import { findAccount, findHolder } from '../account/profiles.query.ts';
import type { AccountCommand, AccountEvent, AccountStatus } from '../account/vocabulary.decider.ts';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { aboutPerson, Passwords } from '../password/password.ts';
import { forgetDevices, type Visit } from '../session/devices.ts';
import { dropUses } from '../factor/uses.ts';
import { beginHalf, findHalf, halfRequired, lockHalf } from '../sign-in/half-sessions.ts';
import { claimed, next, type Proof, type Purpose } from '../sign-in/next.ts';
import { type Asked, SignIn, type Step } from '../sign-in/sign-in.service.ts';
import {
  isOpen,
  type LinkKind,
  LINKS,
  type MailedLink,
  type MailedLinkEvent,
  mailedLinks,
} from '../sign-in/mailed-link.decider.ts';
import { enforcedFor, governedBy, refuseManaged } from '../governance/governance.query.ts';
import { singleSignOn } from '../governance/through.ts';
import { keepWish, type Wish } from './wishes.ts';

/** The purpose of the token of each kind of link, and of the half session that it begins. */
const TOKENS = { reset: 'reset', reactivation: 'reactivation', recovery: 'recovery-confirm' } as const satisfies Record<
  LinkKind,
  LinkPurpose
>;
const PURPOSES = { reset: 'reset', reactivation: 'reactivate' } as const satisfies Record<Wish, Purpose>;

/** Links that an event of the account itself allows, by that event; an address of which one is dead makes all of its kind dead. */
const OF_ACCOUNT = {
  'address-confirm': 'AddressChangeRequested',
  'address-undo': 'AddressChanged',
  'recovery-cancel': 'FactorRecoveryApproved',
  'recovery-complete': 'FactorRecoveryDue',
  'sso-bind': 'BindingLinkSent',
} as const satisfies Partial<Record<LinkPurpose, AccountEvent['type']>>;
type OfAccount = keyof typeof OF_ACCOUNT;

/** Ways back to an account, and what mailed links do. */
@Injectable()
export class Recoveries {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly passwords: Passwords,
    private readonly addresses: AddressBook,
    private readonly signing: SignIn,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {}

  /** Keeps the wish; a mail follows where there is an account. The same work for every address. */
  async wish(kind: Wish, email: string, network: string): Promise<void> {
    const now = this.clock.now();
    const { installationKey: key, signUpsPerNetworkAndHour } = this.config;
    if (!(await takeHourly(this.pool, keyedDigest(key, 'network', network), signUpsPerNetworkAndHour, now)))
      throw new Problem('request/rate-limited', 'Too many mails were asked for from your network within the hour.', {
        retryAfterSeconds: 3600,
      });
    const emailDigest = this.addresses.emailDigest(email);
    // Silence, not a refusal: a refusal would tell that another person asked for this address.
    if (await this.addresses.takeMail(this.pool, emailDigest, now)) await keepWish(this.pool, kind, emailDigest, now);
  }

  /** Begins a half session by a link, which is spent when the session begins. */
  async open(kind: Wish, token: string): Promise<Asked & { readonly purpose: Purpose }> {
    const now = this.clock.now();
    const { id: linkId, state } = await this.linkOf(kind, token, this.store);
    const purpose = PURPOSES[kind];
    const credentials = state.status === 'requested' ? await credentialsOf(this.pool, state.accountId) : 0;
    if (!isOpen(kind, state, { credentials, at: now.toISOString() })) throw new Refused(linkUnknown);
    const { accountId } = state;
    const proofs: Proof[] = ['link'];
    const holder = await findHolder(this.store, accountId);
    if (!holder) throw new Refused(linkUnknown);
    const followed = next(await this.claim(accountId, holder), purpose, proofs);
    if (followed.step === 'refuse') throw new Refused(followed.refusal);
    if (kind === 'reset' && followed.step === 'prove' && followed.next === 'single-sign-on') throw singleSignOn();
    const half = await beginHalf(this.pool, { accountId, purpose, credentials, proofs, linkId }, now);
    return {
      ...half,
      purpose,
      ...(followed.step === 'prove' ? followed : { next: 'new-password' as const, accepts: [] }),
    };
  }

  /** Sets the password where one is asked for, and begins the session: the link is spent, and all others of the account are dead. */
  async complete(halfToken: string, password: string | undefined, visit: Visit, cause: Cause): Promise<Step> {
    const half = await findHalf(this.pool, halfToken, cause.at);
    if ((half.purpose !== 'reset' && half.purpose !== 'reactivate') || half.linkId === undefined) throw halfRequired();
    const { accountId, proofs, purpose } = half;
    const state = await findHolder(this.store, accountId);
    if (!state) throw halfRequired();
    const withPassword: readonly Proof[] = password === undefined ? proofs : [...proofs, 'new-password'];
    const followed = next(await this.claim(accountId, state), purpose, withPassword);
    if (followed.step === 'refuse') throw new Refused(followed.refusal);
    if (followed.step === 'prove') return { asked: { ...missing(followed), endsAt: half.endsAt, token: undefined } };
    const set = password === undefined ? undefined : await this.newPassword(password, state);
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const now = await lockHalf(tx, half, cause.at);
      if (now.credentials !== (await credentialsOf(tx, accountId))) throw halfRequired();
      const at = cause.at.toISOString();
      if (set) {
        await handle(store, account, accountId, { type: 'SetPassword', how: 'reset', ...set, at }, followUp(cause));
        await endSessions(store, tx, accountId, followUp(cause));
        await forgetDevices(tx, accountId);
        await this.signing.forgetGuesses(tx, state.emailDigest);
      }
      return this.signing.follow(store, tx, { accountId, purpose, proofs: withPassword, half: now }, visit, cause);
    });
  }

  /** Whoever is signing in has lost all factors: a link goes to the account's address. */
  async askRecovery(halfToken: string, cause: Cause): Promise<void> {
    const half = await findHalf(this.pool, halfToken, cause.at);
    const { accountId, credentials } = half;
    const state = await findHolder(this.store, accountId);
    const waits = next(await this.claim(accountId, state), half.purpose, half.proofs);
    if (
      credentials !== (await credentialsOf(this.pool, accountId)) ||
      waits.step !== 'prove' ||
      waits.next !== 'second-factor'
    )
      throw halfRequired();
    if (!state || !(await this.addresses.takeMail(this.pool, state.emailDigest, cause.at))) return;
    await handle(
      this.store,
      mailedLinks.recovery,
      uuid(),
      { type: 'RequestLink', accountId, credentials, at: cause.at.toISOString() },
      cause,
    );
  }

  async confirmRecovery(token: string, cause: Cause): Promise<void> {
    const { id: linkId, state } = await this.linkOf('recovery', token, this.store);
    if (state.status !== 'requested') throw new Refused(linkUnknown);
    const { accountId } = state;
    const at = cause.at.toISOString();
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const credentials = await credentialsOf(tx, accountId);
      await handle(store, mailedLinks.recovery, linkId, { type: 'UseLink', credentials, at }, followUp(cause));
      await handle(store, account, accountId, { type: 'RequestFactorRecovery', at }, followUp(cause));
    });
  }

  cancelRecovery(token: string, cause: Cause): Promise<void> {
    return this.byLink('recovery-cancel', token, cause, () => ({ type: 'CancelFactorRecovery', by: 'holder' }));
  }

  /** The factors go, and nobody is signed in. */
  completeRecovery(token: string, cause: Cause): Promise<void> {
    return this.byLink('recovery-complete', token, cause, (at) => ({ type: 'CompleteFactorRecovery', at }));
  }

  /** What a link about an address would do, and to which address. */
  async look(token: string): Promise<{ does: 'confirm' | 'undo'; email: string }> {
    for (const [purpose, does] of [
      ['address-confirm', 'confirm'],
      ['address-undo', 'undo'],
    ] as const) {
      const found = await this.ofAccount(purpose, token, this.store);
      const state = found === undefined ? undefined : await findHolder(this.store, found);
      const address = does === 'confirm' ? state?.addressChange : state?.previousAddress;
      if (address) return { does, email: address.email };
    }
    throw new Refused(linkUnknown);
  }

  confirmAddress(token: string, cause: Cause): Promise<void> {
    return this.byLink('address-confirm', token, cause, (at, { addressChange }) => ({
      type: 'ConfirmAddress',
      emailDigest: addressChange?.emailDigest ?? '',
      at,
    }));
  }

  undoAddress(token: string, cause: Cause): Promise<void> {
    return this.byLink('address-undo', token, cause, (at) => ({ type: 'UndoAddress', at }));
  }

  /** Whose mailbox a link has proved that ties the provider's person to an account, and the sign-in that waits for it. @throws Refused */
  async bindingLink(token: string, at: Date): Promise<{ accountId: string; attempt: string }> {
    const accountId = await this.ofAccount('sso-bind', token, this.store);
    const sent = accountId === undefined ? undefined : await this.allowedBy('sso-bind', accountId, this.store);
    if (accountId === undefined || sent?.event.type !== 'BindingLinkSent') throw new Refused(linkUnknown);
    const { attempt, sentAt } = sent.event.data;
    if (at.getTime() - Date.parse(sentAt) >= LINKS.reset.lifeMs) throw new Refused(linkUnknown);
    return { accountId, attempt };
  }

  /** Where a letter goes and the token of its link. Undefined where there is nobody to write to any more. */
  async letter(purpose: string, id: string): Promise<{ email: string; token?: string } | undefined> {
    const kind = (Object.keys(TOKENS) as LinkKind[]).find((each) => TOKENS[each] === purpose);
    if (kind) {
      const { state, eventId } = await this.link(kind, id, this.store);
      const found = state.status === 'requested' ? await findHolder(this.store, state.accountId) : undefined;
      if (found && kind === 'reset' && state.status === 'requested' && (await this.isGoverned(state.accountId)))
        return { email: found.email };
      return found && { email: found.email, token: this.token({ purpose: TOKENS[kind], id, eventId }) };
    }
    if (!(purpose in OF_ACCOUNT)) throw new Problem('request/invalid', 'No letter has this purpose.');
    const of = purpose as OfAccount;
    const [state, eventId] = [await findHolder(this.store, id), (await this.allowedBy(of, id, this.store))?.eventId];
    const email =
      of === 'address-confirm'
        ? state?.addressChange?.email
        : of === 'address-undo'
          ? state?.previousAddress?.email
          : state?.email;
    if (email === undefined || eventId === undefined) return undefined;
    // Somebody else's address by now: it is told so, and gets no link.
    if (of === 'address-confirm' && (await this.addresses.accountIdByDigest(this.addresses.emailDigest(email))))
      return { email };
    return { email, token: this.token({ purpose: of, id, eventId }) };
  }

  /** One command by a link that an event of the account allows; what proves it has changed, so its sessions end. */
  private async byLink(
    purpose: OfAccount,
    token: string,
    cause: Cause,
    commandFor: (at: string, state: AccountStatus) => AccountCommand,
  ): Promise<void> {
    const accountId = await this.ofAccount(purpose, token, this.store);
    if (accountId === undefined) throw new Refused(linkUnknown);
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const stands = await this.ofAccount(purpose, token, store);
      const state = stands === undefined ? undefined : await findHolder(store, accountId);
      if (!state) throw new Refused(linkUnknown);
      const followed = purpose === 'address-confirm' && (await this.isProviders(tx, accountId, state.addressChange));
      if (isAboutAddress(purpose) && !followed) await refuseManaged(tx, state.email, state.addressChange?.email);
      const before = await credentialsOf(tx, accountId);
      const handled = await handle(
        store,
        account,
        accountId,
        commandFor(cause.at.toISOString(), state),
        followUp(cause),
      );
      if (handled.events.length === 0) throw new Refused(linkUnknown);
      if (handled.state.status !== 'unregistered' && isAboutAddress(purpose))
        await this.addresses.keepDomain(tx, accountId, handled.state.email);
      // Who the holder is stands at the provider: nothing that proves them has changed.
      if (followed || (await credentialsOf(tx, accountId)) === before) return;
      await endSessions(store, tx, accountId, followUp(cause));
      if (purpose === 'address-undo') await forgetDevices(tx, accountId);
      await dropUses(tx, accountId, handled.state.status === 'unregistered' ? [] : handled.state.factors);
    });
  }

  /** Whether the provider that judges of the account alone has asked for the change, to an address of its own domains. */
  private async isProviders(tx: Tx, accountId: string, change: AccountStatus['addressChange']): Promise<boolean> {
    if (change?.by !== 'provider') return false;
    const own = await enforcedFor(tx, change.email);
    const governed = await governedBy(tx, this.addresses.domainKey, accountId);
    return own !== undefined && !own.lapsed && own.connectionId === governed?.connectionId;
  }

  private async isGoverned(accountId: string): Promise<boolean> {
    const governed = await governedBy(this.pool, this.addresses.domainKey, accountId);
    return governed !== undefined && !governed.breakGlass;
  }

  private async claim(accountId: string, state: AccountStatus | undefined) {
    const governed = await governedBy(this.pool, this.addresses.domainKey, accountId);
    return claimed(accountId, state ?? (await findAccount(this.store, accountId)), governed);
  }

  private async newPassword(password: string, { email, name, multiFactor }: AccountStatus) {
    const alone = this.passwords.requireGood(password, aboutPerson({ email, name }), { alone: !multiFactor });
    return { hash: await this.passwords.hash(password), alone };
  }

  private async linkOf(kind: LinkKind, token: string, store: EventStore): Promise<{ id: string; state: MailedLink }> {
    const id = linkSubjectId(token);
    if (id === undefined) throw new Refused(linkUnknown);
    const { state, eventId } = await this.link(kind, id, store);
    if (!isLinkToken(this.config.installationKey, token, { purpose: TOKENS[kind], id, eventId }))
      throw new Refused(linkUnknown);
    return { id, state };
  }

  private async link(kind: LinkKind, id: string, store: EventStore): Promise<{ state: MailedLink; eventId: string }> {
    const { state } = await load(store, mailedLinks[kind], id);
    const [requested] = await store.readStream<MailedLinkEvent>(`${kind}-${id}`, { upTo: 1 });
    return { state, eventId: requested?.eventId ?? '' };
  }

  /** The account that a token is of, where the event that it is derived from is the latest of its kind. */
  private async ofAccount(purpose: OfAccount, token: string, store: EventStore): Promise<string | undefined> {
    const id = linkSubjectId(token);
    const eventId = id === undefined ? undefined : (await this.allowedBy(purpose, id, store))?.eventId;
    return id !== undefined &&
      eventId !== undefined &&
      isLinkToken(this.config.installationKey, token, { purpose, id, eventId })
      ? id
      : undefined;
  }

  /** The last event that allows a link of this purpose. */
  private async allowedBy(purpose: OfAccount, accountId: string, store: EventStore) {
    const past = await store.readStream<AccountEvent>(`account-${accountId}`);
    return past.findLast(({ type }) => type === OF_ACCOUNT[purpose]);
  }

  private token(subject: { purpose: LinkPurpose; id: string; eventId: string }): string {
    return linkToken(this.config.installationKey, subject);
  }
}

const isAboutAddress = (purpose: OfAccount) => purpose === 'address-confirm' || purpose === 'address-undo';

const missing = (followed: ReturnType<typeof next>): Pick<Asked, 'next' | 'accepts'> =>
  followed.step === 'prove' ? followed : { next: 'first', accepts: [] };
