import type { identity } from '#contracts';
import { handle, PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, linkToken, onward, Problem, type Rpc, SERVICE_CONFIG, tellSeen } from '#platform';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import type { IdentityConfig } from '../config.ts';
import { SignIn } from '../sign-in/sign-in.service.ts';
import { sessionView } from '../session/sessions.controller.ts';
import { type Registered, Registration } from '../sign-up/registration.ts';
import { account, ERASED } from './account.decider.ts';
import { findAccount, profile, profileOf, profiles } from './profiles.query.ts';

@NestController()
export class AccountsController implements Controller<identity.Accounts> {
  constructor(
    private readonly store: PostgresEventStore, private readonly clock: Clock, private readonly registration: Registration, private readonly signing: SignIn,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {}

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async requestSignUp({ email, network }: identity.RequestSignUpRequest, _metadata: Metadata, call: Rpc): Promise<identity.RequestSignUpResponse> {
    await this.registration.request(email, network, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async verifySignUp({ token, name, password }: identity.VerifySignUpRequest, _metadata: Metadata, call: Rpc): Promise<identity.SignedIn> {
    return this.registered(await this.registration.verify(token, name, password, causeOf(call, this.clock)), call);
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async registerInvited({ invitationToken, name, password }: identity.RegisterInvitedRequest, _metadata: Metadata, call: Rpc): Promise<identity.SignedIn> {
    return this.registered(await this.registration.registerInvited(invitationToken, name, password, causeOf(call, this.clock), onward(call)), call);
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async signIn(request: identity.SignInRequest, _metadata: Metadata, call: Rpc): Promise<identity.SignedIn> {
    const { accountId, begun } = await this.signing.withPassword(request, causeOf(call, this.clock));
    tellSeen(call, ...begun.handled);
    return { account: await profile(this.store, accountId), session: await this.session(begun.sessionId, accountId), sessionToken: begun.token, organizationId: '', projectId: '' };
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  getAccount({ accountId }: identity.GetAccountRequest): Promise<identity.Account> {
    return profile(this.store, accountId);
  }

  @GrpcMethod('Accounts') @CallableBy('operator')
  async inspectAccount({ accountId, reason }: identity.InspectAccountRequest, _metadata: Metadata, call: Rpc): Promise<identity.Account> {
    if (reason.trim() === '') throw new Problem('request/invalid', 'Say why you look at this person: it is kept.');
    const cause = causeOf(call, this.clock);
    const { state } = await handle(this.store, account, accountId, { type: 'InspectAccount', operator: cause.actor, reason }, cause);
    return profileOf(accountId, state);
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async changeName({ accountId, name }: identity.ChangeNameRequest, _metadata: Metadata, call: Rpc): Promise<identity.Account> {
    const handled = await handle(this.store, account, accountId, { type: 'RenameAccount', name }, causeOf(call, this.clock));
    tellSeen(call, handled);
    return profileOf(accountId, handled.state);
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async setIdleTimeout({ accountId, enabled }: identity.SetIdleTimeoutRequest, _metadata: Metadata, call: Rpc): Promise<identity.Account> {
    const handled = await handle(this.store, account, accountId, { type: 'SetIdleTimeout', enabled }, causeOf(call, this.clock));
    tellSeen(call, handled);
    return profileOf(accountId, handled.state);
  }

  @GrpcMethod('Accounts') @CallableBy('gateway')
  async describeAccounts({ accountIds }: identity.DescribeAccountsRequest): Promise<identity.DescribeAccountsResponse> {
    return { accounts: await profiles(this.store, accountIds) };
  }

  @GrpcMethod('Accounts') @CallableBy('organization')
  async findAccount({ email }: identity.FindAccountRequest): Promise<identity.FindAccountResponse> {
    const accountId = await this.registration.accountIdByDigest(this.registration.emailDigest(email));
    return accountId === undefined ? {} : { accountId };
  }

  @GrpcMethod('Accounts') @CallableBy('mailer')
  async addressMail({ about, id }: identity.AddressMailRequest): Promise<identity.AddressMailResponse> {
    if (about === 'sign-up') return this.addressSignUp(id);
    if (about !== 'account') throw new Problem('request/invalid', 'A mail is about an account or a sign-up.');
    const found = await findAccount(this.store, id);
    return found && found.email !== ERASED ? { email: found.email, name: found.name } : { name: '' };
  }

  private async addressSignUp(signUpId: string): Promise<identity.AddressMailResponse> {
    const mail = await this.registration.mailOf(signUpId);
    if (!mail) return { name: '' };
    if (mail.registered) return { email: mail.email, name: '' };
    return { email: mail.email, name: '', token: linkToken(this.config.installationKey, { purpose: 'sign-up', id: signUpId, eventId: mail.eventId }) };
  }

  private async registered(made: Registered, call: Rpc): Promise<identity.SignedIn> {
    tellSeen(call, ...made.handled);
    const { accountId, organizationId, projectId, token } = made;
    return { account: await profile(this.store, accountId), session: await this.session(made.sessionId, accountId), sessionToken: token, organizationId, projectId };
  }

  private async session(sessionId: string, accountId: string) {
    const open = (await this.signing.sessions(accountId)).find((candidate) => candidate.sessionId === sessionId);
    if (!open) throw new Error('a session that was just begun is not open');
    return sessionView(open);
  }
}
