import type { organization as proto } from '#contracts';
import { isUuid } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, onward, Problem, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { Enforcement } from '../organization/enforcement.client.ts';
import { type Decided, Provisioning } from './provisioning.service.ts';
import { readScimFilter } from './scim-filter.ts';
import { scimTokenBy } from './scim-tokens.query.ts';
import { patchScimUser, readScimUser, type ScimAttributes } from './scim-user.ts';
import { type ScimUser, ScimUsers } from './scim-users.ts';

/** A page has so many users at most. */
const COUNT_MAX = 200;

/** What identity providers ask by SCIM 2.0. Each call shows its token's digest, which says whose people it is about. */
@NestController()
@CallableBy('gateway')
export class ProvisioningController implements Controller<proto.Provisioning> {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly provisioning: Provisioning,
    private readonly users: ScimUsers,
    private readonly enforcement: Enforcement,
  ) {}

  @GrpcMethod('Provisioning')
  async createUser(
    { tokenDigest, body }: proto.CreateScimUserRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.ScimUser> {
    const token = await scimTokenBy(this.pool, tokenDigest);
    const cause = causeOf(call, this.clock);
    const { user, decided } = await this.provisioning.create(token, readScimUser(body), cause, onward(call));
    await this.holds(decided, call);
    return userView(user);
  }

  @GrpcMethod('Provisioning')
  async getUser({ tokenDigest, userId }: proto.ScimUserRequest): Promise<proto.ScimUser> {
    const token = await scimTokenBy(this.pool, tokenDigest);
    return userView(await this.provisioning.find(token, idOf(userId)));
  }

  @GrpcMethod('Provisioning')
  async listUsers({
    tokenDigest,
    filter,
    startIndex,
    count,
  }: proto.ListScimUsersRequest): Promise<proto.ListScimUsersResponse> {
    const token = await scimTokenBy(this.pool, tokenDigest);
    const { total, users } = await this.users.list(
      this.pool,
      token,
      filter == null ? undefined : readScimFilter(filter),
      { offset: Math.max(startIndex, 1) - 1, limit: Math.min(Math.max(count, 0), COUNT_MAX) },
    );
    return { total, items: users.map(userView) };
  }

  @GrpcMethod('Provisioning')
  replaceUser(request: proto.ChangeScimUserRequest, _metadata: Metadata, call: Rpc): Promise<proto.EnforcedScimUser> {
    return this.change(request, () => readScimUser(request.body), call);
  }

  @GrpcMethod('Provisioning')
  patchUser(request: proto.ChangeScimUserRequest, _metadata: Metadata, call: Rpc): Promise<proto.EnforcedScimUser> {
    return this.change(request, (before) => patchScimUser(before, request.body), call);
  }

  @GrpcMethod('Provisioning')
  async deleteUser(
    { tokenDigest, userId }: proto.ScimUserRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    const token = await scimTokenBy(this.pool, tokenDigest);
    const cause = causeOf(call, this.clock);
    return {
      enforced: await this.holds(await this.provisioning.remove(token, idOf(userId), cause, onward(call)), call),
    };
  }

  private async change(
    { tokenDigest, userId }: proto.ChangeScimUserRequest,
    next: (before: ScimAttributes) => ScimAttributes,
    call: Rpc,
  ): Promise<proto.EnforcedScimUser> {
    const token = await scimTokenBy(this.pool, tokenDigest);
    const cause = causeOf(call, this.clock);
    const { user, decided } = await this.provisioning.change(token, idOf(userId), next, cause, onward(call));
    return { user: userView(user), enforced: await this.holds(decided, call) };
  }

  /** Whether every gate knows. Asked also where nothing new was decided: a retry waits as the first request did. */
  private async holds(decided: Decided, call: Rpc): Promise<boolean> {
    if (!decided) return true;
    tellSeen(call, decided);
    return this.enforcement.atGates(decided, onward(call));
  }
}

/** An id that cannot be one names nobody. */
function idOf(userId: string): string {
  if (isUuid(userId)) return userId;
  throw new Problem('scim-user/unknown', 'There is no user with this id.');
}

const userView = ({ userId, attributes, createdAt, changedAt }: ScimUser): proto.ScimUser => ({
  userId,
  attributes: JSON.stringify(attributes),
  createdAt: createdAt.toISOString(),
  changedAt: changedAt.toISOString(),
});
