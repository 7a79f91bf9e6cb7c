import { createHash, randomBytes } from 'node:crypto';
import type { organization as proto } from '#contracts';
import { CallableBy, causeOf, Clock, type Controller, Problem, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { listScimTokens } from '../provisioning/scim-tokens.query.ts';
import { SingleSignOns } from './single-sign-ons.service.ts';

/** So that a leaked one is recognised. */
const PREFIX = 'rcscim_';

/** Tokens by which a provider keeps an organization's people, for its owners. */
@NestController()
@CallableBy('gateway')
export class ScimTokensController implements Pick<
  Controller<proto.SingleSignOn>,
  'makeScimToken' | 'listScimTokens' | 'revokeScimToken'
> {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly singleSignOns: SingleSignOns,
  ) {}

  @GrpcMethod('SingleSignOn')
  async makeScimToken(
    { callerId: by, connectionId, subject }: proto.MakeScimTokenRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.MadeScimToken> {
    const organizationId = await this.singleSignOns.ofConnection(by, connectionId);
    const tokenId = uuid();
    const secret = PREFIX + randomBytes(32).toString('base64url');
    const handled = await this.singleSignOns.carryOut(
      by,
      organizationId,
      {
        type: 'MakeScimToken',
        connectionId,
        tokenId,
        by,
        digest: createHash('sha256').update(secret).digest('hex'),
        subject: subject === 'userName' ? 'userName' : 'externalId',
      },
      causeOf(call, this.clock),
    );
    if (handled.repeated)
      throw new Problem(
        'key/secret-already-issued',
        'This request was carried out before, and the secret was in that answer alone. If it is lost, revoke the token and make another.',
      );
    tellSeen(call, handled);
    return { token: await this.require(connectionId, tokenId), secret };
  }

  @GrpcMethod('SingleSignOn')
  async listScimTokens({ callerId, connectionId }: proto.ConnectionRequest): Promise<proto.ListScimTokensResponse> {
    await this.singleSignOns.ofConnection(callerId, connectionId);
    return { items: await listScimTokens(this.pool, connectionId) };
  }

  @GrpcMethod('SingleSignOn')
  async revokeScimToken(
    { callerId, connectionId, tokenId }: proto.ScimTokenRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.ScimToken> {
    const organizationId = await this.singleSignOns.ofConnection(callerId, connectionId);
    await this.require(connectionId, tokenId);
    tellSeen(
      call,
      await this.singleSignOns.carryOut(
        callerId,
        organizationId,
        { type: 'RevokeScimToken', connectionId, tokenId },
        causeOf(call, this.clock),
      ),
    );
    return this.require(connectionId, tokenId);
  }

  private async require(connectionId: string, tokenId: string): Promise<proto.ScimToken> {
    const found = (await listScimTokens(this.pool, connectionId)).find((each) => each.tokenId === tokenId);
    if (found) return found;
    throw new Problem('scim-token/unknown', 'The connection has no SCIM token with this id.');
  }
}
