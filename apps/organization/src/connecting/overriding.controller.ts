import type { organization as proto } from '#contracts';
import { Refused } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, decided, lookedAt, Problem, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { lookAgainAt } from './daily-looks.service.ts';
import { enforcedOf } from '../single-sign-on/connections.decider.ts';
import { domainUnknown } from '../single-sign-on/domains.decider.ts';
import { listConnections, organizationOfDomain } from '../single-sign-on/single-sign-on-places.query.ts';
import { connectionView, domainView } from '../single-sign-on/single-sign-on.view.ts';
import { SingleSignOns } from './single-sign-ons.service.ts';

/** What owners have to object. */
const NOTICE_MS = 86_400_000;

export type Overriding = Pick<
  Controller<proto.SingleSignOn>,
  'listSingleSignOn' | 'explainSingleSignOn' | 'overrideTurnOff' | 'overrideVerifyDomain'
>;

/** What operators see and do where an organization cannot help itself. Each look is noted before anything is shown. */
@NestController()
@CallableBy('operator')
export class OverridingController implements Overriding {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly singleSignOns: SingleSignOns,
  ) {}

  @GrpcMethod('SingleSignOn')
  async listSingleSignOn(
    { reason }: proto.ListSingleSignOnRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.ListSingleSignOnResponse> {
    await lookedAt(this.pool, call, reason, 'sso list', 'all');
    return { items: await listConnections(this.pool) };
  }

  @GrpcMethod('SingleSignOn')
  async explainSingleSignOn(
    { id, reason }: proto.InspectRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.ExplainedSingleSignOn> {
    await lookedAt(this.pool, call, reason, 'sso explain', id);
    const state = await this.singleSignOns.find(id);
    return {
      connections: state.connections.entries().map(([connectionId]) => connectionView(id, connectionId, state)),
      domains: state.domains.entries().map(([domainId]) => domainView(id, domainId, state)),
    };
  }

  @GrpcMethod('SingleSignOn')
  async overrideTurnOff(
    { id, apply, reason, now }: proto.OverrideRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Connection> {
    const state = await this.singleSignOns.find(id);
    const enforced = enforcedOf(state);
    if (!enforced) throw new Problem('connection/unknown', 'No connection of this organization is enforced.');
    const { connectionId } = enforced;
    if (!(await decided(this.pool, call, { apply, reason }, now ? 'sso off --now' : 'sso off', id)))
      return connectionView(id, connectionId, state);
    const cause = causeOf(call, this.clock);
    const dueAt = new Date(cause.at.getTime() + NOTICE_MS);
    const handled = await this.singleSignOns.carryOutAnyway(
      id,
      now
        ? { type: 'TurnOff', connectionId, reason: 'operator' }
        : { type: 'AnnounceTurnOff', connectionId, dueAt: dueAt.toISOString() },
      cause,
    );
    if (!now) await lookAgainAt(this.pool, connectionId, dueAt);
    return connectionView(id, connectionId, handled.state);
  }

  @GrpcMethod('SingleSignOn')
  async overrideVerifyDomain(
    { id: domainId, apply, reason }: proto.OverrideRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Domain> {
    const organizationId = await organizationOfDomain(this.pool, domainId);
    const state = organizationId === undefined ? undefined : await this.singleSignOns.find(organizationId);
    const domain = state?.domains.get(domainId)?.domain;
    if (organizationId === undefined || !state || domain === undefined) throw new Refused(domainUnknown);
    if (!(await decided(this.pool, call, { apply, reason }, 'sso verify-domain', domainId)))
      return domainView(organizationId, domainId, state);
    const cause = causeOf(call, this.clock);
    const handled = await this.singleSignOns.prove(
      undefined,
      organizationId,
      { type: 'ProveDomain', domainId, domain, by: 'operator', at: cause.at.toISOString() },
      cause,
    );
    return domainView(organizationId, domainId, handled.state);
  }
}
