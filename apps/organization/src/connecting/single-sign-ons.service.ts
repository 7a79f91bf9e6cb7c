import {
  type Cause,
  type EventStore,
  followUp,
  handle,
  type Handled,
  PostgresEventStore,
  Refused,
  type Refusal,
  type Tx,
} from '#event-sourcing';
import { type CallContext, Peers, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { lockDomain, lockOrganization } from '../locks.ts';
import { organizationUnknown } from '../organization/members.decider.ts';
import { decideIn, find, Organizations, requireOwner } from '../organization/organizations.service.ts';
import type { OrganizationStatus } from '../organization/vocabulary.decider.ts';
import { findSingleSignOn } from '../single-sign-on/break-glass.ts';
import { connectionUnknown, isClosedToGuests } from '../single-sign-on/connections.decider.ts';
import { domainUnknown } from '../single-sign-on/domains.decider.ts';
import { singleSignOn } from '../single-sign-on/single-sign-on.decider.ts';
import {
  holderOf,
  organizationOfConnection,
  organizationOfDomain,
} from '../single-sign-on/single-sign-on-places.query.ts';
import type {
  ProveDomain,
  SingleSignOn,
  SingleSignOnCommand,
  SingleSignOnEvent,
} from '../single-sign-on/vocabulary.decider.ts';

export type HandledSingleSignOn = Handled<SingleSignOn, SingleSignOnEvent>;

/** What is done in the transaction of a command, when it was carried out. */
type Also = (tx: Tx, handled: HandledSingleSignOn) => Promise<void>;

/** Judges and carries out, from the stream itself, what owners and operators decide about single sign-on. */
@Injectable()
export class SingleSignOns {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly peers: Peers,
    private readonly organizations: Organizations,
  ) {}

  /** By an owner, who is one until it is done. The command may depend on who is in the organization. */
  async carryOut(
    callerId: string,
    organizationId: string,
    command: SingleSignOnCommand | ((organization: OrganizationStatus) => SingleSignOnCommand),
    cause: Cause,
    also?: Also,
  ): Promise<HandledSingleSignOn> {
    await this.organizations.asOwner(callerId, organizationId);
    return this.locked(organizationId, async (store, tx) => {
      const folded = await find(store, organizationId);
      if (!folded) throw new Refused(organizationUnknown);
      requireOwner(folded.state, callerId);
      const wanted = typeof command === 'function' ? command(folded.state) : command;
      const handled = await handle(store, singleSignOn, organizationId, wanted, cause);
      if (!handled.repeated) await also?.(tx, handled);
      await letGuestsIn(store, tx, organizationId, handled, cause);
      return handled;
    });
  }

  /** By whoever may without being an owner: an operator, the daily look. */
  carryOutAnyway(
    organizationId: string,
    command: SingleSignOnCommand,
    cause: Cause,
    also?: Also,
  ): Promise<HandledSingleSignOn> {
    return this.locked(organizationId, async (store, tx) => {
      const handled = await handle(store, singleSignOn, organizationId, command, cause);
      if (handled.events.length > 0) await also?.(tx, handled);
      await letGuestsIn(store, tx, organizationId, handled, cause);
      return handled;
    });
  }

  /** A proof was seen: the domain is the organization's, once nobody else's proof counts. @param callerId an owner; undefined: whoever may anyway */
  prove(
    callerId: string | undefined,
    organizationId: string,
    { domain, ...command }: ProveDomain & { domain: string },
    cause: Cause,
  ): Promise<HandledSingleSignOn> {
    return this.store.transact(async (store, tx) => {
      await lockDomain(tx, domain);
      const holder = await holderOf(tx, domain);
      const both = new Set([organizationId, holder ?? organizationId]);
      for (const each of [...both].sort()) await lockOrganization(tx, each);
      if (callerId !== undefined) await this.requireOwner(store, organizationId, callerId);
      if (holder !== undefined && holder !== organizationId)
        await handle(
          store,
          singleSignOn,
          holder,
          { type: 'YieldDomain', domain, at: cause.at.toISOString() },
          followUp(cause),
        );
      return handle(store, singleSignOn, organizationId, command, cause);
    });
  }

  find(organizationId: string): Promise<SingleSignOn> {
    return findSingleSignOn(this.store, organizationId);
  }

  /** The organization of a connection, for its owners. @throws Refused: strangers hear the same as of one that does not exist */
  ofConnection(callerId: string, connectionId: string): Promise<string> {
    return this.owned(callerId, organizationOfConnection(this.pool, connectionId), connectionUnknown);
  }

  ofDomain(callerId: string, domainId: string): Promise<string> {
    return this.owned(callerId, organizationOfDomain(this.pool, domainId), domainUnknown);
  }

  /** Whether an account has a second factor, as identity knows it; one that nobody has has none, so that nobody learns which there are. */
  async isSecured(accountId: string | undefined, context: CallContext): Promise<boolean> {
    if (accountId === undefined) return false;
    try {
      const { multiFactor, passkey } = await this.peers.of('identity', 'Accounts').getStanding({ accountId }, context);
      return multiFactor || passkey;
    } catch (error) {
      if (error instanceof Problem && error.code === 'account/unknown') return false;
      throw error;
    }
  }

  private async owned(callerId: string, looked: Promise<string | undefined>, unknown: Refusal): Promise<string> {
    const organizationId = await looked;
    const folded = organizationId === undefined ? undefined : await find(this.store, organizationId);
    if (!folded?.state.members.has(callerId)) throw new Refused(unknown);
    requireOwner(folded.state, callerId);
    return folded.organizationId;
  }

  private async requireOwner(store: EventStore, organizationId: string, callerId: string): Promise<void> {
    const folded = await find(store, organizationId);
    if (!folded) throw new Refused(organizationUnknown);
    requireOwner(folded.state, callerId);
  }

  private locked<T>(organizationId: string, work: (store: EventStore, tx: Tx) => Promise<T>): Promise<T> {
    return this.store.transact(async (store, tx) => {
      await lockOrganization(tx, organizationId);
      return work(store, tx);
    });
  }
}

/** What keeps guests out ends with the very decision that ends it, whoever takes it. */
async function letGuestsIn(
  store: EventStore,
  tx: Tx,
  organizationId: string,
  { events, state }: HandledSingleSignOn,
  cause: Cause,
): Promise<void> {
  if (events.length > 0 && !isClosedToGuests(state))
    await decideIn(store, tx, organizationId, { type: 'SettleGuests', guests: [] }, followUp(cause));
}
