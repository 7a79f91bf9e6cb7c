import type { identity } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, onward, type Rpc, SERVICE_CONFIG, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { visitOf } from '../session/devices.ts';
import { signedIn } from '../sign-in/signed-in.query.ts';
import { type Registered, Registration } from './registration.ts';
import { mailOf } from './sign-up-mail.query.ts';

@NestController()
export class SignUpsController implements Controller<identity.SignUps> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly addresses: AddressBook,
    private readonly registration: Registration,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {}

  @GrpcMethod('SignUps')
  @CallableBy('gateway')
  async requestSignUp(
    { email, network }: identity.RequestSignUpRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.RequestSignUpResponse> {
    await this.registration.request(email, network, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('SignUps')
  @CallableBy('gateway')
  async verifySignUp(
    { token, name, password, visit }: identity.VerifySignUpRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignedIn> {
    return this.registered(
      await this.registration.verify(token, name, password, visitOf(visit), causeOf(call, this.clock)),
      call,
    );
  }

  @GrpcMethod('SignUps')
  @CallableBy('gateway')
  async registerInvited(
    { invitationToken, name, password, visit }: identity.RegisterInvitedRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignedIn> {
    return this.registered(
      await this.registration.registerInvited(
        invitationToken,
        name,
        password,
        visitOf(visit),
        causeOf(call, this.clock),
        onward(call),
      ),
      call,
    );
  }

  @GrpcMethod('SignUps')
  @CallableBy('mailer')
  addressSignUp({ signUpId }: identity.AddressSignUpRequest): Promise<identity.AddressMailResponse> {
    return mailOf(this.store, this.addresses, this.config.installationKey, signUpId);
  }

  private registered(made: Registered, call: Rpc): Promise<identity.SignedIn> {
    tellSeen(call, ...made.handled);
    const { organizationId, projectId } = made;
    return signedIn(this.pool, this.addresses.domainKey, made, this.clock.now(), { organizationId, projectId });
  }
}
