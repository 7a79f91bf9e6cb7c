import {
  type Cause,
  type EventStore,
  fold,
  followUp,
  handle,
  PostgresEventStore,
  Refused,
  type Tx,
  type SealingKeys,
} from '#event-sourcing';
import {
  type CallContext,
  isLinkToken,
  keyedDigest,
  linkSubjectId,
  normalizedEmail,
  Peers,
  Problem,
  SERVICE_CONFIG,
  takeHourly,
  masterKeysOf,
} from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { account } from '../account/account.decider.ts';
import { aboutPerson, Passwords } from '../password/password.ts';
import type { IdentityConfig } from '../config.ts';
import { beginSession, type Begun } from '../sign-in/begin-session.ts';
import type { LoginMethod } from '../session/session.decider.ts';
import type { Visit } from '../session/devices.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { enforcedFor } from '../governance/governance.query.ts';
import { singleSignOn } from '../governance/through.ts';
import { dropAddresses } from '../email-address/pending-address.ts';
import { linkUnknown, signUp, type SignUpEvent } from './sign-up.decider.ts';

/** A new account and its first session. Organization makes the organization and the project under the ids given here. */
export interface Registered extends Begun {
  readonly organizationId: string;
  readonly projectId: string;
}

interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly method: LoginMethod;
  readonly visit: Visit;
  /** Spends what proved the address, in the same transaction. */
  readonly spend: (store: EventStore, accountId: string) => Promise<unknown>;
}

