import { type Cause, type EventStore, followUp, handle, PostgresEventStore, Refused, type Tx } from '#event-sourcing';
import {
  addressDomain,
  type CallContext,
  Clock,
  ForeignStreams,
  keyedDigest,
  normalizedEmail,
  Peers,
  Problem,
  SERVICE_CONFIG,
  takeHourly,
} from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { account } from '../account/account.decider.ts';
import { credentialsOf, lockAccount } from '../locks.ts';
import type { AccountCommand, AccountStatus } from '../account/vocabulary.decider.ts';
import { findHolder } from '../account/profiles.query.ts';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { dropAddresses } from '../email-address/pending-address.ts';
import { Recoveries } from '../recovery/recoveries.service.ts';
import type { Visit } from '../session/devices.ts';
import { session } from '../session/session.decider.ts';
import { newToken, sessionOfAccount, tokenDigest } from '../session/sessions.query.ts';
import { Registration } from '../sign-up/registration.ts';
import { addProof, findHalf, halfRequired, lockHalf } from '../sign-in/half-sessions.ts';
import { answerLimit } from '../sign-in/limits.ts';
import { SignIn, type Step } from '../sign-in/sign-in.service.ts';
import { Tries } from '../sign-in/tries.ts';
import {
  type AttemptPurpose,
  type Begun,
  isOfBrowser,
  keepAttempt,
  newAttempt,
  settleAttempt,
  useAssertion,
  useAttempt,
} from './attempts.ts';
import { refused } from './checks.ts';
import { Connections } from './connections.client.ts';
import { changedHands, enforcedAs, enforcedFor, governedBy } from '../governance/governance.query.ts';
import { type Answer, type Connection, ProviderRefused, ProviderUnavailable, type Vouched } from './protocol.ts';
import { personOf, subjectsOf } from './person.ts';
import { Protocols } from './protocols.ts';
import { boundOf } from './unbinding.ts';
import { keepVouched, notAMember, notBegunHere, type Through, vouchedFor } from '../governance/through.ts';

/** How much older than its request a sign-in at the provider may be, for clocks that differ. */
const CLOCKS_APART_MS = 60_000;
/** Of one network: a company's whole staff may begin behind one address. */
const STARTS_PER_HOUR = 3_600;

/** Why an address that has changed at the provider stays as it is here. */
const STAYS: readonly string[] = ['account/address-taken', 'account/address-changed-lately'];

/** Who asks for a sign-in at a provider, and what for. */
export interface Asking {
  /** One of the two. */
  readonly email: string | undefined;
  readonly connectionId: string | undefined;
  readonly purpose: AttemptPurpose;
  readonly holder: Begun['holder'];
  readonly invitationToken: string | undefined;
  readonly returnTo: string | undefined;
  readonly browserToken: string | undefined;
  readonly halfToken: string | undefined;
  readonly origin: string;
  /** For limits. */
  readonly network: string;
}

/** A browser that comes back. */
export interface Returning extends Answer {
  readonly connectionId: string;
  readonly browserToken: string;
  readonly state: string;
  readonly holder: Begun['holder'];
  readonly halfToken: string | undefined;
  readonly origin: string;
  readonly visit: Visit;
}

/** What an answer came to. */
export type Finished =
  | { readonly step: Step }
  | { readonly mailed: true }
  | { readonly tested: { readonly subject: string; readonly email: string; readonly fresh: boolean } }
  | { readonly provenToken: string };

