import type { DeliveredFact, Inbox } from '#bus';
import { type Cause, type EventStore, handle, type Tx } from '#event-sourcing';
import { Clock } from '#platform';
import { Injectable } from '@nestjs/common';
import { organization } from './organization/organization.decider.ts';
import { organizationsOf } from './organization/places.query.ts';
import { standing } from './organization/standing.projection.ts';
import { singleSignOn } from './single-sign-on/single-sign-on.decider.ts';
import { enforcingOf } from './single-sign-on/single-sign-on-places.query.ts';
import { writeRecord } from './record/record.ts';
import { lockStanding } from './locks.ts';

/** The only way in from the bus, and for what is read from identity when the bus is late. */
@Injectable()
export class OrganizationInbox implements Inbox {
  readonly topics = [
    'identity.accounts',
    'identity.logins',
    'organization.organizations',
    'organization.single-sign-on',
    'key-management.keys',
  ] as const;

  constructor(private readonly clock: Clock) {}

  async receive(facts: readonly DeliveredFact[], { store, sql }: { store: EventStore; sql: Tx }): Promise<void> {
    for (const fact of facts)
      await take(fact, store, sql, {
        at: this.clock.now(),
        correlationId: fact.correlationId,
        causationId: fact.eventId,
        actor: 'service:identity',
      });
    await writeRecord(sql, facts);
  }
}

async function take(fact: DeliveredFact, store: EventStore, sql: Tx, cause: Cause): Promise<void> {
  switch (fact.name) {
    case 'AccountRegistered.v1': {
      const { accountId, organizationId, projectId } = fact.data;
      await handle(
        store,
        organization,
        organizationId,
        {
          type: 'CreateOrganization',
          name: 'Personal',
          ownerId: accountId,
          firstProject: { projectId, name: 'First project' },
        },
        cause,
      );
      return;
    }
    case 'AccountSuspended.v1':
    case 'AccountReactivated.v1':
      // A member who joins at this moment waits here, and then sees the change.
      await lockStanding(sql, fact.data.accountId, 'changes');
      await standing.apply(sql, [fact]);
      return changeStanding(
        store,
        sql,
        { accountId: fact.data.accountId, suspended: fact.name === 'AccountSuspended.v1' },
        cause,
      );
    case 'LoginRecorded.v2':
      // Whoever else came in without the provider was judged by none.
      if (!fact.data.methods.includes('sso')) await recordBreakGlass(store, sql, fact.data.accountId, cause);
      return;
    default:
  }
}

async function recordBreakGlass(store: EventStore, sql: Tx, accountId: string, cause: Cause) {
  for (const organizationId of await enforcingOf(sql, accountId))
    await handle(store, singleSignOn, organizationId, { type: 'RecordBreakGlass', accountId }, cause);
}

async function changeStanding(
  store: EventStore,
  sql: Tx,
  { accountId, suspended }: { accountId: string; suspended: boolean },
  cause: Cause,
) {
  for (const organizationId of await organizationsOf(sql, accountId)) {
    await handle(
      store,
      organization,
      organizationId,
      { type: suspended ? 'SuspendMember' : 'ReactivateMember', accountId },
      cause,
    );
  }
}
