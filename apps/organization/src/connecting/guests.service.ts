import { type Cause, followUp, PostgresEventStore } from '#event-sourcing';
import { type CallContext, Peers } from '#platform';
import { Injectable } from '@nestjs/common';
import { lockOrganization } from '../locks.ts';
import { Enforcement } from '../organization/enforcement.client.ts';
import { decideIn } from '../organization/organizations.service.ts';
import { findSingleSignOn } from '../single-sign-on/break-glass.ts';
import { enforcedOf, isClosedToGuests } from '../single-sign-on/connections.decider.ts';

const PAGE = 1_000;

/** Keeps people with an address elsewhere out of organizations that take none, as long as they take none. */
@Injectable()
export class Guests {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly peers: Peers,
    private readonly enforcement: Enforcement,
  ) {}

  /** Whether every gate knows. Where guests are welcome nothing is asked of anybody. */
  async keepOut(organizationId: string, cause: Cause, context: CallContext): Promise<boolean> {
    if (!isClosedToGuests(await findSingleSignOn(this.store, organizationId))) return true;
    const guests = await this.guestsOf(organizationId, context);
    const decided = await this.store.transact(async (store, tx) => {
      await lockOrganization(tx, organizationId);
      const state = await findSingleSignOn(store, organizationId);
      if (!isClosedToGuests(state)) return undefined;
      const spared = enforcedOf(state)?.settings.breakGlassAccountId;
      const meant = guests.filter((accountId) => accountId !== spared);
      return decideIn(store, tx, organizationId, { type: 'SettleGuests', guests: meant }, followUp(cause));
    });
    return !decided || this.enforcement.atGates(decided, context);
  }

  /** Identity knows where addresses lie. */
  private async guestsOf(organizationId: string, context: CallContext): Promise<string[]> {
    const guests: string[] = [];
    for (let part: string[] | undefined; part === undefined || part.length === PAGE; guests.push(...part)) {
      const after = guests.at(-1);
      const asked = { organizationId, limit: PAGE, ...(after === undefined ? {} : { after }) };
      part = (await this.peers.of('identity', 'SingleSignOn').listGuests(asked, context)).accountIds;
    }
    return guests;
  }
}
