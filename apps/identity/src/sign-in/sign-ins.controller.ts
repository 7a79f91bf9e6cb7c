import type { identity } from '#contracts';
import { CallableBy, causeOf, Clock, type Controller, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { visitOf } from '../session/devices.ts';
import { given } from './given.ts';
import { SignIn } from './sign-in.service.ts';
import { halfView, StepView } from './step.view.ts';

@NestController()
export class SignInsController implements Controller<identity.SignIns> {
  constructor(
    private readonly clock: Clock,
    private readonly signing: SignIn,
    private readonly step: StepView,
  ) {}

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async signIn(
    { email, password, visit }: identity.SignInRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignInStep> {
    return this.step.told(
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
    return this.step.told(step, purpose, call);
  }

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  askPasskey({ origin, halfToken }: identity.AskPasskeyRequest): Promise<identity.PasskeyOptions> {
    return this.signing.askPasskey(origin, halfToken ?? undefined);
  }

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async signInByPasskey(
    { passkey, origin, visit }: identity.SignInByPasskeyRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignInStep> {
    const step = await this.signing.withPasskey(passkey, origin, visitOf(visit), causeOf(call, this.clock));
    return this.step.told(step, 'sign-in', call);
  }

  @GrpcMethod('SignIns')
  @CallableBy('gateway')
  async endHalf({ halfToken }: identity.HalfRequest): Promise<identity.EndHalfResponse> {
    await this.signing.end(halfToken);
    return {};
  }
}