/** Signs people in at their organization's own provider. */
@Injectable()
export class SingleSignOn {
  private readonly masterKey: Buffer;
  private readonly tries: Tries;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly peers: Peers,
    private readonly foreign: ForeignStreams,
    private readonly addresses: AddressBook,
    private readonly connections: Connections,
    private readonly protocols: Protocols,
    private readonly signing: SignIn,
    private readonly registration: Registration,
    private readonly recoveries: Recoveries,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    this.masterKey = Buffer.from(config.masterKey, 'base64url');
    this.tries = new Tries(pool, () => clock.now());
  }

  /** Where the browser goes. @throws Problem `connection/unknown` where nobody signs in so. */
  async start(asking: Asking, context: CallContext): Promise<{ location: string; browserToken: string }> {
    const { purpose, holder, invitationToken, returnTo, origin, halfToken } = asking;
    if (!(await takeHourly(this.pool, this.network(asking.network), STARTS_PER_HOUR, this.clock.now())))
      throw new Problem('request/rate-limited', 'Too many sign-ins were begun in your network within the hour.', {
        retryAfterSeconds: 60,
      });
    const { connectionId, n } = await this.asked(asking, context);
    const connection = await this.connections.open(connectionId, n, context);
    const half =
      halfToken === undefined ? undefined : (await findHalf(this.pool, halfToken, this.clock.now())).tokenDigest;
    const attempt = newAttempt(purpose !== 'sign-in');
    const browserToken = asking.browserToken ?? newToken();
    const begun = { ...attempt, connectionId, n, purpose, holder, invitationToken, returnTo, half };
    await keepAttempt(this.pool, this.masterKey, browserToken, begun, this.clock.now());
    try {
      const location = await this.protocols.of(connection, origin).begin(connection, attempt);
      return { location: location.href, browserToken };
    } catch (error) {
      await settleAttempt(this.pool, attempt.state, checkOf(error));
      throw problemFor(error);
    }
  }

  /** What the provider's answer comes to. It is used up, whatever it is. */
  async finish(
    returning: Returning,
    cause: Cause,
    context: CallContext,
  ): Promise<Finished & { readonly returnTo: string | undefined }> {
    const { connectionId, state, origin, visit } = returning;
    const begun = await useAttempt(this.pool, this.masterKey, returning, cause.at);
    if (!begun) throw notBegunHere();
    let refusal: unknown;
    const finished = await this.tries.take([answerLimit(this.network(visit.network))], async () => {
      try {
        const connection = await this.connections.open(connectionId, begun.n, context);
        const vouched = await this.protocols.of(connection, origin).finish(
          connection,
          // A test looks whether the provider proves a new sign-in; it does not demand it.
          { ...begun, anew: begun.purpose === 'prove' },
          returning,
          new Date(),
        );
        return await this.judge(begun, connection, vouched, returning, cause, context);
      } catch (error) {
        await settleAttempt(this.pool, state, checkOf(error));
        if (!(error instanceof ProviderRefused)) throw problemFor(error);
        refusal = error;
        return undefined;
      }
    });
    if (!finished) throw problemFor(refusal);
    await settleAttempt(this.pool, state, '');
    return { ...finished, returnTo: begun.returnTo };
  }

  /** The mailbox is proved, in the browser that came from the provider: what is left is the account's own factor. */
  bind(token: string, browserToken: string, visit: Visit, cause: Cause, context: CallContext): Promise<Step> {
    return heard(async () => {
      const asked = await this.registration.vouchedLink(token, cause.at);
      if (asked) {
        await this.requireBrowser(asked.attempt, browserToken);
        const through = await vouchedFor(this.pool, this.masterKey, asked.attempt);
        const standing = through && (await enforcedAs(this.pool, through.connectionId));
        if (!through || standing?.n !== through.n) throw notBegunHere();
        await this.ownAddress(through);
        // Used once already: what proves it is spent with the new account, and so is what it carries.
        const fresh = { ...through, vouched: { ...through.vouched, assertionId: undefined } };
        return this.registerMember(asked.email, fresh, standing.organizationId, visit, cause, context, asked.signUpId);
      }
      const link = await this.recoveries.bindingLink(token, cause.at);
      await this.requireBrowser(link.attempt, browserToken);
      const { accountId } = link;
      const vouched = await vouchedFor(this.pool, this.masterKey, link.attempt);
      const standing = vouched && (await enforcedAs(this.pool, vouched.connectionId));
      if (vouched && standing?.n === vouched.n) await this.admit(accountId, standing.organizationId, vouched, context);
      return this.store.transact(async (store, tx) => {
        await lockAccount(tx, accountId);
        const through = await vouchedFor(tx, this.masterKey, link.attempt);
        if (!through) throw notBegunHere();
        const proofs = ['sso', 'link'] as const;
        return this.signing.follow(
          store,
          tx,
          { accountId, purpose: 'bind', proofs, half: undefined, through },
          visit,
          cause,
        );
      });
    });
  }

  /** @throws Problem where another browser began it: whoever mails a link to somebody else would sign them in as themselves. */
  private async requireBrowser(attempt: string, browserToken: string): Promise<void> {
    if (!(await isOfBrowser(this.pool, attempt, browserToken)))
      throw new Problem(
        'link/other-browser',
        'This link finishes a sign-in that was begun in another browser. Open it there. If you have begun none, ignore the mail.',
      );
  }

  /** The connection that is meant, and its configuration. */
  private async asked(
    { email, connectionId, purpose }: Asking,
    context: CallContext,
  ): Promise<{ connectionId: string; n: number }> {
    if (purpose === 'test' && connectionId !== undefined) return this.connections.newest(connectionId, context);
    const found =
      connectionId === undefined
        ? await enforcedFor(this.pool, email ?? '')
        : await enforcedAs(this.pool, connectionId);
    if (!found) throw new Problem('connection/unknown', 'Nobody signs in by single sign-on with this address.');
    return found;
  }

  private judge(
    begun: Begun,
    connection: Connection,
    vouched: Vouched,
    returning: Returning,
    cause: Cause,
    context: CallContext,
  ): Promise<Finished> {
    switch (begun.purpose) {
      case 'sign-in':
        return this.signIn(begun, connection, vouched, returning, cause, context);
      case 'test':
        return this.test(begun, vouched, returning, context);
      case 'prove':
        return this.prove(begun, vouched, returning, cause);
    }
  }

  private async signIn(
    begun: Begun,
    { connectionId, organizationId }: Connection,
    vouched: Vouched,
    { visit, halfToken }: Returning,
    cause: Cause,
    context: CallContext,
  ): Promise<Finished> {
    const standing = await enforcedAs(this.pool, connectionId);
    // Another configuration signs people in by now: what this one believed is worth nothing.
    if (standing?.n !== begun.n) throw notBegunHere();
    const through: Through = {
      connectionId,
      n: begun.n,
      attempt: tokenDigest(begun.state),
      subjectDigest: this.subjectDigest(connectionId, vouched.subject),
      vouched,
    };
    const bound = await this.boundTo(through);
    if (bound !== undefined) {
      // Judged by its provider already: a member.
      if (!(await governedBy(this.pool, this.addresses.domainKey, bound)))
        await this.admit(bound, organizationId, through, context);
      await this.followAddress(bound, through, cause);
      if (begun.half !== undefined)
        return { step: await this.proveHalf(halfToken, begun.half, bound, through, visit, cause) };
      return { step: await this.enter(bound, through, visit, cause) };
    }
    const email = await this.ownAddress(through);
    const known = await this.addresses.accountIdByDigest(this.addresses.emailDigest(email));
    const held = known === undefined ? undefined : await boundOf(this.pool, known, connectionId);
    // They have come through two windows at once, and the other was quicker.
    if (known !== undefined && held === through.subjectDigest) {
      await this.admit(known, organizationId, through, context);
      return { step: await this.enter(known, through, visit, cause) };
    }
    if (known !== undefined && held !== undefined) await this.refuseBound(known, organizationId, through, cause);
    // Whom the provider itself has shut out, nobody's invitation brings in through it.
    const { standing: kept } = await this.peers
      .of('organization', 'SingleSignOn')
      .lookPerson({ connectionId, person: personOf(vouched.subject) }, context);
    if (kept === 'deactivated') throw notAMember();
    if (begun.invitationToken !== undefined)
      return { step: await this.byInvitation(begun.invitationToken, known, email, through, visit, cause, context) };
    if (known !== undefined) return this.mailBinding(known, organizationId, through, kept === 'invited', cause);
    if (standing.justInTimeBy === undefined && kept !== 'invited') throw notAMember();
    if (!vouched.emailVerified) return this.askMailbox(email, through, cause);
    return { step: await this.registerMember(email, through, organizationId, visit, cause, context) };
  }

  /** Somebody else there has this address by now, or it was given to somebody else: owners hear of it, and one of them decides. @throws Problem */
  private async refuseBound(accountId: string, organizationId: string, { connectionId }: Through, cause: Cause) {
    const at = cause.at.toISOString();
    const refusal = { type: 'RefuseBinding', organizationId, connectionId, at } as const;
    await handle(this.store, account, accountId, refusal, followUp(cause));
    throw alreadyBound();
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

  /** Nobody has verified the address: only mail makes it somebody's. */
  private async askMailbox(email: string, through: Through, cause: Cause): Promise<Finished> {
    await this.store.transact(async (_store, tx) => {
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      await keepVouched(tx, this.masterKey, through);
    });
    await this.registration.askVouched(email, through.attempt, cause);
    return { mailed: true };
  }

  /** An account without a password, of somebody whom nobody invited; `signUpId`: what proved the mailbox. */
  private async registerMember(
    email: string,
    through: Through,
    organizationId: string,
    visit: Visit,
    cause: Cause,
    context: CallContext,
    signUpId?: string,
  ): Promise<Step> {
    const made = await this.registration
      .registerVouched(
        { email, name: through.vouched.name ?? email },
        cause,
        (store, accountId) => this.bindNew(store, accountId, through, cause),
        signUpId,
      )
      .catch(async (error: unknown) => {
        // They have come through two windows at once, and the other was quicker.
        const bound = await this.boundTo(through);
        if (bound === undefined) throw error;
        return bound;
      });
    await this.admit(made, organizationId, through, context);
    return this.enter(made, through, visit, cause);
  }

  /** An owner sees what the provider says of them. Nobody is signed in, nothing is bound. */
  private async test(begun: Begun, vouched: Vouched, { holder }: Returning, context: CallContext): Promise<Finished> {
    const { connectionId, n } = begun;
    if (!begun.holder || holder?.sessionId !== begun.holder.sessionId) throw notBegunHere();
    const { domains } = await this.connections.newest(connectionId, context);
    const email = addressOf(vouched);
    if (!domains.includes(addressDomain(email))) throw refused('address-foreign');
    const fresh = isFresh(vouched, begun);
    await this.peers
      .of('organization', 'SingleSignOn')
      .recordTest({ connectionId, n, by: begun.holder.accountId, fresh }, context);
    return { tested: { subject: vouched.subject, email, fresh } };
  }

  /** Signed in there anew, as the same person: the session is proved, and gets a new token. */
  private async prove(begun: Begun, vouched: Vouched, { holder }: Returning, cause: Cause): Promise<Finished> {
    if (!begun.holder || holder?.sessionId !== begun.holder.sessionId) throw notBegunHere();
    const { accountId, sessionId } = begun.holder;
    const through = {
      connectionId: begun.connectionId,
      subjectDigest: this.subjectDigest(begun.connectionId, vouched.subject),
    };
    if ((await this.boundTo(through)) !== accountId) throw refused('subject-other');
    const token = newToken();
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.takeOnce(tx, begun.connectionId, vouched, cause);
      const open = await sessionOfAccount(tx, this.addresses.domainKey, accountId, sessionId, cause.at);
      if (open?.connectionId !== begun.connectionId) throw notBegunHere();
      await handle(
        store,
        session,
        sessionId,
        { type: 'ProveSession', accountId, tokenDigest: tokenDigest(token), methods: ['sso'] },
        followUp(cause),
      );
    });
    return { provenToken: token };
  }

  private enter(accountId: string, through: Through, visit: Visit, cause: Cause): Promise<Step> {
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      const signing = { accountId, purpose: 'sign-in', proofs: ['sso'], half: undefined, through } as const;
      return this.signing.follow(store, tx, signing, visit, cause);
    });
  }

  /** One more proof of a sign-in that waits for it, such as that of a suspended person who comes back by a mailed link. */
  private async proveHalf(
    token: string | undefined,
    digest: string,
    accountId: string,
    through: Through,
    visit: Visit,
    cause: Cause,
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
      return this.signing.follow(
        store,
        tx,
        { accountId, purpose, proofs: [...proofs, 'sso'], half: now, through },
        visit,
        cause,
      );
    });
  }

  /** A member whom the provider has not brought before, or somebody who may become one: their mailbox decides whether it is them. */
  private async mailBinding(
    accountId: string,
    organizationId: string,
    through: Through,
    invited: boolean,
    cause: Cause,
  ): Promise<Finished> {
    const { connectionId, attempt } = through;
    const governed = await governedBy(this.pool, this.addresses.domainKey, accountId);
    if (governed?.connectionId !== connectionId && !invited) throw notAMember();
    const state = await findHolder(this.store, accountId);
    if (!state) throw notAMember();
    await this.requireOwnHands(state, organizationId);
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.takeOnce(tx, connectionId, through.vouched, cause);
      await keepVouched(tx, this.masterKey, through);
      if (!(await this.addresses.takeMail(tx, state.emailDigest, cause.at))) return;
      const at = cause.at.toISOString();
      await handle(store, account, accountId, { type: 'SendBindingLink', connectionId, attempt, at }, followUp(cause));
    });
    return { mailed: true };
  }

  /** The invitation is the mail that proves the address. */
  private async byInvitation(
    token: string,
    known: string | undefined,
    email: string,
    through: Through,
    visit: Visit,
    cause: Cause,
    context: CallContext,
  ): Promise<Step> {
    const proved = await this.peers.of('organization', 'Invitations').proveInvitation({ token }, context);
    if (this.addresses.emailDigest(proved.email) !== this.addresses.emailDigest(email))
      throw refused('address-not-invited');
    const state = known === undefined ? undefined : await findHolder(this.store, known);
    const standing = await enforcedAs(this.pool, through.connectionId);
    // Before anything is spent: into another organization this provider lets nobody.
    if (standing?.organizationId !== proved.organizationId) throw notAMember();
    if (state) await this.requireOwnHands(state, standing.organizationId);
    const accountId =
      known ??
      (await this.registration.registerVouched({ email, name: through.vouched.name ?? email }, cause, (store, made) =>
        this.bindNew(store, made, through, cause),
      ));
    const joined = await this.peers
      .of('organization', 'Invitations')
      .acceptInvitation({ token, callerId: accountId }, context);
    await this.foreign.catchUp('organization.organizations', `organization-${joined.organizationId}`);
    if (known === undefined) return this.enter(accountId, through, visit, cause);
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.takeOnce(tx, through.connectionId, through.vouched, cause);
      const proofs = ['sso', 'link'] as const;
      return this.signing.follow(
        store,
        tx,
        { accountId, purpose: 'bind', proofs, half: undefined, through },
        visit,
        cause,
      );
    });
  }

  /** A mailbox in a domain that was another's proves nothing of who had an account before: then it takes that person's own factor. @throws ProviderRefused */
  private async requireOwnHands({ email, registeredAt, multiFactor }: AccountStatus, organizationId: string) {
    const since = new Date(registeredAt);
    if (!multiFactor && (await changedHands(this.pool, addressDomain(email), { organizationId, since })))
      throw refused('domain-changed-hands');
  }

  private async bindNew(store: EventStore, accountId: string, through: Through, cause: Cause): Promise<void> {
    const { connectionId, subjectDigest, vouched } = through;
    const { subject } = vouched;
    await handle(
      store,
      account,
      accountId,
      { type: 'BindSubject', connectionId, subjectDigest, subject },
      followUp(cause),
    );
  }

  /** Makes a member of somebody who is none yet, where an owner stands for that; organization learns which account the person has. */
  private async admit(
    accountId: string,
    organizationId: string,
    { connectionId, vouched }: Through,
    context: CallContext,
  ) {
    const { admitted, streamId } = await this.peers
      .of('organization', 'SingleSignOn')
      .admitMember({ organizationId, connectionId, accountId, person: personOf(vouched.subject) }, context);
    if (!admitted) throw notAMember();
    await this.foreign.catchUp('organization.organizations', streamId);
  }

  /** The address that the provider vouches for, in a domain that is the organization's. @throws ProviderRefused */
  private async ownAddress({ connectionId, vouched }: Through): Promise<string> {
    const email = addressOf(vouched);
    const own = await enforcedFor(this.pool, email);
    if (own?.connectionId !== connectionId) throw refused('address-foreign');
    if (own.lapsed) throw refused('domain-lapsed');
    return email;
  }

  private async boundTo({
    connectionId,
    subjectDigest,
  }: Pick<Through, 'connectionId' | 'subjectDigest'>): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ account_id: string }>(
      'SELECT account_id FROM sso_bindings WHERE connection_id = $1 AND subject_digest = $2',
      [connectionId, subjectDigest],
    );
    return rows[0]?.account_id;
  }

  /** An assertion counts once, in all processes. */
  private async takeOnce(tx: Tx, connectionId: string, { assertionId }: Vouched, { at }: Cause): Promise<void> {
    if (assertionId !== undefined && !(await useAssertion(tx, connectionId, assertionId, at)))
      throw refused('assertion-used');
  }

  /** The account that signs in as this person of the provider. */
  async accountOf(
    connectionId: string,
    person: string,
    subjectAttribute: string | undefined,
  ): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ account_id: string }>(
      'SELECT account_id FROM sso_bindings WHERE connection_id = $1 AND subject_digest = ANY($2)',
      [connectionId, subjectsOf(person, subjectAttribute).map((subject) => this.subjectDigest(connectionId, subject))],
    );
    return rows[0]?.account_id;
  }

  /** What our SAML provider is told of us. @throws Problem where the connection is none of SAML's. */
  async metadata(connectionId: string, origin: string, context: CallContext): Promise<string> {
    const { n } = await this.connections.newest(connectionId, context);
    return this.protocols.metadata(await this.connections.open(connectionId, n, context), origin);
  }

  private network(network: string): string {
    return keyedDigest(this.config.installationKey, 'single-sign-on', network);
  }

  private subjectDigest(connectionId: string, subject: string): string {
    return keyedDigest(this.config.installationKey, 'sso-subject', `${connectionId}|${subject}`);
  }
}

