import {
  type Cause,
  type EventStore,
  fold,
  followUp,
  handle,
  type Handled,
  PostgresEventStore,
  Refused,
  type Sql,
} from '#event-sourcing';
import {
  addressDomain,
  type CallContext,
  isLinkToken,
  linkSubjectId,
  linkToken,
  Peers,
  Problem,
  SERVICE_CONFIG,
} from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { OrganizationConfig } from '../config.ts';
import { organization } from '../organization/organization.decider.ts';
import type { Organization, OrganizationStatus } from '../organization/vocabulary.decider.ts';
import { speaksAsOwner } from '../organization/members.decider.ts';
import { find } from '../organization/organizations.service.ts';
import { isSuspended, refuseTooMany } from '../organization/places.query.ts';
import { findSingleSignOn } from '../single-sign-on/break-glass.ts';
import { isClosedToGuests } from '../single-sign-on/connections.decider.ts';
import { domainsOf } from '../single-sign-on/single-sign-on.view.ts';
import type { SingleSignOn } from '../single-sign-on/vocabulary.decider.ts';
import { lockMemberships, lockOrganization, lockStanding } from '../locks.ts';
import {
  invitation,
  type Invitation,
  type InvitationEvent,
  invitationUnknown,
  isPending,
  linkUnknown,
  type Sent,
} from '../invitation/invitation.decider.ts';
import { forget, InvitedAddresses } from '../invitation/invited-addresses.ts';

/** An invitation whose link works. */
export interface OpenInvitation {
  readonly invitationId: string;
  readonly sent: Sent;
  readonly email: string;
  readonly organization: OrganizationStatus;
}

/** A member who joined, and the organization. */
export interface Joined {
  readonly organizationId: string;
  readonly state: Organization;
  readonly handled: readonly Handled<unknown, unknown>[];
}

/** Invitations by their mailed link. */
@Injectable()
export class Accepting {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly peers: Peers,
    private readonly addresses: InvitedAddresses,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  /** @throws Refused of every link that does not work, with one and the same answer. */
  async living(token: string, at: Date): Promise<OpenInvitation> {
    const { invitationId, state } = await this.opened(token, this.store);
    return this.open(invitationId, state, at, this.store, this.pool);
  }

  /** Spends the link: the account joins, if the address is its own. */
  async accept(token: string, accountId: string, cause: Cause, context: CallContext): Promise<Joined> {
    const { state } = await this.opened(token, this.store);
    if (state.status === 'accepted' && state.accountId === accountId)
      return this.joinedBefore(state.sent.organizationId);
    const { email } = await this.living(token, cause.at);
    if ((await this.ownerOf(email, context)) !== accountId)
      throw new Problem(
        'invitation/other-account',
        'You are signed in as somebody else than this invitation is for. Sign out and open the link again.',
      );
    return this.join((store) => this.opened(token, store), accountId, cause, context);
  }

  /** The account joins by the address that it has proved. @throws Refused as unknown of all that is not for it, or no longer. */
  async acceptOwn(invitationId: string, accountId: string, cause: Cause, context: CallContext): Promise<Joined> {
    const { state } = await this.read(invitationId, this.store);
    if (state.status === 'accepted' && state.accountId === accountId)
      return this.joinedBefore(state.sent.organizationId);
    const email = await this.addresses.find(this.pool, invitationId);
    if (email === undefined || (await this.ownerOf(email, context)) !== accountId) throw new Refused(invitationUnknown);
    return this.join(
      async (store) => ({ invitationId, ...(await this.read(invitationId, store)) }),
      accountId,
      cause,
      context,
    );
  }

  /** The account that has an address. */
  async ownerOf(email: string, context: CallContext): Promise<string | undefined> {
    return (await this.peers.of('identity', 'Accounts').findAccount({ email }, context)).accountId;
  }

  /** Where the mail of an invitation goes, while it waits for an answer. */
  async mailOf(invitationId: string, at: Date): Promise<{ email: string; token: string } | undefined> {
    const { state, eventId } = await this.read(invitationId, this.store);
    const email = isPending(state, at.toISOString()) ? await this.addresses.find(this.pool, invitationId) : undefined;
    return email === undefined
      ? undefined
      : { email, token: linkToken(this.config.installationKey, { purpose: 'invitation', id: invitationId, eventId }) };
  }

  /** The address of an account, which it has proved. */
  async addressOf(accountId: string, context: CallContext): Promise<string> {
    return (await this.peers.of('identity', 'Accounts').getAccount({ accountId }, context)).email;
  }

