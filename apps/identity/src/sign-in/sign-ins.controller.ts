import type { identity } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { SignIn } from './sign-in.service.ts';
import { signedIn } from './signed-in.query.ts';

@NestController()
export class SignInsController implements Controller<identity.SignIns> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly signing: SignIn,
  ) {}

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async signIn(request: identity.SignInRequest, _metadata: Metadata, call: Rpc): Promise<identity.SignedIn> {
    const done = await this.signing.withPassword(request, causeOf(call, this.clock));
    tellSeen(call, ...done.handled);
    return signedIn(this.store, this.pool, done, this.clock.now());
  }
}
