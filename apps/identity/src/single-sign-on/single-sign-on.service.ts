import { type Cause, followUp, handle, PostgresEventStore, type SealingKeys } from '#event-sourcing';
import {
  addressDomain,
  type CallContext,
  Clock,
  keyedDigest,
  Peers,
  Problem,
  SERVICE_CONFIG,
  takeHourly,
  masterKeysOf,
} from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { enforcedAs, enforcedFor } from '../governance/governance.query.ts';
import { notBegunHere } from '../governance/through.ts';
import { lockAccount } from '../locks.ts';
import type { Visit } from '../session/devices.ts';
import { session } from '../session/session.decider.ts';
import { newToken, sessionOfAccount, tokenDigest } from '../session/sessions.query.ts';
import { findHalf } from '../sign-in/half-sessions.ts';
import { answerLimit } from '../sign-in/limits.ts';
import type { Step } from '../sign-in/sign-in.service.ts';
import { Tries } from '../sign-in/tries.ts';
import { addressOf, type Arrived, Arrivals } from './arrivals.service.ts';
import { type AttemptPurpose, type Begun, keepAttempt, newAttempt, settleAttempt, useAttempt } from './attempts.ts';
import { refused } from './checks.ts';
import { Connections } from './connections.client.ts';
import { type Answer, type Connection, ProviderRefused, type Vouched } from './protocol.ts';
import { Protocols } from './protocols.ts';
import { checkOf, heard, problemFor } from './refusals.ts';

/** How much older than its request a sign-in at the provider may be, for clocks that differ. */
const CLOCKS_APART_MS = 60_000;
/** Of one network: a company's whole staff may begin behind one address. */
const STARTS_PER_HOUR = 3_600;

/** Who asks for a sign-in at a provider, and what for. */
export interface Asking {
  /** One of the two. */
  readonly email: string | undefined;
  readonly connectionId: string | undefined;
  readonly purpose: AttemptPurpose;
  readonly holder: Begun['holder'];
  readonly invitationToken: string | undefined;
  readonly returnTo: string | undefined;
  readonly browserToken: string | undefined;
  readonly halfToken: string | undefined;
  readonly origin: string;
  /** For limits. */
  readonly network: string;
}

/** A browser that comes back. */
export interface Returning extends Answer {
  readonly connectionId: string;
  readonly browserToken: string;
  readonly state: string;
  readonly holder: Begun['holder'];
  readonly halfToken: string | undefined;
  readonly origin: string;
  readonly visit: Visit;
}

/** What an answer came to. */
export type Finished =
  | Arrived
  | { readonly tested: { readonly subject: string; readonly email: string; readonly fresh: boolean } }
  | { readonly provenToken: string };

