import type { organization as proto } from '#contracts';
import { idOf, PostgresEventStore } from '#event-sourcing';
import {
  addressDomain,
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  maskedEmail,
  onward,
  page,
  Peers,
  type Rpc,
  tellSeen,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { listInvitations, listOwnInvitations } from '../invitation/invitation-directory.query.ts';
import { invitation } from '../invitation/invitation.decider.ts';
import type { Role } from '../organization/vocabulary.decider.ts';
import { isDemanding } from '../organization/demands.decider.ts';
import { Enforcement } from '../organization/enforcement.client.ts';
import { organizationView } from '../organization/organization.view.ts';
import { Organizations } from '../organization/organizations.service.ts';
import { enforcedOf } from '../single-sign-on/connections.decider.ts';
import { domainsOf } from '../single-sign-on/single-sign-on.view.ts';
import { SingleSignOns } from '../connecting/single-sign-ons.service.ts';
import { Accepting, type Joined } from './accepting.service.ts';
import { InvitedAddresses } from '../invitation/invited-addresses.ts';
import { type HandledInvitation, Inviting } from './inviting.service.ts';
import { detailed } from './listed-invitations.ts';

@NestController()
export class InvitationsController implements Controller<proto.Invitations> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly organizations: Organizations,
    private readonly inviting: Inviting,
    private readonly accepting: Accepting,
    private readonly addresses: InvitedAddresses,
    private readonly enforcement: Enforcement,
    private readonly singleSignOns: SingleSignOns,
    private readonly peers: Peers,
  ) {}

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async invite(
    { callerId, organizationId, email, role, projectIds }: proto.InviteRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Invitation> {
    return this.answered(
      await this.inviting.invite(
        { callerId, organizationId, email, role: role as Role, projectIds },
        causeOf(call, this.clock),
        onward(call),
      ),
      call,
    );
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async listInvitations({
    callerId,
    id,
    limit,
    after,
  }: proto.ListMembersRequest): Promise<proto.ListInvitationsResponse> {
    await this.organizations.asOwner(callerId, id);
    const { items, ...more } = page(
      await listInvitations(this.pool, id, this.clock.now(), { after, limit }),
      limit,
      ({ invitationId }) => invitationId,
    );
    const emails = await this.addresses.findAll(
      this.pool,
      items.map(({ invitationId }) => invitationId),
    );
    const shown = await detailed(this.store, this.pool, id, items);
    return { items: shown.map((item) => ({ ...item, email: emails.get(item.invitationId) ?? '' })), ...more };
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async listOwnInvitations(
    { callerId, limit, after }: proto.ListOwnInvitationsRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.ListOwnInvitationsResponse> {
    const digest = this.addresses.digest(await this.accepting.addressOf(callerId, onward(call)));
    return page(
      await listOwnInvitations(this.pool, digest, this.clock.now(), { after, limit }),
      limit,
      ({ invitationId }) => invitationId,
    );
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async resendInvitation(
    { callerId, invitationId }: proto.InvitationRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Invitation> {
    return this.answered(await this.inviting.resend(callerId, invitationId, causeOf(call, this.clock)), call);
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async revokeInvitation(
    { callerId, invitationId }: proto.InvitationRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Invitation> {
    return this.answered(await this.inviting.revoke(callerId, invitationId, causeOf(call, this.clock)), call);
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async lookInvitation(
    { token, callerId }: proto.InvitationTokenRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.LookInvitationResponse> {
    const { organization, sent, email } = await this.accepting.living(token, this.clock.now());
    const owner = await this.accepting.ownerOf(email, onward(call));
    const shown = {
      organizationName: organization.name,
      role: sent.role,
      maskedEmail: maskedEmail(email),
      expiresAt: sent.expiresAt,
      projectNames: sent.projectIds.flatMap((projectId) => {
        const project = organization.projects.get(projectId);
        return project && !project.archived ? [project.name] : [];
      }),
    };
    if (owner !== undefined && owner === callerId) return { ...shown, next: 'accept' };
    const state = await this.singleSignOns.find(sent.organizationId);
    const connectionId = domainsOf(state).includes(addressDomain(email)) ? enforcedOf(state)?.connectionId : undefined;
    if (connectionId !== undefined) return { ...shown, next: 'sso', connectionId };
    if (owner !== undefined) return { ...shown, next: 'sign-in' };
    // Where another organization's provider judges alone, no account is made by a password: they sign in there first.
    const { next } = await this.peers.of('identity', 'SingleSignOn').look({ email }, onward(call));
    return { ...shown, next: next === 'password' ? 'create' : 'sign-in' };
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway', 'identity')
  async acceptInvitation(
    { token, callerId }: proto.AcceptInvitationRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Organization> {
    return this.joined(
      await this.accepting.accept(token, callerId, causeOf(call, this.clock), onward(call)),
      callerId,
      call,
    );
  }

  @GrpcMethod('Invitations')
  @CallableBy('gateway')
  async acceptOwnInvitation(
    { callerId, invitationId }: proto.InvitationRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Organization> {
    return this.joined(
      await this.accepting.acceptOwn(invitationId, callerId, causeOf(call, this.clock), onward(call)),
      callerId,
      call,
    );
  }

  @GrpcMethod('Invitations')
  @CallableBy('identity')
  async proveInvitation({ token }: proto.InvitationTokenRequest): Promise<proto.ProveInvitationResponse> {
    const { invitationId, email, sent } = await this.accepting.living(token, this.clock.now());
    return { invitationId, email, organizationId: sent.organizationId };
  }

  @GrpcMethod('Invitations')
  @CallableBy('mailer')
  async addressInvitation({ invitationId }: proto.AddressInvitationRequest): Promise<proto.AddressInvitationResponse> {
    return (await this.accepting.mailOf(invitationId, this.clock.now())) ?? { token: '' };
  }

  private answered(handled: HandledInvitation, call: Rpc): Promise<proto.Invitation> {
    tellSeen(call, handled);
    return this.inviting.view(idOf(handled.streamId, invitation.category), handled.state);
  }

  private async joined(
    { organizationId, state, handled }: Joined,
    callerId: string,
    call: Rpc,
  ): Promise<proto.Organization> {
    if (handled.length > 0) tellSeen(call, ...handled);
    const [joined] = handled;
    // What the organization asks of its people holds for the sessions of one who joins, from this answer on.
    if (joined && isDemanding(state)) await this.enforcement.forSessions(joined, onward(call));
    if (joined && enforcedOf(await this.singleSignOns.find(organizationId)))
      await this.enforcement.forSingleSignOn(joined, onward(call));
    return organizationView(organizationId, state, callerId);
  }
}
