import { type Cause, followUp, handle, PostgresEventStore } from '#event-sourcing';
import { type CallContext, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { lockAccount } from '../locks.ts';
import { enforcedAs } from '../governance/governance.query.ts';
import { sessionsOfProvider } from '../governance/provider-sessions.ts';
import { session } from '../session/session.decider.ts';
import { Arrivals } from './arrivals.service.ts';
import { useAssertion } from './attempts.ts';
import { refused } from './checks.ts';
import { Connections } from './connections.client.ts';
import { ProviderRefused, ProviderUnavailable } from './protocol.ts';
import { Protocols } from './protocols.ts';

/** Ends sessions where the provider has ended its own (OpenID Connect Back-Channel Logout 1.0). */
@Injectable()
export class ProviderLogout {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly connections: Connections,
    private readonly protocols: Protocols,
    private readonly arrivals: Arrivals,
  ) {}

  /** Answers how many it ended. @throws Problem `sign-in/provider-refused` for a token that does not pass, or was used. */
  async end(
    connectionId: string,
    logoutToken: string,
    origin: string,
    cause: Cause,
    context: CallContext,
  ): Promise<number> {
    const standing = await enforcedAs(this.pool, connectionId);
    if (!standing) throw new Problem('connection/unknown', 'This connection signs nobody in.');
    const connection = await this.connections.open(connectionId, standing.n, context);
    try {
      const { jti, sub, sid } = await this.protocols.endedThere(connection, logoutToken, origin, new Date());
      const sessions = await sessionsOfProvider(this.pool, connectionId, {
        providerSession: sid,
        subjectDigest: sub === undefined ? undefined : this.arrivals.subjectDigest(connectionId, sub),
      });
      // All or nothing: a provider that hears of a fault sends its token again.
      await this.store.transact(async (store, tx) => {
        if (!(await useAssertion(tx, connectionId, `logout|${jti}`, cause.at))) throw refused('token-used');
        for (const { sessionId, accountId } of sessions) {
          await lockAccount(tx, accountId);
          await handle(
            store,
            session,
            sessionId,
            { type: 'EndSession', accountId, reason: 'provider' },
            followUp(cause),
          );
        }
      });
      return sessions.length;
    } catch (error) {
      if (error instanceof ProviderRefused)
        throw new Problem('sign-in/provider-refused', `The logout token was not accepted: ${error.check}.`);
      if (error instanceof ProviderUnavailable)
        throw new Problem(
          'sign-in/provider-unavailable',
          'The keys of the provider cannot be read now. Send it again.',
        );
      throw error;
    }
  }
}
