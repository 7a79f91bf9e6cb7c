import type { organization as proto } from '#contracts';
import { CallableBy, causeOf, Clock, type Controller, onward, Peers, Problem, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Enforcement } from './enforcement.client.ts';
import { organizationView } from './organization.view.ts';
import { Organizations } from './organizations.service.ts';
import type { OrganizationCommand } from './vocabulary.decider.ts';

export type Demanding = Pick<Controller<proto.Organizations>, 'demandSecondFactor' | 'demandIdleTimeout'>;

/** What owners ask of their organization's people. Identity holds sessions to it. */
@NestController()
export class DemandsController implements Demanding {
  constructor(
    private readonly clock: Clock,
    private readonly peers: Peers,
    private readonly organizations: Organizations,
    private readonly enforcement: Enforcement,
  ) {}

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  async demandSecondFactor(
    { callerId: by, organizationId, required, from }: proto.DemandSecondFactorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedOrganization> {
    if (!required) return this.demand(by, organizationId, { type: 'WaiveSecondFactor', by }, call);
    const { multiFactor: secured } = await this.peers
      .of('identity', 'Accounts')
      .getStanding({ accountId: by }, onward(call));
    const at = causeOf(call, this.clock).at.toISOString();
    return this.demand(by, organizationId, { type: 'RequireSecondFactor', by, from: instant(from), at, secured }, call);
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  demandIdleTimeout(
    { callerId: by, organizationId, required }: proto.DemandIdleTimeoutRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedOrganization> {
    return this.demand(by, organizationId, { type: 'DemandIdleTimeout', by, required }, call);
  }

  private async demand(
    callerId: string,
    organizationId: string,
    command: OrganizationCommand,
    call: Rpc,
  ): Promise<proto.EnforcedOrganization> {
    const handled = await this.organizations.carryOut(callerId, organizationId, command, causeOf(call, this.clock));
    tellSeen(call, handled);
    return {
      organization: organizationView(organizationId, handled.state, callerId),
      enforced: await this.enforcement.forSessions(handled, onward(call)),
    };
  }
}

/** As facts write instants, in UTC. */
function instant(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new Problem('request/invalid', 'The date does not exist.', {
      fields: [{ pointer: '/from', detail: 'must be an instant such as 2026-01-08T00:00:00Z' }],
    });
  return at.toISOString();
}
