import type { DeliveredFact, Inbox, Message } from '#bus';
import { type Cause, type EventStore, handle, type Tx } from '#event-sourcing';
import { Clock } from '#platform';
import { Injectable } from '@nestjs/common';
import { withdrawnBy } from './fence/foreign-withdrawals.ts';
import { note } from './fence/withdrawals.ts';
import { key } from './key/key.decider.ts';
import { standingKeys } from './key-gate/key-gate.query.ts';
import { membership } from './membership/membership.projection.ts';

/** The only way in from the bus, and for what is read from its owner when the bus is late. An account that left a project loses its keys there for good. */
@Injectable()
export class KeyManagementInbox implements Inbox {
  readonly topics = ['organization.organizations', 'identity.accounts'] as const;

  constructor(private readonly clock: Clock) {}

  async receive(facts: readonly DeliveredFact[], { store, sql }: { store: EventStore; sql: Tx }): Promise<void> {
    // The membership goes first: it waits for keys that are being issued under it, which are then found and revoked.
    await membership.apply(sql, facts);
    for (const fact of facts) {
      if (fact.name === 'AccountSuspended.v1') note(sql, fact.data.accountId);
      if (fact.name === 'ProjectArchived.v1') note(sql, fact.data.projectId);
      if (fact.name === 'MemberDeactivated.v1')
        for (const keyId of await standingKeys(sql, {
          accountId: fact.data.accountId,
          organizationId: fact.data.organizationId,
        }))
          note(sql, keyId);
      const cause = {
        at: this.clock.now(),
        correlationId: fact.correlationId,
        causationId: fact.eventId,
        actor: 'service:organization',
      };
      if (fact.name === 'MemberRemoved.v1')
        await revokeAll(
          store,
          await standingKeys(sql, { accountId: fact.data.accountId, organizationId: fact.data.organizationId }),
          cause,
        );
      if (fact.name === 'ProjectMemberRemoved.v1')
        await revokeAll(
          store,
          await standingKeys(sql, { accountId: fact.data.accountId, projectId: fact.data.projectId }),
          cause,
        );
    }
  }

  /** A parked message may withdraw its subject: gateways ask for that subject anew, and are answered that it cannot be decided. */
  parking(messages: readonly Message[], tx: Tx): void {
    for (const message of messages) {
      const subject = withdrawnBy(message);
      if (subject !== undefined) note(tx, subject);
    }
  }
}

async function revokeAll(store: EventStore, keyIds: readonly string[], cause: Cause) {
  for (const keyId of keyIds) await handle(store, key, keyId, { type: 'RevokeKey', reason: 'owner-left' }, cause);
}
