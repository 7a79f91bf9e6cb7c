import type { organization as proto } from '#contracts';
import { Refused } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { ConnectionSecrets } from '../single-sign-on/connection-secrets.ts';
import { connectionUnknown } from '../single-sign-on/connections.decider.ts';
import { organizationOfConnection } from '../single-sign-on/single-sign-on-places.query.ts';
import {
  configurationView,
  connectionOf,
  domainsOf,
  settingsView,
  statusOf,
} from '../single-sign-on/single-sign-on.view.ts';
import { Admitting } from './admitting.service.ts';
import { SingleSignOns } from './single-sign-ons.service.ts';

export type Opening = Pick<
  Controller<proto.SingleSignOn>,
  'openConnection' | 'recordTest' | 'lookPerson' | 'admitMember'
>;

/** What identity, which speaks with the providers, asks and tells. */
@NestController()
@CallableBy('identity')
export class OpeningController implements Opening {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly singleSignOns: SingleSignOns,
    private readonly secrets: ConnectionSecrets,
    private readonly admitting: Admitting,
  ) {}

  @GrpcMethod('SingleSignOn')
  async openConnection({ connectionId, n }: proto.OpenConnectionRequest): Promise<proto.OpenedConnection> {
    const organizationId = await this.organizationOf(connectionId);
    const state = await this.singleSignOns.find(organizationId);
    const connection = connectionOf(state, connectionId);
    const { newest, enforced, settings } = connection;
    const configured = n === undefined ? newest : [newest, enforced].find((each) => each?.n === n);
    // A draft, or a configuration that another has followed: nobody signs in by it any more.
    if (!configured) throw new Refused(connectionUnknown);
    const { clientSecret = '', privateKey = '' } = await this.secrets.open(this.pool, connectionId, configured.n);
    const { oidc: client, saml: provider } = configurationView(configured.configuration);
    return {
      connectionId,
      organizationId,
      n: configured.n,
      status: statusOf(connection),
      ...(enforced ? { enforcedN: enforced.n } : {}),
      ...(client ? { oidc: { client, clientSecret } } : {}),
      ...(provider ? { saml: { provider, privateKey } } : {}),
      settings: settingsView(settings),
      domains: domainsOf(state),
    };
  }

  @GrpcMethod('SingleSignOn')
  async recordTest(
    { connectionId, n, by, fresh }: proto.RecordTestRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Recorded> {
    const cause = causeOf(call, this.clock);
    const at = cause.at.toISOString();
    tellSeen(
      call,
      await this.singleSignOns.carryOut(
        by,
        await this.organizationOf(connectionId),
        { type: 'RecordTest', connectionId, n, by, fresh, at },
        cause,
      ),
    );
    return {};
  }

  @GrpcMethod('SingleSignOn')
  async lookPerson({ connectionId, person }: proto.LookPersonRequest): Promise<proto.LookedPerson> {
    return { standing: await this.admitting.standingOf(await this.organizationOf(connectionId), connectionId, person) };
  }

  @GrpcMethod('SingleSignOn')
  async admitMember(
    { organizationId, connectionId, accountId, person }: proto.AdmitMemberRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Admitted> {
    const admitted = await this.admitting.admit(
      { organizationId, connectionId, accountId, person },
      causeOf(call, this.clock),
    );
    if (admitted) tellSeen(call, admitted);
    return {
      admitted: admitted !== undefined,
      streamId: `organization-${organizationId}`,
      version: admitted?.version ?? 0,
    };
  }

  private async organizationOf(connectionId: string): Promise<string> {
    const organizationId = await organizationOfConnection(this.pool, connectionId);
    if (organizationId === undefined) throw new Refused(connectionUnknown);
    return organizationId;
  }
}
