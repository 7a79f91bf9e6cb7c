import type { DeliveredFact, Inbox } from '#bus';
import { type Cause, type EventStore, handle, type Tx } from '#event-sourcing';
import { Clock } from '#platform';
import { Injectable } from '@nestjs/common';
import { organization } from './organization/organization.decider.ts';
import { organizationIdsOf } from './roster/roster.query.ts';

/** The only way in from the bus. A new account gets its organization and its first project, under the ids that identity gave. */
@Injectable()
export class OrganizationInbox implements Inbox {
  readonly topics = ['identity.accounts'] as const;

  constructor(private readonly clock: Clock) {}

  async receive(facts: readonly DeliveredFact[], { store, sql }: { store: EventStore; sql: Tx }): Promise<void> {
    for (const fact of facts) {
      const cause: Cause = { at: this.clock.now(), correlationId: fact.correlationId, causationId: fact.eventId, actor: 'service:identity' };
      if (fact.name === 'AccountRegistered.v1') {
        const { accountId, organizationId, projectId } = fact.data;
        await handle(store, organization, organizationId, { type: 'CreateOrganization', name: 'Personal', ownerId: accountId }, cause);
        await handle(store, organization, organizationId, { type: 'CreateProject', by: accountId, projectId, name: 'First project' }, cause);
      }
      if (fact.name === 'AccountSuspended.v1' || fact.name === 'AccountReactivated.v1') {
        const { accountId } = fact.data;
        const suspended = fact.name === 'AccountSuspended.v1';
        for (const organizationId of await organizationIdsOf(sql, accountId)) await handle(store, organization, organizationId, { type: 'NoteSuspension', accountId, suspended }, cause);
      }
    }
  }
}