/** Signs people in at their organization's own provider. */
@Injectable()
export class SingleSignOn {
  private readonly masterKeys: SealingKeys;
  private readonly tries: Tries;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly peers: Peers,
    private readonly addresses: AddressBook,
    private readonly connections: Connections,
    private readonly protocols: Protocols,
    private readonly arrivals: Arrivals,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    this.masterKeys = masterKeysOf(config);
    this.tries = new Tries(pool, () => clock.now());
  }

  /** Where the browser goes. @throws Problem `connection/unknown` where nobody signs in so. */
  async start(asking: Asking, context: CallContext): Promise<{ location: string; browserToken: string }> {
    const { purpose, holder, invitationToken, returnTo, origin, halfToken } = asking;
    if (!(await takeHourly(this.pool, this.network(asking.network), STARTS_PER_HOUR, this.clock.now())))
      throw new Problem('request/rate-limited', 'Too many sign-ins were begun in your network within the hour.', {
        retryAfterSeconds: 60,
      });
    const { connectionId, n } = await this.asked(asking, context);
    const connection = await this.connections.open(connectionId, n, context);
    const half =
      halfToken === undefined ? undefined : (await findHalf(this.pool, halfToken, this.clock.now())).tokenDigest;
    const attempt = newAttempt(purpose !== 'sign-in');
    const browserToken = asking.browserToken ?? newToken();
    const begun = { ...attempt, connectionId, n, purpose, holder, invitationToken, returnTo, half };
    await keepAttempt(this.pool, this.masterKeys, browserToken, begun, this.clock.now());
    try {
      const location = await this.protocols.of(connection, origin).begin(connection, attempt);
      return { location: location.href, browserToken };
    } catch (error) {
      await settleAttempt(this.pool, attempt.state, checkOf(error));
      throw problemFor(error);
    }
  }

  /** What the provider's answer comes to. It is used up, whatever it is. */
  async finish(
    returning: Returning,
    cause: Cause,
    context: CallContext,
  ): Promise<Finished & { readonly returnTo: string | undefined }> {
    const { connectionId, state, origin, visit } = returning;
    const begun = await useAttempt(this.pool, this.masterKeys, returning, cause.at);
    if (!begun) throw notBegunHere();
    let refusal: unknown;
    const finished = await this.tries.take([answerLimit(this.network(visit.network))], async () => {
      try {
        const connection = await this.connections.open(connectionId, begun.n, context);
        const vouched = await this.protocols.of(connection, origin).finish(
          connection,
          // A test looks whether the provider proves a new sign-in; it does not demand it.
          { ...begun, anew: begun.purpose === 'prove' },
          returning,
          new Date(),
        );
        return await this.judge(begun, connection, vouched, returning, cause, context);
      } catch (error) {
        await settleAttempt(this.pool, state, checkOf(error));
        if (!(error instanceof ProviderRefused)) throw problemFor(error);
        refusal = error;
        return undefined;
      }
    });
    if (!finished) throw problemFor(refusal);
    await settleAttempt(this.pool, state, '');
    return { ...finished, returnTo: begun.returnTo };
  }

  /** The mailed link that waits for whom the provider has brought, in the same browser. */
  bind(token: string, browserToken: string, visit: Visit, cause: Cause, context: CallContext): Promise<Step> {
    return heard(() => this.arrivals.arriveByLink(token, browserToken, { visit, cause, context }));
  }

  /** The connection that is meant, and its configuration. */
  private async asked(
    { email, connectionId, purpose }: Asking,
    context: CallContext,
  ): Promise<{ connectionId: string; n: number }> {
    if (purpose === 'test' && connectionId !== undefined) return this.connections.newest(connectionId, context);
    const found =
      connectionId === undefined
        ? await enforcedFor(this.pool, email ?? '')
        : await enforcedAs(this.pool, connectionId);
    if (!found) throw new Problem('connection/unknown', 'Nobody signs in by single sign-on with this address.');
    return found;
  }

  private judge(
    begun: Begun,
    connection: Connection,
    vouched: Vouched,
    returning: Returning,
    cause: Cause,
    context: CallContext,
  ): Promise<Finished> {
    switch (begun.purpose) {
      case 'sign-in': {
        const { connectionId, organizationId } = connection;
        const through = {
          connectionId,
          n: begun.n,
          attempt: tokenDigest(begun.state),
          subjectDigest: this.arrivals.subjectDigest(connectionId, vouched.subject),
          vouched,
        };
        const { visit, halfToken } = returning;
        return this.arrivals.arrive({ through, organizationId, visit, cause, context }, begun, halfToken);
      }
      case 'test':
        return this.test(begun, vouched, returning, context);
      case 'prove':
        return this.prove(begun, vouched, returning, cause);
    }
  }

  /** An owner sees what the provider says of them. Nobody is signed in, nothing is bound. */
  private async test(begun: Begun, vouched: Vouched, { holder }: Returning, context: CallContext): Promise<Finished> {
    const { connectionId, n } = begun;
    if (!begun.holder || holder?.sessionId !== begun.holder.sessionId) throw notBegunHere();
    const { domains } = await this.connections.newest(connectionId, context);
    const email = addressOf(vouched);
    if (!domains.includes(addressDomain(email))) throw refused('address-foreign');
    const fresh = isFresh(vouched, begun);
    await this.peers
      .of('organization', 'SingleSignOn')
      .recordTest({ connectionId, n, by: begun.holder.accountId, fresh }, context);
    return { tested: { subject: vouched.subject, email, fresh } };
  }

  /** Signed in there anew, as the same person: the session is proved, and gets a new token. */
  private async prove(begun: Begun, vouched: Vouched, { holder }: Returning, cause: Cause): Promise<Finished> {
    if (!begun.holder || holder?.sessionId !== begun.holder.sessionId) throw notBegunHere();
    const { accountId, sessionId } = begun.holder;
    const through = {
      connectionId: begun.connectionId,
      subjectDigest: this.arrivals.subjectDigest(begun.connectionId, vouched.subject),
    };
    if ((await this.arrivals.boundTo(through)) !== accountId) throw refused('subject-other');
    const token = newToken();
    await this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      await this.arrivals.takeOnce(tx, begun.connectionId, vouched, cause);
      const open = await sessionOfAccount(tx, this.addresses.domainKey, accountId, sessionId, cause.at);
      if (open?.connectionId !== begun.connectionId) throw notBegunHere();
      await handle(
        store,
        session,
        sessionId,
        { type: 'ProveSession', accountId, tokenDigest: tokenDigest(token), methods: ['sso'] },
        followUp(cause),
      );
    });
    return { provenToken: token };
  }

  /** What our SAML provider is told of us. @throws Problem where the connection is none of SAML's. */
  async metadata(connectionId: string, origin: string, context: CallContext): Promise<string> {
    const { n } = await this.connections.newest(connectionId, context);
    return this.protocols.metadata(await this.connections.open(connectionId, n, context), origin);
  }

  private network(network: string): string {
    return keyedDigest(this.config.installationKey, 'single-sign-on', network);
  }
}

/** Whether the provider proves that the person has signed in there since this was begun. */
const isFresh = ({ authenticatedAt }: Vouched, { beganAt }: Begun): boolean =>
  authenticatedAt !== undefined && authenticatedAt.getTime() >= beganAt.getTime() - CLOCKS_APART_MS;
