import type { identity } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, type Rpc, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { visitOf } from '../session/devices.ts';
import type { Purpose } from './next.ts';
import { type Asked, SignIn, type Step } from './sign-in.service.ts';
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
  async signIn(
    { email, password, visit }: identity.SignInRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignInStep> {
    return this.told(
      await this.signing.withPassword(email, password, visitOf(visit), causeOf(call, this.clock)),
      'sign-in',
      call,
    );
  }

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async getHalf({ halfToken }: identity.HalfRequest): Promise<identity.HalfSession> {
    const asked = await this.signing.asked(halfToken);
    return halfView(asked, asked.purpose);
  }

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async proveHalf(
    { halfToken, proof, visit }: identity.ProveHalfRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignInStep> {
    const { purpose } = await this.signing.asked(halfToken);
    const step = await this.signing.prove(halfToken, given(proof), visitOf(visit), causeOf(call, this.clock));
    return this.told(step, purpose, call);
  }

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async endHalf({ halfToken }: identity.HalfRequest): Promise<identity.EndHalfResponse> {
    await this.signing.end(halfToken);
    return {};
  }

  private async told(step: Step, purpose: Purpose, call: Rpc): Promise<identity.SignInStep> {
    if ('asked' in step) return { signedIn: undefined, half: halfView(step.asked, purpose) };
    tellSeen(call, ...step.begun.handled);
    return { signedIn: await signedIn(this.store, this.pool, step.begun, this.clock.now()), half: undefined };
  }
}

const halfView = ({ next, accepts, endsAt, token }: Asked, purpose: Purpose): identity.HalfSession => ({
  purpose,
  next,
  accepts: [...accepts],
  endsAt: endsAt.toISOString(),
  ...(token === undefined ? {} : { halfToken: token }),
});

/** What was shown; fields that are absent arrive as null. */
export function given(proof: identity.Proof | undefined): identity.Proof {
  const { password, totp, recoveryCode, passkey } = proof ?? {};
  return {
    ...(password == null ? {} : { password }),
    ...(totp == null ? {} : { totp }),
    ...(recoveryCode == null ? {} : { recoveryCode }),
    ...(passkey == null ? {} : { passkey }),
  };
}
