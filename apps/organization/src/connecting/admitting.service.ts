import { type Cause, type EventStore, handle, type Handled, PostgresEventStore } from '#event-sourcing';
import { SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationConfig } from '../config.ts';
import { lockMemberships, lockOrganization, lockStanding } from '../locks.ts';
import { organization } from '../organization/organization.decider.ts';
import { find } from '../organization/organizations.service.ts';
import { isSuspended, refuseTooMany } from '../organization/places.query.ts';
import type { Organization, OrganizationEvent } from '../organization/vocabulary.decider.ts';
import { findSingleSignOn } from '../single-sign-on/break-glass.ts';

/** Makes members of people whom nobody invited but whom the organization's provider vouches for. */
@Injectable()
export class Admitting {
  constructor(
    private readonly store: PostgresEventStore,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  /** Undefined where they may not be: nobody who still owns the organization lets the provider make members, or an owner has removed them. */
  async admit(
    { organizationId, connectionId, accountId }: Record<'organizationId' | 'connectionId' | 'accountId', string>,
    cause: Cause,
  ): Promise<Handled<Organization, OrganizationEvent> | undefined> {
    return this.store.transact(async (store, tx) => {
      await lockStanding(tx, accountId, 'joins');
      await lockMemberships(tx, accountId);
      await lockOrganization(tx, organizationId);
      const { connections } = await findSingleSignOn(store, organizationId);
      const connection = connections.get(connectionId);
      const inviterId = connection?.enforced ? connection.settings.justInTime : false;
      if (inviterId === false) return undefined;
      const owner = (await find(store, organizationId))?.state.members.get(inviterId);
      if (owner?.role !== 'owner' || (await wasRemoved(store, organizationId, accountId))) return undefined;
      const joined = await handle(
        store,
        organization,
        organizationId,
        {
          type: 'AdmitMember',
          accountId,
          inviterId,
          role: 'member',
          projectIds: [],
          suspended: await isSuspended(tx, accountId),
          // The provider judges its people's factors.
          secured: true,
          at: cause.at.toISOString(),
        },
        cause,
      );
      await refuseTooMany(tx, accountId, this.config.organizationsPerAccount);
      return joined;
    });
  }
}

/** Whether an owner has sent them away: the provider does not bring them back, an invitation does. */
async function wasRemoved(store: EventStore, organizationId: string, accountId: string): Promise<boolean> {
  const past = await store.readStream<OrganizationEvent>(`organization-${organizationId}`);
  const last = past.findLast(
    ({ event }) =>
      (event.type === 'MemberJoined' || event.type === 'MemberRemoved') && event.data.accountId === accountId,
  )?.event;
  return last?.type === 'MemberRemoved' && last.data.reason === 'removed';
}
