import type { identity } from '#contracts';
import { CallableBy, causeOf, Clock, type Controller, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { given } from '../sign-in/given.ts';
import { Security } from './security.service.ts';

@NestController()
export class SecurityController implements Controller<identity.Security> {
  constructor(
    private readonly security: Security,
    private readonly clock: Clock,
  ) {}

  @GrpcMethod('Security')
  @CallableBy('gateway')
  getSecurity({ holder }: identity.GetSecurityRequest): Promise<identity.SecurityView> {
    return this.security.view(asking(holder));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  proveSession(
    { holder, proof }: identity.ProveSessionRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SessionProof> {
    return this.security.prove(asking(holder), given(proof), causeOf(call, this.clock));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async changePassword(
    { holder, current, password }: identity.ChangePasswordRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityChanged> {
    return told(await this.security.changePassword(asking(holder), current, password, causeOf(call, this.clock)));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async setMultiFactor(
    { holder, enabled }: identity.SetMultiFactorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityChanged> {
    return told(await this.security.setMultiFactor(asking(holder), enabled, causeOf(call, this.clock)));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  beginAuthenticator({
    holder,
    name,
    issuer,
  }: identity.BeginAuthenticatorRequest): Promise<identity.PendingAuthenticator> {
    return this.security.beginAuthenticator(asking(holder), name, issuer);
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async confirmAuthenticator(
    { holder, factorId, code }: identity.ConfirmAuthenticatorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityChanged> {
    return told(await this.security.confirmAuthenticator(asking(holder), factorId, code, causeOf(call, this.clock)));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  beginPasskey({ holder, origin }: identity.HolderAtRequest): Promise<identity.PasskeyOptions> {
    return this.security.beginPasskey(asking(holder), origin);
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async addPasskey(
    { holder, origin, name, passkey }: identity.AddPasskeyRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityChanged> {
    return told(await this.security.addPasskey(asking(holder), name, passkey, origin, causeOf(call, this.clock)));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  askPasskeyProof({ holder, origin }: identity.HolderAtRequest): Promise<identity.PasskeyOptions> {
    return this.security.askPasskeyProof(asking(holder), origin);
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  renameFactor(
    { holder, factorId, name }: identity.RenameFactorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Factor> {
    return this.security.renameFactor(asking(holder), factorId, name, causeOf(call, this.clock));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async removeFactor(
    { holder, factorId }: identity.RemoveFactorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityChanged> {
    return told(await this.security.removeFactor(asking(holder), factorId, causeOf(call, this.clock)));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async issueRecoveryCodes(
    { holder }: identity.HolderRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityChanged> {
    return told(await this.security.issueCodes(asking(holder), causeOf(call, this.clock)));
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  async requestAddressChange(
    { holder, email }: identity.RequestAddressChangeRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.RequestAddressChangeResponse> {
    await this.security.requestAddress(asking(holder), email, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Security')
  @CallableBy('gateway')
  cancelAddressChange(
    { holder }: identity.HolderRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SecurityView> {
    return this.security.cancelAddress(asking(holder), causeOf(call, this.clock));
  }
}

const asking = (holder: identity.Holder | undefined): identity.Holder => holder ?? { accountId: '', sessionId: '' };

const told = (changed: {
  security: identity.SecurityView;
  sessionToken: string;
  codes?: string[];
  factor?: identity.Factor | undefined;
}): identity.SecurityChanged => ({
  security: changed.security,
  sessionToken: changed.sessionToken,
  codes: changed.codes ?? [],
  ...(changed.factor ? { factor: changed.factor } : {}),
});
