import type { organization as proto } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import {
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  onward,
  Peers,
  type Rpc,
  type SamlProvider,
  SERVICE_CONFIG,
  tellSeen,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { OrganizationConfig } from '../config.ts';
import { Enforcement } from '../organization/enforcement.client.ts';
import { isActive, speaksAsOwner } from '../organization/members.decider.ts';
import { Organizations } from '../organization/organizations.service.ts';
import type { OrganizationStatus } from '../organization/vocabulary.decider.ts';
import { ConnectionSecrets, forgetSecrets } from '../single-sign-on/connection-secrets.ts';
import { makeKeyPair } from '../single-sign-on/key-pair.ts';
import { requireTls } from '../single-sign-on/provider-url.ts';
import { readCertificates } from '../single-sign-on/provider-certificates.ts';
import { forgetScimUsers } from '../provisioning/scim-users.ts';
import { connectionOf, connectionView, governanceView } from '../single-sign-on/single-sign-on.view.ts';
import { Guests } from './guests.service.ts';
import { ProviderMetadata } from './provider-metadata.service.ts';
import { type HandledSingleSignOn, SingleSignOns } from './single-sign-ons.service.ts';
import type { Configuration, SingleSignOnCommand } from '../single-sign-on/vocabulary.decider.ts';

export type Connecting = Omit<
  Controller<proto.SingleSignOn>,
  | 'claimDomain'
  | 'listDomains'
  | 'verifyDomain'
  | 'releaseDomain'
  | 'openConnection'
  | 'recordTest'
  | 'lookPerson'
  | 'admitMember'
  | 'makeScimToken'
  | 'listScimTokens'
  | 'revokeScimToken'
  | 'listSingleSignOn'
  | 'explainSingleSignOn'
  | 'overrideTurnOff'
  | 'overrideVerifyDomain'
>;

/** What owners do with connections. */
@NestController()
@CallableBy('gateway')
export class ConnectionsController implements Connecting {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly peers: Peers,
    private readonly organizations: Organizations,
    private readonly singleSignOns: SingleSignOns,
    private readonly secrets: ConnectionSecrets,
    private readonly metadata: ProviderMetadata,
    private readonly enforcement: Enforcement,
    private readonly guests: Guests,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  @GrpcMethod('SingleSignOn')
  async draftConnection(
    { callerId, organizationId, name }: proto.DraftConnectionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Connection> {
    const connectionId = uuid();
    const handled = await this.singleSignOns.carryOut(
      callerId,
      organizationId,
      { type: 'DraftConnection', connectionId, name },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return connectionView(
      organizationId,
      handled.repeated ? await this.draftedAt(handled) : connectionId,
      handled.state,
    );
  }

  @GrpcMethod('SingleSignOn')
  async listConnections({
    callerId,
    organizationId,
  }: proto.OrganizationRequest): Promise<proto.ListConnectionsResponse> {
    await this.organizations.asOwner(callerId, organizationId);
    const state = await this.singleSignOns.find(organizationId);
    const ids = state.connections.entries().map(([connectionId]) => connectionId);
    return { items: ids.sort().map((connectionId) => connectionView(organizationId, connectionId, state)) };
  }

  @GrpcMethod('SingleSignOn')
  async getConnection({ callerId, connectionId }: proto.ConnectionRequest): Promise<proto.Connection> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    return connectionView(organizationId, connectionId, await this.singleSignOns.find(organizationId));
  }

  @GrpcMethod('SingleSignOn')
  async putOidc(
    { callerId, connectionId, client, clientSecret }: proto.PutOidcRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Connection> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    const { issuer = '', clientId = '', clientAuthentication } = client ?? {};
    requireTls(issuer, '/issuer', this.config.ssoPrivateHosts);
    const configuration: Configuration = {
      protocol: 'oidc',
      issuer,
      clientId,
      clientAuthentication:
        clientAuthentication === 'client_secret_post' ? 'client_secret_post' : 'client_secret_basic',
    };
    return this.configure({ callerId, organizationId, connectionId }, configuration, { clientSecret }, call);
  }

  @GrpcMethod('SingleSignOn')
  async putSaml(
    { callerId, connectionId, subjectAttribute, emailAttribute, ...given }: proto.PutSamlRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Connection> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    const { entityId, signInUrl, certificates } = await this.providerOf(given);
    requireTls(signInUrl, '/signInUrl', this.config.ssoPrivateHosts);
    const { privateKey, certificate } = await this.keyPairOf(organizationId, connectionId);
    const configuration: Configuration = {
      protocol: 'saml',
      entityId,
      signInUrl,
      metadataUrl: given.metadataUrl,
      subjectAttribute,
      emailAttribute,
      ...readCertificates(certificates),
      certificate,
    };
    return this.configure({ callerId, organizationId, connectionId }, configuration, { privateKey }, call);
  }

  @GrpcMethod('SingleSignOn')
  async putSettings(
    {
      callerId: by,
      connectionId,
      sessionHours,
      justInTime,
      guests,
      breakGlassAccountId: accountId,
    }: proto.PutSettingsRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedConnection> {
    const organizationId = await this.singleSignOns.ofConnection(by, connectionId);
    const isSecured = await this.singleSignOns.isSecured(accountId, onward(call));
    return this.decide(
      { callerId: by, organizationId, connectionId },
      (organization) => ({
        type: 'SettleConnection',
        connectionId,
        by,
        sessionHours,
        justInTime,
        guests: guests === 'none' ? 'none' : 'allowed',
        breakGlass:
          accountId === undefined
            ? undefined
            : { accountId, able: isSecured && isActiveOwner(organization, accountId) },
      }),
      call,
    );
  }

  @GrpcMethod('SingleSignOn')
  async previewConnection(
    { callerId, connectionId }: proto.ConnectionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.ConnectionPreview> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    const { settings, scimTokens } = connectionOf(await this.singleSignOns.find(organizationId), connectionId);
    const { breakGlassAccountId, guests, justInTime } = settings;
    const people = await this.peers
      .of('identity', 'SingleSignOn')
      .preview({ organizationId, connectionId, breakGlassAccountId, guests }, onward(call));
    const { state } = await this.organizations.asOwner(callerId, organizationId);
    const named = new Set([...scimTokens.values(), ...(justInTime === false ? [] : [justInTime])]);
    return { ...people, inviterIds: [...named].filter((each) => speaksAsOwner(state, each)).sort() };
  }

  @GrpcMethod('SingleSignOn')
  async enforce(
    { callerId, connectionId }: proto.ConnectionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedConnection> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    const { settings } = connectionOf(await this.singleSignOns.find(organizationId), connectionId);
    const { breakGlassAccountId: accountId } = settings;
    const isSecured = await this.singleSignOns.isSecured(accountId, onward(call));
    const at = causeOf(call, this.clock).at.toISOString();
    return this.decide(
      { callerId, organizationId, connectionId },
      (organization) => ({
        type: 'Enforce',
        connectionId,
        breakGlassAble: accountId === undefined || (isSecured && isActiveOwner(organization, accountId)),
        at,
      }),
      call,
    );
  }

  @GrpcMethod('SingleSignOn')
  async turnOff(
    { callerId, connectionId }: proto.ConnectionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedConnection> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    return this.decide(
      { callerId, organizationId, connectionId },
      { type: 'TurnOff', connectionId, reason: 'owner' },
      call,
    );
  }

  @GrpcMethod('SingleSignOn')
  async removeConnection(
    { callerId, connectionId }: proto.ConnectionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    const handled = await this.singleSignOns.carryOut(
      callerId,
      organizationId,
      { type: 'RemoveConnection', connectionId },
      causeOf(call, this.clock),
      async (tx) => {
        await forgetSecrets(tx, connectionId, []);
        await forgetScimUsers(tx, connectionId);
      },
    );
    tellSeen(call, handled);
    return { enforced: await this.enforcement.forSingleSignOn(handled, onward(call)) };
  }

  @GrpcMethod('SingleSignOn')
  async getGovernance({ callerId, organizationId }: proto.OrganizationRequest): Promise<proto.Governance> {
    await this.organizations.asMember(callerId, organizationId);
    return governanceView(await this.singleSignOns.find(organizationId));
  }

  private async configure(
    { callerId, organizationId, connectionId }: Named,
    configuration: Configuration,
    secrets: Parameters<ConnectionSecrets['keep']>[3],
    call: Rpc,
  ): Promise<proto.Connection> {
    const handled = await this.singleSignOns.carryOut(
      callerId,
      organizationId,
      { type: 'ConfigureConnection', connectionId, configuration },
      causeOf(call, this.clock),
      async (tx, { state }) => {
        const { newest, enforced } = connectionOf(state, connectionId);
        await this.secrets.keep(tx, connectionId, newest?.n ?? 0, secrets);
        await forgetSecrets(tx, connectionId, [newest?.n ?? 0, enforced?.n ?? 0]);
      },
    );
    tellSeen(call, handled);
    return connectionView(organizationId, connectionId, handled.state);
  }

  private async decide(
    { callerId, organizationId, connectionId }: Named,
    command: SingleSignOnCommand | ((organization: OrganizationStatus) => SingleSignOnCommand),
    call: Rpc,
  ): Promise<proto.EnforcedConnection> {
    const handled = await this.singleSignOns.carryOut(callerId, organizationId, command, causeOf(call, this.clock));
    tellSeen(call, handled);
    return {
      connection: connectionView(organizationId, connectionId, handled.state),
      enforced:
        (await this.enforcement.forSingleSignOn(handled, onward(call))) &&
        (await this.guests.keepOut(organizationId, causeOf(call, this.clock), onward(call))),
    };
  }

  /** By what it publishes, or by its parts. */
  private async providerOf({
    metadataUrl,
    metadata,
    ...parts
  }: Pick<
    proto.PutSamlRequest,
    'metadataUrl' | 'metadata' | 'entityId' | 'signInUrl' | 'certificates'
  >): Promise<SamlProvider> {
    if (metadataUrl != null) return this.metadata.at(metadataUrl);
    return metadata == null ? parts : this.metadata.of(metadata);
  }

  /** The provider has our certificate: it stays the same as long as the connection speaks SAML. */
  private async keyPairOf(organizationId: string, connectionId: string) {
    const { newest } = connectionOf(await this.singleSignOns.find(organizationId), connectionId);
    if (newest?.configuration.protocol !== 'saml') return makeKeyPair(`Rollcall ${connectionId}`, this.clock.now());
    const { privateKey = '' } = await this.secrets.open(this.pool, connectionId, newest.n);
    return { privateKey, certificate: newest.configuration.certificate };
  }

  /** A repeated wish was carried out under the id of its first attempt. */
  private async draftedAt({ streamId, version }: HandledSingleSignOn): Promise<string> {
    const [event] = await this.store.readStream(streamId, { after: version - 1, upTo: version });
    return (event?.event.data as { connectionId: string }).connectionId;
  }
}

interface Named {
  readonly callerId: string;
  readonly organizationId: string;
  readonly connectionId: string;
}

function isActiveOwner({ members }: OrganizationStatus, accountId: string): boolean {
  const member = members.get(accountId);
  return member?.role === 'owner' && isActive(member);
}
