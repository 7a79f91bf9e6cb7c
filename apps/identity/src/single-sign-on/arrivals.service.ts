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
import {
  addressDomain,
  type CallContext,
  ForeignStreams,
  keyedDigest,
  normalizedEmail,
  Peers,
  Problem,
  SERVICE_CONFIG,
  masterKeysOf,
} from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { account } from '../account/account.decider.ts';
import { findHolder } from '../account/profiles.query.ts';
import type { AccountCommand, AccountStatus } from '../account/vocabulary.decider.ts';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { dropAddresses } from '../email-address/pending-address.ts';
import { changedHands, enforcedAs, enforcedFor, governedBy } from '../governance/governance.query.ts';
import { keepVouched, notAMember, notBegunHere, type Through, vouchedFor } from '../governance/through.ts';
import { credentialsOf, lockAccount } from '../locks.ts';
import { Recoveries } from '../recovery/recoveries.service.ts';
import type { Visit } from '../session/devices.ts';
import { tokenDigest } from '../session/sessions.query.ts';
import { addProof, findHalf, halfRequired, lockHalf } from '../sign-in/half-sessions.ts';
import { SignIn, type Step } from '../sign-in/sign-in.service.ts';
import { Registration } from '../sign-up/registration.ts';
import { type Begun, isOfBrowser, useAssertion } from './attempts.ts';
import { refused } from './checks.ts';
import { personOf, subjectsOf } from './person.ts';
import type { Vouched } from './protocol.ts';
import { boundOf } from './unbinding.ts';

/** Why an address that has changed at the provider stays as it is here. */
const STAYS: readonly string[] = ['account/address-taken', 'account/address-changed-lately'];

/** Somebody whom an organization's provider vouches for, and the browser that they come by. */
export interface Arrival {
  readonly through: Through;
  readonly organizationId: string;
  readonly visit: Visit;
  readonly cause: Cause;
  readonly context: CallContext;
}

/** What an arrival comes to. */
export type Arrived = { readonly step: Step } | { readonly mailed: true };

/** A person of a connection, as identity finds them again. */
export type Person = Pick<Through, 'connectionId' | 'subjectDigest'>;