/** Whether the provider proves that the person has signed in there since this was begun. */
const isFresh = ({ authenticatedAt }: Vouched, { beganAt }: Begun): boolean =>
  authenticatedAt !== undefined && authenticatedAt.getTime() >= beganAt.getTime() - CLOCKS_APART_MS;

/** @throws ProviderRefused where the provider tells none. */
function addressOf({ email }: Vouched): string {
  if (email === undefined) throw refused('address-missing');
  return email;
}

const alreadyBound = () =>
  new Problem(
    'sign-in/already-bound',
    'The account with this address belongs to another person at your identity provider. Its owners have been told; one of them can unbind it.',
  );

/** The check that owners are shown; of our own refusals their code. */
const checkOf = (error: unknown): string =>
  error instanceof ProviderRefused
    ? error.check
    : error instanceof ProviderUnavailable
      ? 'provider-unavailable'
      : error instanceof Problem
        ? error.code
        : 'internal';

async function heard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemFor(error);
  }
}

/** What strangers hear of it. */
function problemFor(error: unknown): unknown {
  if (error instanceof ProviderRefused)
    return error.check === 'not-fresh'
      ? new Problem(
          'sign-in/not-fresh',
          'Your provider has not proved that you signed in just now. Sign out there and try again.',
        )
      : new Problem(
          'sign-in/provider-refused',
          "The answer of your identity provider was not accepted. Try again; owners find why in the connection's list of attempts.",
        );
  if (error instanceof ProviderUnavailable)
    return new Problem(
      'sign-in/provider-unavailable',
      'Your identity provider does not answer. Keys and open sessions go on working; try again in a minute.',
    );
  return error;
}