  private async open(
    invitationId: string,
    state: Invitation,
    at: Date,
    store: EventStore,
    sql: Sql,
  ): Promise<OpenInvitation> {
    if (state.status === 'unknown' || !isPending(state, at.toISOString())) throw new Refused(linkUnknown);
    const folded = await find(store, state.sent.organizationId);
    const email = await this.addresses.find(sql, invitationId);
    if (email === undefined || !folded || !speaksAsOwner(folded.state, state.sent.inviterId))
      throw new Refused(linkUnknown);
    return { invitationId, sent: state.sent, email, organization: folded.state };
  }

  private async join(
    opened: (store: EventStore) => Promise<{ invitationId: string; state: Invitation }>,
    accountId: string,
    cause: Cause,
    context: CallContext,
  ): Promise<Joined> {
    const at = cause.at.toISOString();
    const { multiFactor: secured } = await this.peers.of('identity', 'Accounts').getStanding({ accountId }, context);
    const domain = await this.domainOfGuest((await opened(this.store)).state, accountId, context);
    return this.store.transact(async (store, tx) => {
      await lockStanding(tx, accountId, 'joins');
      await lockMemberships(tx, accountId);
      const first = (await opened(store)).state;
      await lockOrganization(tx, first.status === 'unknown' ? '' : first.sent.organizationId);
      const { invitationId, state } = await opened(store);
      const {
        sent: { organizationId, inviterId, role, projectIds },
      } = await this.open(invitationId, state, cause.at, store, tx);
      const singleSignOn = await findSingleSignOn(store, organizationId);
      if (isClosedToGuests(singleSignOn)) refuseGuest(singleSignOn, domain);
      const accepted = await handle(
        store,
        invitation,
        invitationId,
        { type: 'AcceptInvitation', accountId, at },
        cause,
      );
      const suspended = await isSuspended(tx, accountId);
      const joined = await handle(
        store,
        organization,
        organizationId,
        { type: 'AdmitMember', accountId, inviterId, role, projectIds, suspended, secured, at },
        followUp(cause),
      );
      await refuseTooMany(tx, accountId, this.config.organizationsPerAccount);
      await forget(tx, invitationId);
      return { organizationId, state: joined.state, handled: [joined, accepted] };
    });
  }

  /** The domain of an account's address, where it decides about joining. */
  private async domainOfGuest(state: Invitation, accountId: string, context: CallContext): Promise<string | undefined> {
    if (state.status === 'unknown') return undefined;
    if (!isClosedToGuests(await findSingleSignOn(this.store, state.sent.organizationId))) return undefined;
    return addressDomain(await this.addressOf(accountId, context));
  }

  private async joinedBefore(organizationId: string): Promise<Joined> {
    const folded = await find(this.store, organizationId);
    if (!folded) throw new Refused(linkUnknown);
    return { organizationId, state: folded.state, handled: [] };
  }

  /** The invitation that a token is of: the latest one sent, as each sending makes the older token dead. */
  private async opened(token: string, store: EventStore): Promise<{ invitationId: string; state: Invitation }> {
    const invitationId = linkSubjectId(token);
    if (invitationId === undefined) throw new Refused(linkUnknown);
    const { state, eventId } = await this.read(invitationId, store);
    if (!isLinkToken(this.config.installationKey, token, { purpose: 'invitation', id: invitationId, eventId }))
      throw new Refused(linkUnknown);
    return { invitationId, state };
  }

  private async read(invitationId: string, store: EventStore): Promise<{ state: Invitation; eventId: string }> {
    const past = await store.readStream<InvitationEvent>(`invitation-${invitationId}`);
    return {
      state: fold(
        invitation,
        past.map((recorded) => recorded.event),
      ),
      eventId: past.findLast(({ type }) => type === 'InvitationSent')?.eventId ?? '',
    };
  }
}

/** @throws Problem for who has an address elsewhere; `service/busy` where nobody has asked for it, because guests were welcome a moment ago */
function refuseGuest(singleSignOn: SingleSignOn, domain: string | undefined): void {
  if (domain === undefined)
    throw new Problem('service/busy', 'The organization has just changed whom it takes. Try again.', {
      retryAfterSeconds: 1,
    });
  if (!domainsOf(singleSignOn).includes(domain))
    throw new Problem(
      'member/deactivated',
      'This organization takes no guests: its people have an address in its own domains, and yours lies elsewhere. Ask an owner of it.',
    );
}
