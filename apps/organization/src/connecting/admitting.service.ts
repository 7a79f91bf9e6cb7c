import { type Cause, type EventStore, handle, type Handled, PostgresEventStore } from '#event-sourcing';
import { SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { OrganizationConfig } from '../config.ts';
import { lockMemberships, lockOrganization, lockStanding } from '../locks.ts';
import { speaksAsOwner } from '../organization/members.decider.ts';
import { organization } from '../organization/organization.decider.ts';
import { find } from '../organization/organizations.service.ts';
import { isSuspended, refuseTooMany } from '../organization/places.query.ts';
import type { Organization, OrganizationEvent } from '../organization/vocabulary.decider.ts';
import { ScimUsers } from '../provisioning/scim-users.ts';
import { findSingleSignOn } from '../single-sign-on/break-glass.ts';
import type { Connection } from '../single-sign-on/vocabulary.decider.ts';

/** An account that came through a connection, as this person of its provider. */
export type Admission = Record<'organizationId' | 'connectionId' | 'accountId' | 'person', string>;

/** Makes members of people for whom the organization's provider vouches, where an owner stands for that. */
@Injectable()
export class Admitting {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly users: ScimUsers,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  /** What is said here of a person there whom no account is tied to yet. */
  async standingOf(
    organizationId: string,
    connectionId: string,
    person: string,
  ): Promise<'none' | 'invited' | 'deactivated'> {
    const user = await this.users.named(this.pool, connectionId, person);
    if (!user) return 'none';
    if (!user.active) return 'deactivated';
    const connection = (await findSingleSignOn(this.store, organizationId)).connections.get(connectionId);
    const state = (await find(this.store, organizationId))?.state;
    const stands = state && connection?.scimTokens.values().some((each) => speaksAsOwner(state, each));
    return stands ? 'invited' : 'none';
  }

  /** Undefined where they may not be: neither an owner's standing invitation nor one who lets the provider make members stands for them, or they were sent away since. */
  async admit(
    { organizationId, connectionId, accountId, person }: Admission,
    cause: Cause,
  ): Promise<Handled<Organization, OrganizationEvent> | undefined> {
    return this.store.transact(async (store, tx) => {
      await lockStanding(tx, accountId, 'joins');
      await lockMemberships(tx, accountId);
      await lockOrganization(tx, organizationId);
      const connection = (await findSingleSignOn(store, organizationId)).connections.get(connectionId);
      const state = (await find(store, organizationId))?.state;
      if (!connection || !state) return undefined;
      const user = await this.users.recognize(tx, connectionId, person, accountId);
      if (user?.active === false) return undefined;
      const inviterId = invitersOf(connection, user).find((each) => speaksAsOwner(state, each));
      const isMember = state.members.has(accountId);
      if (
        !isMember &&
        (inviterId === undefined || (await wasRemoved(store, organizationId, accountId, user?.createdAt)))
      )
        return undefined;
      const joined = await handle(
        store,
        organization,
        organizationId,
        {
          type: 'AdmitMember',
          accountId,
          inviterId: inviterId ?? '',
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

/** Who stands for people of the provider: for one whom it keeps here, the owners whose tokens it has; for anybody, who has switched that on. */
const invitersOf = ({ enforced, settings, scimTokens }: Connection, user: object | undefined): readonly string[] => [
  ...(enforced && user ? scimTokens.values() : []),
  ...(enforced && settings.justInTime !== false ? [settings.justInTime] : []),
];

/** Whether an owner or the provider has sent them away: only an invitation that is younger brings them back. */
async function wasRemoved(
  store: EventStore,
  organizationId: string,
  accountId: string,
  invitedAt: Date | undefined,
): Promise<boolean> {
  const past = await store.readStream<OrganizationEvent>(`organization-${organizationId}`);
  const last = past.findLast(
    ({ event }) =>
      (event.type === 'MemberJoined' || event.type === 'MemberRemoved') && event.data.accountId === accountId,
  );
  if (last?.event.type !== 'MemberRemoved' || last.event.data.reason !== 'removed') return false;
  return invitedAt === undefined || invitedAt <= last.occurredAt;
}
