import type { DeliveredFact, Inbox } from '#bus';
import type { FactData } from '#contracts';
import { type Cause, type EventStore, handle, load, type Tx } from '#event-sourcing';
import { Clock, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { account } from './account/account.decider.ts';
import { lockAccount } from './locks.ts';
import type { IdentityConfig } from './config.ts';
import { domainKey } from './governance/governance.query.ts';
import { enforced } from './governance/enforced.projection.ts';
import { lockPasswords, type NewlyGoverned } from './governance/password-locks.ts';
import { login } from './sign-in/login.decider.ts';
import { demands } from './demand/demands.projection.ts';
import { endSessions } from './session/end-sessions.ts';

/** The only way in from the bus: inactivity-policy states that an account is dormant, identity decides; what organizations ask of their people is written down. */
@Injectable()
export class IdentityInbox implements Inbox {
  readonly topics = [
    'inactivity-policy.decisions',
    'organization.organizations',
    'organization.single-sign-on',
  ] as const;

  private readonly domainKey: Buffer;

  constructor(
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) { installationKey }: IdentityConfig,
  ) {
    this.domainKey = domainKey(installationKey);
  }

  async receive(facts: readonly DeliveredFact[], { store, sql }: { store: EventStore; sql: Tx }): Promise<void> {
    await demands.apply(sql, facts);
    await enforced.apply(sql, facts);
    const governed = newlyGoverned(facts);
    if (governed.organizationIds.length + governed.accountIds.length > 0)
      await lockPasswords(sql, this.domainKey, governed, this.clock.now());
    for (const fact of facts) {
      if (fact.name === 'DormancyReached.v1')
        await suspend(store, sql, fact.data, {
          at: this.clock.now(),
          correlationId: fact.correlationId,
          causationId: fact.eventId,
          actor: 'service:inactivity-policy',
        });
    }
  }
}

const newlyGoverned = (facts: readonly DeliveredFact[]): NewlyGoverned => ({
  organizationIds: facts.flatMap(({ name, data }) =>
    name === 'SingleSignOnEnforced.v1' || name === 'DomainVerified.v1' ? [data.organizationId] : [],
  ),
  accountIds: facts.flatMap(({ name, data }) => (name === 'MemberJoined.v1' ? [data.accountId] : [])),
});

/** Suspends, and ends every session with it. */
async function suspend(
  store: EventStore,
  sql: Tx,
  { accountId, dueAt, lastActivity }: FactData<'DormancyReached.v1'>,
  cause: Cause,
) {
  await lockAccount(sql, accountId);
  const {
    state: { latest },
  } = await load(store, login, accountId);
  const decided = await handle(
    store,
    account,
    accountId,
    { type: 'SuspendForInactivity', dueAt, at: cause.at.toISOString(), evidence: lastActivity.signIn, latest },
    cause,
  );
  if (decided.events.length === 0) return;
  await endSessions(store, sql, accountId, cause, { reason: 'suspended' });
}
