import type { organization as proto } from '#contracts';
import { fold, handle, PostgresEventStore, Refused } from '#event-sourcing';
import { CallableBy, type Controller, isLinkToken, keyedDigest, linkSubjectId, linkToken, normalizedEmail, onward, Peers, Problem, type Rpc, SERVICE_CONFIG, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { OrganizationConfig } from '../config.ts';
import { Deciding } from '../organization/deciding.service.ts';
import { organization, type Role } from '../organization/organization.decider.ts';
import { invitationsOf } from '../roster/roster.query.ts';
import { type Invitation, invitation, INVITATION_LIFE_MS, type InvitationCommand, type InvitationEvent, linkUnknown } from './invitation.decider.ts';
import { addressKey, countPending, dropAddress, findAddress, keepAddress, maskedEmail, openAddress } from './invited-address.ts';

type Known = Exclude<Invitation, { status: 'unknown' }>;

const PENDING_MAX = 50;

@NestController()
export class InvitationsController implements Controller<proto.Invitations> {
  private readonly key: Buffer;

  constructor(private readonly store: PostgresEventStore, private readonly pool: Pool, private readonly deciding: Deciding, private readonly peers: Peers, @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig) {
    this.key = addressKey(config.installationKey);
  }

  @GrpcMethod('Invitations') @CallableBy('gateway')
  async invite({ callerId, organizationId, email, role, projectIds }: proto.InviteRequest, _metadata: Metadata, call: Rpc): Promise<proto.Invitation> {
    const { state } = await this.requireOwner(organizationId, callerId);
    for (const projectId of projectIds) if (!state.projects.has(projectId)) throw new Problem('project/unknown', 'You have no project with this id.');
    const address = normalizedEmail(email);
    const { accountId } = await this.peers.of('identity', 'Accounts').findAccount({ email: address }, onward(call));
    if (accountId !== undefined && state.members.has(accountId)) throw new Problem('invitation/already-member', 'This address belongs to a member of the organization already.');
    if ((await countPending(this.pool, organizationId)) >= PENDING_MAX) throw new Problem('invitation/too-many', `${PENDING_MAX} invitations wait for an answer. Revoke some of them first.`);
    const cause = this.deciding.cause(call);
    const handled = await this.store.transaction(async (store, tx) => {
      const invitationId = uuid();
      const expiresAt = new Date(cause.at.getTime() + INVITATION_LIFE_MS).toISOString();
      const sent = await handle(store, invitation, invitationId, { type: 'SendInvitation', organizationId, inviterId: callerId, emailDigest: keyedDigest(this.config.installationKey, 'email', address), role: role as Role, projectIds, expiresAt }, cause);
      if (!sent.repeated) await keepAddress(tx, this.key, { invitationId, organizationId, email: address });
      return sent;
    });
    tellSeen(call, handled);
    return this.view(handled.streamId.slice('invitation-'.length));
  }

  @GrpcMethod('Invitations') @CallableBy('gateway')
  async listInvitations({ callerId, id, ...page }: proto.ListMembersRequest): Promise<proto.ListInvitationsResponse> {
    await this.requireOwner(id, callerId);
    const now = this.now();
    const { items, ...rest } = await invitationsOf(this.pool, id, page);
    return {
      ...rest,
      items: items.map((row) => ({
        invitationId: row.invitation_id, organizationId: id, email: row.sealed ? openAddress(this.key, row.invitation_id, row.sealed) : '', role: row.role, projectIds: row.project_ids,
        expiresAt: row.expires_at.toISOString(), status: row.status === 'pending' && row.expires_at <= now ? 'expired' : row.status,
      })),
    };
  }

  @GrpcMethod('Invitations') @CallableBy('gateway')
  async resendInvitation({ callerId, invitationId }: proto.InvitationRequest, _metadata: Metadata, call: Rpc): Promise<proto.Invitation> {
    await this.requireOwned(invitationId, callerId);
    const expiresAt = new Date(this.now().getTime() + INVITATION_LIFE_MS).toISOString();
    tellSeen(call, await handle(this.store, invitation, invitationId, { type: 'ResendInvitation', inviterId: callerId, expiresAt }, this.deciding.cause(call)));
    return this.view(invitationId);
  }

  @GrpcMethod('Invitations') @CallableBy('gateway')
  async revokeInvitation({ callerId, invitationId }: proto.InvitationRequest, _metadata: Metadata, call: Rpc): Promise<proto.Invitation> {
    await this.requireOwned(invitationId, callerId);
    const shown = await this.view(invitationId);
    await this.end(invitationId, { type: 'RevokeInvitation' }, call);
    return { ...shown, status: 'revoked' };
  }

  @GrpcMethod('Invitations') @CallableBy('gateway')
  async lookInvitation({ token, callerId }: proto.InvitationTokenRequest, _metadata: Metadata, call: Rpc): Promise<proto.LookInvitationResponse> {
    const { email, state } = await this.living(token, call);
    const { accountId } = await this.peers.of('identity', 'Accounts').findAccount({ email }, onward(call));
    const { name } = await this.deciding.state(state.organizationId);
    return { organizationName: name, role: state.role, maskedEmail: maskedEmail(email), next: accountId === undefined ? 'create' : accountId === callerId ? 'accept' : 'sign-in' };
  }

  @GrpcMethod('Invitations') @CallableBy('gateway')
  async acceptInvitation({ token, callerId }: proto.AcceptInvitationRequest, _metadata: Metadata, call: Rpc): Promise<proto.Organization> {
    const { invitationId, email, state } = await this.living(token, call);
    const { accountId } = await this.peers.of('identity', 'Accounts').findAccount({ email }, onward(call));
    if (accountId !== callerId) throw new Problem('invitation/other-account', 'This invitation is for another address. Sign in with the account of that address.');
    const cause = this.deciding.cause(call);
    const joined = await this.store.transaction(async (store, tx) => {
      await handle(store, invitation, invitationId, { type: 'AcceptInvitation', accountId, at: cause.at.toISOString() }, cause);
      await dropAddress(tx, invitationId);
      return handle(store, organization, state.organizationId, { type: 'Join', accountId, role: state.role, projectIds: state.projectIds }, cause);
    });
    tellSeen(call, joined);
    return { organizationId: state.organizationId, name: joined.state.name, role: joined.state.members.get(accountId) ?? state.role };
  }

  @GrpcMethod('Invitations') @CallableBy('identity')
  async proveInvitation({ token }: proto.InvitationTokenRequest, _metadata: Metadata, call: Rpc): Promise<proto.ProveInvitationResponse> {
    const { invitationId, email } = await this.living(token, call);
    return { invitationId, email };
  }

  @GrpcMethod('Invitations') @CallableBy('mailer')
  async addressInvitation({ invitationId }: proto.AddressInvitationRequest): Promise<proto.AddressInvitationResponse> {
    const { state, eventId } = await this.read(invitationId);
    const email = state.status === 'pending' ? await findAddress(this.pool, this.key, invitationId) : undefined;
    return email === undefined ? { token: '' } : { email, token: linkToken(this.config.installationKey, { purpose: 'invitation', id: invitationId, eventId }) };
  }

  /** An invitation whose link this is, and which still holds: it lapses when its inviter is no owner any more. @throws Problem */
  private async living(token: string, call: Rpc): Promise<{ invitationId: string; email: string; state: Known }> {
    const invitationId = linkSubjectId(token);
    if (invitationId === undefined) throw new Refused(linkUnknown());
    const { state, eventId } = await this.read(invitationId);
    const right = state.status === 'pending' && this.now().toISOString() < state.expiresAt && isLinkToken(this.config.installationKey, token, { purpose: 'invitation', id: invitationId, eventId });
    if (!right) throw new Refused(linkUnknown());
    if ((await this.deciding.state(state.organizationId)).members.get(state.inviterId) !== 'owner') {
      await this.end(invitationId, { type: 'LapseInvitation' }, call, false);
      throw new Refused(linkUnknown());
    }
    const email = await findAddress(this.pool, this.key, invitationId);
    if (email === undefined) throw new Refused(linkUnknown());
    return { invitationId, email, state };
  }

  /** `eventId` is the latest sending's: the tokens of earlier ones are dead. */
  private async read(invitationId: string): Promise<{ state: Invitation; eventId: string }> {
    const past = await this.store.readStream<InvitationEvent>(`invitation-${invitationId}`);
    return { state: fold(invitation, past.map((recorded) => recorded.event)), eventId: past.findLast((recorded) => recorded.type === 'InvitationSent')?.eventId ?? '' };
  }

  private async end(invitationId: string, command: InvitationCommand, call: Rpc, tell = true) {
    const cause = this.deciding.cause(call);
    const handled = await this.store.transaction(async (store, tx) => {
      await dropAddress(tx, invitationId);
      return handle(store, invitation, invitationId, command, cause);
    });
    if (tell) tellSeen(call, handled);
  }

  private async requireOwner(organizationId: string, callerId: string) {
    const place = await this.deciding.place(organizationId, callerId);
    if (place.role !== 'owner') throw new Problem('organization/owner-required', 'Only an owner of the organization may do this. Ask one of them.');
    return place;
  }

  private async requireOwned(invitationId: string, callerId: string) {
    const { state } = await this.read(invitationId);
    const role = state.status === 'unknown' ? undefined : (await this.deciding.state(state.organizationId)).members.get(callerId);
    if (role === undefined) throw new Problem('invitation/unknown', 'You have no invitation with this id.');
    if (role !== 'owner') throw new Problem('organization/owner-required', 'Only an owner of the organization may do this. Ask one of them.');
  }

  private async view(invitationId: string): Promise<proto.Invitation> {
    const { state } = await this.read(invitationId);
    if (state.status === 'unknown') throw new Error('an invitation that was just written is not there');
    const { organizationId, role, projectIds, expiresAt } = state;
    const status = state.status === 'pending' && expiresAt <= this.now().toISOString() ? 'expired' : state.status;
    return { invitationId, organizationId, email: (await findAddress(this.pool, this.key, invitationId)) ?? '', role, projectIds: [...projectIds], expiresAt, status };
  }

  private now() {
    return this.deciding.now();
  }
}
