import type { organization } from '#contracts';
import { CallableBy, type Controller, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { membersOf, organizationsOf } from '../roster/roster.query.ts';
import { Deciding } from './deciding.service.ts';
import { activeOwners, type OrganizationCommand, type Role } from './organization.decider.ts';

@NestController()
export class OrganizationsController implements Controller<organization.Organizations> {
  constructor(private readonly deciding: Deciding, private readonly pool: Pool) {}

  @GrpcMethod('Organizations') @CallableBy('gateway')
  async createOrganization({ callerId, name }: organization.CreateOrganizationRequest, _metadata: Metadata, call: Rpc): Promise<organization.Organization> {
    const { streamId } = await this.deciding.decide(uuid(), { type: 'CreateOrganization', name, ownerId: callerId }, call);
    return this.view(streamId.slice('organization-'.length), callerId);
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  getOrganization({ callerId, organizationId }: organization.OrganizationRequest): Promise<organization.Organization> {
    return this.view(organizationId, callerId);
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  async listOrganizations({ callerId, ...page }: organization.ListOrganizationsRequest): Promise<organization.ListOrganizationsResponse> {
    const mine = await organizationsOf(this.pool, callerId, page);
    if (mine.items.length > 0 || page.after !== undefined || !(await this.deciding.catchUp(callerId))) return mine;
    return organizationsOf(this.pool, callerId, page);
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  async renameOrganization({ callerId, id, name }: organization.RenameRequest, _metadata: Metadata, call: Rpc): Promise<organization.Organization> {
    await this.deciding.place(id, callerId);
    await this.deciding.decide(id, { type: 'RenameOrganization', by: callerId, name }, call);
    return this.view(id, callerId);
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  async listMembers({ callerId, id, ...page }: organization.ListMembersRequest): Promise<organization.ListMembersResponse> {
    await this.deciding.place(id, callerId);
    return membersOf(this.pool, id, page);
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  async changeRole({ callerId, organizationId, accountId, role }: organization.ChangeRoleRequest, _metadata: Metadata, call: Rpc): Promise<organization.Enforced> {
    await this.deciding.place(organizationId, callerId);
    await this.deciding.decide(organizationId, { type: 'ChangeRole', by: callerId, accountId, role: role as Role }, call);
    return { enforced: true };
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  removeMember({ callerId, id, accountId }: organization.MemberRequest, _metadata: Metadata, call: Rpc): Promise<organization.Enforced> {
    return this.withdraw(id, callerId, { type: 'RemoveMember', by: callerId, accountId }, call);
  }

  @GrpcMethod('Organizations') @CallableBy('gateway')
  leaveOrganization({ callerId, organizationId }: organization.OrganizationRequest, _metadata: Metadata, call: Rpc): Promise<organization.Enforced> {
    return this.withdraw(organizationId, callerId, { type: 'Leave', by: callerId }, call);
  }

  @GrpcMethod('Organizations') @CallableBy('mailer', 'key-management')
  async listOwners({ organizationId }: organization.ListOwnersRequest): Promise<organization.ListOwnersResponse> {
    return { accountIds: activeOwners(await this.deciding.state(organizationId)) };
  }

  private async withdraw(organizationId: string, callerId: string, command: OrganizationCommand, call: Rpc): Promise<organization.Enforced> {
    await this.deciding.place(organizationId, callerId);
    return { enforced: await this.deciding.enforced(await this.deciding.decide(organizationId, command, call), call) };
  }

  private async view(organizationId: string, callerId: string): Promise<organization.Organization> {
    const { state, role } = await this.deciding.place(organizationId, callerId);
    return { organizationId, name: state.name, role };
  }
}