/** Who a provider's person is here, and what it takes to become somebody: no address alone makes anybody anything. */
@Injectable()
export class Arrivals {
  private readonly masterKeys: SealingKeys;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly peers: Peers,
    private readonly foreign: ForeignStreams,
    private readonly addresses: AddressBook,
    private readonly signing: SignIn,
    private readonly registration: Registration,
    private readonly recoveries: Recoveries,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    this.masterKeys = masterKeysOf(config);
  }

  /** Somebody comes through the provider. `halfToken`: of the sign-in that waits for it. @throws Problem, ProviderRefused */
  async arrive(arrival: Arrival, begun: Begun, halfToken: string | undefined): Promise<Arrived> {
    const { through, context, cause } = arrival;
    const { connectionId, vouched } = through;
    const standing = await enforcedAs(this.pool, connectionId);
    // Another configuration signs people in by now: what this one believed is worth nothing.
    if (standing?.n !== begun.n) throw notBegunHere();
    const bound = await this.boundTo(through);
    if (bound !== undefined) {
      // Judged by its provider already: a member.
      if (!(await governedBy(this.pool, this.addresses.domainKey, bound))) await this.admit(bound, arrival);
      await this.followAddress(bound, through, cause);
      return {
        step: await (begun.half === undefined
          ? this.enter(bound, arrival)
          : this.proveHalf(halfToken, begun.half, bound, arrival)),
      };
    }
    const email = await this.ownAddress(through);
    const known = await this.addresses.accountIdByDigest(this.addresses.emailDigest(email));
    const held = known === undefined ? undefined : await boundOf(this.pool, known, connectionId);
    // They have come through two windows at once, and the other was quicker.
    if (known !== undefined && held === through.subjectDigest) {
      await this.admit(known, arrival);
      return { step: await this.enter(known, arrival) };
    }
    if (known !== undefined && held !== undefined) await this.refuseBound(known, arrival);
    // Whom the provider itself has shut out, nobody's invitation brings in through it.
    const { standing: kept } = await this.peers
      .of('organization', 'SingleSignOn')
      .lookPerson({ connectionId, person: personOf(vouched.subject) }, context);
    if (kept === 'deactivated') throw notAMember();
    if (begun.invitationToken !== undefined)
      return { step: await this.byInvitation(begun.invitationToken, known, email, arrival) };
    if (known !== undefined) return this.mailBinding(known, kept === 'invited', arrival);
    if (standing.justInTimeBy === undefined && kept !== 'invited') throw notAMember();
    if (!vouched.emailVerified) return this.askMailbox(email, through, cause);
    return { step: await this.registerMember(email, arrival) };
  }

  /** The mailbox is proved, in the browser that came from the provider: what is left is the account's own factor. @throws Problem, ProviderRefused */
  async arriveByLink(
    token: string,
    browserToken: string,
    coming: Pick<Arrival, 'visit' | 'cause' | 'context'>,
  ): Promise<Step> {
    const asked = await this.registration.vouchedLink(token, coming.cause.at);
    if (asked) {
      const arrival = await this.waiting(asked.attempt, browserToken, coming);
      if (!arrival) throw notBegunHere();
      await this.ownAddress(arrival.through);
      // Used once already: what proves it is spent with the new account, and so is what it carries.
      const vouched = { ...arrival.through.vouched, assertionId: undefined };
      const fresh = { ...arrival, through: { ...arrival.through, vouched } };
      return this.registerMember(asked.email, fresh, asked.signUpId);
    }
    const { accountId, attempt } = await this.recoveries.bindingLink(token, coming.cause.at);
    const arrival = await this.waiting(attempt, browserToken, coming);
    if (arrival) await this.admit(accountId, arrival);
    return this.bind(accountId, coming, async (tx) => {
      const through = await vouchedFor(tx, this.masterKeys, attempt);
      if (!through) throw notBegunHere();
      return through;
    });
  }

  /** The account that signs in as this person of the provider, by the attribute that names people there. */
  async accountOf(
    connectionId: string,
    person: string,
    subjectAttribute: string | undefined,
  ): Promise<string | undefined> {
    return this.holderOf(
      connectionId,
      subjectsOf(person, subjectAttribute).map((subject) => this.subjectDigest(connectionId, subject)),
    );
  }

  /** The account that is tied to a person. */
  boundTo({ connectionId, subjectDigest }: Person): Promise<string | undefined> {
    return this.holderOf(connectionId, [subjectDigest]);
  }

  /** An assertion counts once, in all processes. @throws ProviderRefused */
  async takeOnce(tx: Tx, connectionId: string, { assertionId }: Vouched, { at }: Cause): Promise<void> {
    if (assertionId !== undefined && !(await useAssertion(tx, connectionId, assertionId, at)))
      throw refused('assertion-used');
  }

  /** Keyed: whoever it is at the provider. */
  subjectDigest(connectionId: string, subject: string): string {
    return keyedDigest(this.config.installationKey, 'sso-subject', `${connectionId}|${subject}`);
  }

  private async holderOf(connectionId: string, subjectDigests: readonly string[]): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ account_id: string }>(
      'SELECT account_id FROM sso_bindings WHERE connection_id = $1 AND subject_digest = ANY($2)',
      [connectionId, subjectDigests],
    );
    return rows[0]?.account_id;
  }

  /** What waits for a mailed link. Undefined where the connection lets nobody in so any more. @throws Problem where another browser began it: whoever mails a link to somebody else would sign them in as themselves. */
  private async waiting(
    attempt: string,
    browserToken: string,
    coming: Pick<Arrival, 'visit' | 'cause' | 'context'>,
  ): Promise<Arrival | undefined> {
    if (!(await isOfBrowser(this.pool, attempt, browserToken)))
      throw new Problem(
        'link/other-browser',
        'This link finishes a sign-in that was begun in another browser. Open it there. If you have begun none, ignore the mail.',
      );
    const through = await vouchedFor(this.pool, this.masterKeys, attempt);
    const standing = through && (await enforcedAs(this.pool, through.connectionId));
    return standing && standing.n === through.n
      ? { ...coming, through, organizationId: standing.organizationId }
      : undefined;
  }

  private enter(accountId: string, { through, visit, cause }: Arrival): Promise<Step> {
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      const signing = { accountId, purpose: 'sign-in', proofs: ['sso'], half: undefined, through } as const;
      return this.signing.follow(store, tx, signing, visit, cause);
    });
  }

  /** The provider's person becomes the account's holder, once the account's own factor is shown where it has one. */
  private bind(
    accountId: string,
    { visit, cause }: Pick<Arrival, 'visit' | 'cause'>,
    take: (tx: Tx) => Promise<Through>,
  ): Promise<Step> {
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const through = await take(tx);
      const signing = { accountId, purpose: 'bind', proofs: ['sso', 'link'], half: undefined, through } as const;
      return this.signing.follow(store, tx, signing, visit, cause);
    });
  }

  /** One more proof of a sign-in that waits for it, such as that of a suspended person who comes back by a mailed link. */
  private async proveHalf(
    token: string | undefined,
    digest: string,
    accountId: string,
    { through, visit, cause }: Arrival,
  ): Promise<Step> {
    if (token === undefined || tokenDigest(token) !== digest) throw notBegunHere();
    const half = await findHalf(this.pool, token, cause.at);
    if (half.accountId !== accountId) throw halfRequired();
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const now = await lockHalf(tx, half, cause.at);
      if (now.credentials !== (await credentialsOf(tx, accountId))) throw halfRequired();
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      await addProof(tx, now, 'sso');
      const { purpose, proofs } = now;
      const signing = { accountId, purpose, proofs: [...proofs, 'sso'] as const, half: now, through };
      return this.signing.follow(store, tx, signing, visit, cause);
    });
  }

  /** A member whom the provider has not brought before, or somebody who may become one: their mailbox decides whether it is them. */
  private async mailBinding(
    accountId: string,
    invited: boolean,
    { through, organizationId, cause }: Arrival,
  ): Promise<Arrived> {
    const { connectionId, attempt } = through;
    const governed = await governedBy(this.pool, this.addresses.domainKey, accountId);
    if (governed?.connectionId !== connectionId && !invited) throw notAMember();
    const state = await findHolder(this.store, accountId);
    if (!state) throw notAMember();
    await this.requireOwnHands(state, organizationId);
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.takeOnce(tx, connectionId, through.vouched, cause);
      await keepVouched(tx, this.masterKeys, through);
      if (!(await this.addresses.takeMail(tx, state.emailDigest, cause.at))) return;
      const at = cause.at.toISOString();
      await handle(store, account, accountId, { type: 'SendBindingLink', connectionId, attempt, at }, followUp(cause));
    });
    return { mailed: true };
  }

  /** The invitation is the mail that proves the address. */
  private async byInvitation(token: string, known: string | undefined, email: string, arrival: Arrival): Promise<Step> {
    const { through, organizationId, cause, context } = arrival;
    const invitations = this.peers.of('organization', 'Invitations');
    const proved = await invitations.proveInvitation({ token }, context);
    if (this.addresses.emailDigest(proved.email) !== this.addresses.emailDigest(email))
      throw refused('address-not-invited');
    // Before anything is spent: into another organization this provider lets nobody.
    if (organizationId !== proved.organizationId) throw notAMember();
    const state = known === undefined ? undefined : await findHolder(this.store, known);
    if (state) await this.requireOwnHands(state, organizationId);
    const accountId = known ?? (await this.register(email, through, cause));
    await invitations.acceptInvitation({ token, callerId: accountId }, context);
    await this.foreign.catchUp('organization.organizations', `organization-${organizationId}`);
    if (known === undefined) return this.enter(accountId, arrival);
    return this.bind(accountId, arrival, async (tx) => {
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      return through;
    });
  }

  /** Nobody has verified the address: only mail makes it somebody's. */
  private async askMailbox(email: string, through: Through, cause: Cause): Promise<Arrived> {
    await this.store.transact(async (_store, tx) => {
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      await keepVouched(tx, this.masterKeys, through);
    });
    await this.registration.askVouched(email, through.attempt, cause);
    return { mailed: true };
  }

  /** Somebody whom nobody invited becomes a member, with an account without a password; `signUpId`: what proved the mailbox. */
  private async registerMember(email: string, arrival: Arrival, signUpId?: string): Promise<Step> {
    const { through, cause } = arrival;
    const made = await this.register(email, through, cause, signUpId).catch(async (error: unknown) => {
      // They have come through two windows at once, and the other was quicker.
      const bound = await this.boundTo(through);
      if (bound === undefined) throw error;
      return bound;
    });
    await this.admit(made, arrival);
    return this.enter(made, arrival);
  }

  private register(email: string, through: Through, cause: Cause, signUpId?: string): Promise<string> {
    const { connectionId, subjectDigest, vouched } = through;
    const { subject, name = email } = vouched;
    const tie = { type: 'BindSubject', connectionId, subjectDigest, subject } as const;
    const bind = (store: EventStore, accountId: string) => handle(store, account, accountId, tie, followUp(cause));
    return this.registration.registerVouched({ email, name }, cause, bind, signUpId);
  }

  /** Makes a member of somebody who is none yet, where an owner stands for that; organization learns which account the person has. @throws Problem */
  private async admit(accountId: string, { through, organizationId, context }: Arrival): Promise<void> {
    const { connectionId, vouched } = through;
    const { admitted, streamId } = await this.peers
      .of('organization', 'SingleSignOn')
      .admitMember({ organizationId, connectionId, accountId, person: personOf(vouched.subject) }, context);
    if (!admitted) throw notAMember();
    await this.foreign.catchUp('organization.organizations', streamId);
  }

  /** Somebody else there has this address by now, or it was given to somebody else: owners hear of it, and one of them decides. @throws Problem */
  private async refuseBound(accountId: string, { through, organizationId, cause }: Arrival): Promise<never> {
    const at = cause.at.toISOString();
    const refusal = { type: 'RefuseBinding', organizationId, connectionId: through.connectionId, at } as const;
    await handle(this.store, account, accountId, refusal, followUp(cause));
    throw new Problem(
      'sign-in/already-bound',
      'The account with this address belongs to another person at your identity provider. Its owners have been told; one of them can unbind it.',
    );
  }

  /**
   * The provider vouches for another address of its own domains: it is the account's now, or once a mail has proved it. Where it cannot be, nobody
   * is kept out: the old one stays.
   */
  private async followAddress(
    accountId: string,
    { connectionId, vouched: { email: told = '', emailVerified } }: Through,
    cause: Cause,
  ): Promise<void> {
    const own = await enforcedFor(this.pool, told);
    if (own?.connectionId !== connectionId || own.lapsed) return;
    const email = normalizedEmail(told);
    const emailDigest = this.addresses.emailDigest(email);
    if ((await this.addresses.accountIdByDigest(emailDigest)) !== undefined) return;
    const wish = { email, emailDigest, at: cause.at.toISOString() } as const;
    await this.store
      .transact(async (store, tx) => {
        await lockAccount(tx, accountId);
        const command: AccountCommand = emailVerified
          ? { type: 'FollowAddress', ...wish }
          : { type: 'RequestAddressChange', by: 'provider', ...wish };
        await handle(store, account, accountId, command, followUp(cause));
        if (!emailVerified) return;
        await this.addresses.keepDomain(tx, accountId, email);
        await dropAddresses(tx, emailDigest);
      })
      .catch((error: unknown) => {
        if (!(error instanceof Refused && STAYS.includes(error.code))) throw error;
      });
  }

  /** The address that the provider vouches for, in a domain that is the organization's. @throws ProviderRefused */
  private async ownAddress({ connectionId, vouched }: Through): Promise<string> {
    const email = addressOf(vouched);
    const own = await enforcedFor(this.pool, email);
    if (own?.connectionId !== connectionId) throw refused('address-foreign');
    if (own.lapsed) throw refused('domain-lapsed');
    return email;
  }

  /** A mailbox in a domain that was another's proves nothing of who had an account before: then it takes that person's own factor. @throws ProviderRefused */
  private async requireOwnHands({ email, registeredAt, multiFactor }: AccountStatus, organizationId: string) {
    const since = new Date(registeredAt);
    if (!multiFactor && (await changedHands(this.pool, addressDomain(email), { organizationId, since })))
      throw refused('domain-changed-hands');
  }
}

/** @throws ProviderRefused where the provider tells none. */
export function addressOf({ email }: Vouched): string {
  if (email === undefined) throw refused('address-missing');
  return email;
}
