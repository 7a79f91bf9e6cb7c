import type { organization as proto } from '#contracts';
import { handle, idOf, PostgresEventStore, Refused } from '#event-sourcing';
import {
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  onward,
  page,
  type Rpc,
  SERVICE_CONFIG,
  tellSeen,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { OrganizationConfig } from '../config.ts';
import { listMembers, listOrganizations, projectsOfMembers } from './organization-directory.query.ts';
import { organizationsOf, refuseTooMany } from './places.query.ts';
import { lockMemberships, lockStanding } from '../locks.ts';
import type { Demanding } from './demands.controller.ts';
import { isDemanding } from './demands.decider.ts';
import { Enforcement } from './enforcement.client.ts';
import { isActive, organizationUnknown } from './members.decider.ts';
import { organization } from './organization.decider.ts';
import type { Member, OrganizationCommand, Role } from './vocabulary.decider.ts';
import type { Inspecting } from './inspecting.controller.ts';
import { organizationView } from './organization.view.ts';
import { find, Organizations } from './organizations.service.ts';

@NestController()
export class OrganizationsController implements Omit<
  Controller<proto.Organizations>,
  keyof Inspecting | keyof Demanding
> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly organizations: Organizations,
    private readonly enforcement: Enforcement,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  async createOrganization(
    { callerId, name }: proto.CreateOrganizationRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Organization> {
    const handled = await this.store.transact(async (store, tx) => {
      await lockStanding(tx, callerId, 'joins');
      await lockMemberships(tx, callerId);
      const made = await handle(
        store,
        organization,
        uuid(),
        { type: 'CreateOrganization', name, ownerId: callerId },
        causeOf(call, this.clock),
      );
      // A repeated wish was granted when there was room.
      if (!made.repeated) await refuseTooMany(tx, callerId, this.config.organizationsPerAccount);
      return made;
    });
    tellSeen(call, handled);
    // A repeated wish was carried out under the id of its first attempt.
    return organizationView(idOf(handled.streamId, organization.category), handled.state, callerId);
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  async getOrganization({ callerId, organizationId }: proto.OrganizationRequest): Promise<proto.Organization> {
    return organizationView(
      organizationId,
      (await this.organizations.asMember(callerId, organizationId)).state,
      callerId,
    );
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway', 'operator')
  async listOrganizations({
    callerId,
    limit,
    after,
  }: proto.ListOrganizationsRequest): Promise<proto.ListOrganizationsResponse> {
    const known = await listOrganizations(this.pool, callerId, { after, limit });
    if (known.length > 0 || after !== undefined) return page(known, limit, ({ organizationId }) => organizationId);
    await this.organizations.catchUp(callerId);
    for (const organizationId of await organizationsOf(this.pool, callerId))
      await this.organizations.listed({ organizationId, version: 1 });
    return page(
      await listOrganizations(this.pool, callerId, { after, limit }),
      limit,
      ({ organizationId }) => organizationId,
    );
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  async renameOrganization(
    { callerId, id, name }: proto.RenameRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Organization> {
    const handled = await this.organizations.carryOut(
      callerId,
      id,
      { type: 'RenameOrganization', by: callerId, name },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return organizationView(id, handled.state, callerId);
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  async listMembers({ callerId, id, limit, after }: proto.ListMembersRequest): Promise<proto.ListMembersResponse> {
    const folded = await this.organizations.asMember(callerId, id);
    await this.organizations.listed(folded);
    const { items, ...more } = page(
      await listMembers(this.pool, id, { after, limit }),
      limit,
      ({ accountId }) => accountId,
    );
    if (folded.state.members.get(callerId)?.role !== 'owner') return { items, ...more };
    const accountIds = items.map(({ accountId }) => accountId);
    const projects = await projectsOfMembers(this.pool, id, accountIds);
    return { items: items.map((item) => ({ ...item, projects: projects.get(item.accountId) })), ...more };
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  changeRole(
    { callerId, organizationId, accountId, role }: proto.ChangeRoleRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    return this.enforced(
      callerId,
      organizationId,
      { type: 'ChangeRole', by: callerId, accountId, role: role as Role },
      call,
    );
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  removeMember(
    { callerId, id, accountId }: proto.MemberRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    return this.enforced(callerId, id, { type: 'RemoveMember', by: callerId, accountId }, call);
  }

  @GrpcMethod('Organizations')
  @CallableBy('gateway')
  leaveOrganization(
    { callerId, organizationId }: proto.OrganizationRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    return this.enforced(callerId, organizationId, { type: 'Leave', by: callerId }, call);
  }

  @GrpcMethod('Organizations')
  @CallableBy('mailer', 'key-management')
  listOwners({ organizationId }: proto.ListOwnersRequest): Promise<proto.ListOwnersResponse> {
    return this.active(organizationId, ({ role }) => role === 'owner');
  }

  @GrpcMethod('Organizations')
  @CallableBy('mailer')
  listActiveMembers({ organizationId }: proto.ListOwnersRequest): Promise<proto.ListOwnersResponse> {
    return this.active(organizationId, () => true);
  }

  @GrpcMethod('Organizations')
  @CallableBy('mailer')
  async listCoOwners({ accountId }: proto.ListCoOwnersRequest): Promise<proto.ListOwnersResponse> {
    const owners = new Set<string>();
    for (const organizationId of await organizationsOf(this.pool, accountId))
      for (const owner of (await this.active(organizationId, ({ role }) => role === 'owner')).accountIds)
        owners.add(owner);
    owners.delete(accountId);
    return { accountIds: [...owners].sort() };
  }

  private async active(
    organizationId: string,
    isAsked: (member: Member) => boolean,
  ): Promise<proto.ListOwnersResponse> {
    const folded = await find(this.store, organizationId);
    if (!folded) throw new Refused(organizationUnknown);
    return {
      accountIds: folded.state.members
        .entries()
        .filter(([, member]) => isActive(member) && isAsked(member))
        .map(([accountId]) => accountId)
        .sort(),
    };
  }

  private async enforced(
    callerId: string,
    organizationId: string,
    command: OrganizationCommand,
    call: Rpc,
  ): Promise<proto.Enforced> {
    const handled = await this.organizations.carryOut(callerId, organizationId, command, causeOf(call, this.clock));
    tellSeen(call, handled);
    const held = await Promise.all([
      this.enforcement.atGates(handled, onward(call)),
      // Who is out is held to nothing any more.
      !isDemanding(handled.state) || this.enforcement.forSessions(handled, onward(call)),
    ]);
    return { enforced: held.every(Boolean) };
  }
}