/** The two ways to an account: a mailed link of one's own, or an invitation that proved the address. */
@Injectable()
export class Registration {
  private readonly masterKeys: SealingKeys;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly passwords: Passwords,
    private readonly addresses: AddressBook,
    private readonly peers: Peers,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    this.masterKeys = masterKeysOf(config);
  }

  /** Remembers the wish; the mail follows from the fact. The same work whether or not the address is registered. */
  async request(email: string, network: string, cause: Cause): Promise<void> {
    const address = normalizedEmail(email);
    const emailDigest = this.addresses.emailDigest(address);
    if (
      !(await takeHourly(
        this.pool,
        keyedDigest(this.config.installationKey, 'network', network),
        this.config.signUpsPerNetworkAndHour,
        cause.at,
      ))
    ) {
      throw new Problem('request/rate-limited', 'Too many sign-ups came from your network within the hour.', {
        retryAfterSeconds: 3600,
      });
    }
    // Silence, not a refusal: a refusal would tell that another person asked for this address.
    if (!(await this.addresses.takeMail(this.pool, emailDigest, cause.at))) return;
    const registered = (await this.addresses.accountIdByDigest(emailDigest)) !== undefined;
    const managed = (await enforcedFor(this.pool, address)) !== undefined;
    const signUpId = uuid();
    await this.store.transact(async (store, tx) => {
      await this.addresses.keepPending(tx, { signUpId, emailDigest, email: address, at: cause.at });
      await handle(
        store,
        signUp,
        signUpId,
        { type: 'RequestSignUp', emailDigest, registered, managed, at: cause.at.toISOString() },
        cause,
      );
    });
  }

  async verify(token: string, name: string, password: string, visit: Visit, cause: Cause): Promise<Registered> {
    const signUpId = linkSubjectId(token) ?? '';
    const email = await this.provedAddress(signUpId, token, cause.at);
    if (await enforcedFor(this.pool, email)) throw singleSignOn();
    return this.register(
      {
        email,
        name,
        password,
        method: 'sign-up',
        visit,
        spend: (store, accountId) =>
          handle(store, signUp, signUpId, { type: 'VerifySignUp', accountId, at: cause.at.toISOString() }, cause),
      },
      cause,
    );
  }

  async registerInvited(
    token: string,
    name: string,
    password: string,
    visit: Visit,
    cause: Cause,
    context: CallContext,
  ): Promise<Registered> {
    const { email } = await this.peers.of('organization', 'Invitations').proveInvitation({ token }, context);
    if (await enforcedFor(this.pool, email)) throw singleSignOn();
    return this.register({ email, name, password, method: 'invitation', visit, spend: () => Promise.resolve() }, cause);
  }

  private async provedAddress(signUpId: string, token: string, at: Date): Promise<string> {
    const past = signUpId === '' ? [] : await this.store.readStream<SignUpEvent>(`sign-up-${signUpId}`);
    const requested = past[0];
    if (
      !requested ||
      !isLinkToken(this.config.installationKey, token, { purpose: 'sign-up', id: signUpId, eventId: requested.eventId })
    )
      throw new Refused(linkUnknown);
    const decision = signUp.decide(
      { type: 'VerifySignUp', accountId: '', at: at.toISOString() },
      fold(
        signUp,
        past.map((recorded) => recorded.event),
      ),
    );
    if ('refused' in decision) throw new Refused(decision);
    const email = await this.addresses.pendingAddress(signUpId);
    if (email === undefined) throw new Refused(linkUnknown);
    return email;
  }

  /** Asks the mailbox of somebody whom a provider has brought without having verified it. False where it had too many mails. */
  async askVouched(email: string, attempt: string, cause: Cause): Promise<boolean> {
    const address = normalizedEmail(email);
    const emailDigest = this.addresses.emailDigest(address);
    if (!(await this.addresses.takeMail(this.pool, emailDigest, cause.at))) return false;
    const signUpId = uuid();
    await this.store.transact(async (store, tx) => {
      await this.addresses.keepPending(tx, { signUpId, emailDigest, email: address, at: cause.at });
      const at = cause.at.toISOString();
      const command = { type: 'RequestSignUp', emailDigest, registered: false, managed: false, attempt, at } as const;
      await handle(store, signUp, signUpId, command, cause);
    });
    return true;
  }

  /** The sign-in that waits for a mailed link, where it is one of `askVouched`. @throws Refused for a link that does not work */
  async vouchedLink(
    token: string,
    at: Date,
  ): Promise<{ signUpId: string; email: string; attempt: string } | undefined> {
    const signUpId = linkSubjectId(token) ?? '';
    const [requested] =
      signUpId === '' ? [] : await this.store.readStream<SignUpEvent>(`sign-up-${signUpId}`, { upTo: 1 });
    const attempt = requested?.event.type === 'SignUpRequested' ? requested.event.data.attempt : undefined;
    return attempt === undefined
      ? undefined
      : { signUpId, email: await this.provedAddress(signUpId, token, at), attempt };
  }

  /** The account of somebody whom an organization's provider vouches for: it has no password. Answers its id; `bind` ties it to them in the same transaction. */
  async registerVouched(
    { email, name }: Pick<NewAccount, 'email' | 'name'>,
    cause: Cause,
    bind: (store: EventStore, accountId: string) => Promise<unknown>,
    signUpId?: string,
  ): Promise<string> {
    const ids = { accountId: uuid(), organizationId: uuid(), projectId: uuid() };
    await this.store.transact(async (store, tx) => {
      if (signUpId !== undefined) {
        const { accountId } = ids;
        const spent = { type: 'VerifySignUp', accountId, at: cause.at.toISOString() } as const;
        await handle(store, signUp, signUpId, spent, followUp(cause));
      }
      await this.make(store, tx, ids, { email: normalizedEmail(email), name }, cause);
      await bind(store, ids.accountId);
    });
    return ids.accountId;
  }

  private async register(
    { email, name, password, method, visit, spend }: NewAccount,
    cause: Cause,
  ): Promise<Registered> {
    this.passwords.requireGood(password, aboutPerson({ email, name }), { alone: true });
    const ids = { accountId: uuid(), organizationId: uuid(), projectId: uuid() };
    const passwordHash = await this.passwords.hash(password);
    return this.store.transact(async (store, tx: Tx) => {
      await spend(store, ids.accountId);
      const made = await this.make(store, tx, ids, { email, name, passwordHash }, cause);
      const begun = await beginSession(
        store,
        tx,
        {
          accountId: ids.accountId,
          account: made.state,
          methods: [method],
          visit,
          masterKeys: this.masterKeys,
          governed: undefined,
        },
        cause,
      );
      return { ...ids, ...begun, handled: [made, ...begun.handled] };
    });
  }

  private async make(
    store: EventStore,
    tx: Tx,
    ids: Pick<Registered, 'accountId' | 'organizationId' | 'projectId'>,
    person: { readonly email: string; readonly name: string; readonly passwordHash?: string },
    cause: Cause,
  ) {
    const { accountId, ...places } = ids;
    const emailDigest = this.addresses.emailDigest(person.email);
    const at = cause.at.toISOString();
    const made = await handle(
      store,
      account,
      accountId,
      { type: 'RegisterAccount', emailDigest, ...person, ...places, at },
      cause,
    );
    await this.addresses.keepDomain(tx, accountId, person.email);
    await dropAddresses(tx, emailDigest);
    return made;
  }
}
