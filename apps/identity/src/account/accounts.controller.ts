import type { identity } from '#contracts';
import { handle, PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, Problem, type Rpc, tellSeen } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import { AddressBook } from '../email-address/address-book.ts';
import { account, ERASED } from './account.decider.ts';
import { findAccount, profile, profileOf, profiles } from './profiles.query.ts';

@NestController()
export class AccountsController implements Controller<identity.Accounts> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly clock: Clock,
    private readonly addresses: AddressBook,
  ) {}

  @GrpcMethod('Accounts')
  @CallableBy('gateway', 'organization')
  getAccount({ accountId }: identity.GetAccountRequest): Promise<identity.Account> {
    return profile(this.store, accountId);
  }

  @GrpcMethod('Accounts')
  @CallableBy('operator')
  async inspectAccount(
    { accountId, reason }: identity.InspectAccountRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    if (reason.trim() === '') throw new Problem('request/invalid', 'Say why you look at this person: it is kept.');
    const cause = causeOf(call, this.clock);
    const { state } = await handle(
      this.store,
      account,
      accountId,
      { type: 'InspectAccount', operator: cause.actor, reason },
      cause,
    );
    return profileOf(accountId, state);
  }

  @GrpcMethod('Accounts')
  @CallableBy('gateway')
  async changeName(
    { accountId, name }: identity.ChangeNameRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    const handled = await handle(
      this.store,
      account,
      accountId,
      { type: 'RenameAccount', name },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return profileOf(accountId, handled.state);
  }

  @GrpcMethod('Accounts')
  @CallableBy('gateway')
  async setIdleTimeout(
    { accountId, enabled }: identity.SetIdleTimeoutRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    const handled = await handle(
      this.store,
      account,
      accountId,
      { type: 'SetIdleTimeout', enabled },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return profileOf(accountId, handled.state);
  }

  @GrpcMethod('Accounts')
  @CallableBy('gateway')
  async describeAccounts({ accountIds }: identity.DescribeAccountsRequest): Promise<identity.DescribeAccountsResponse> {
    return { accounts: await profiles(this.store, accountIds) };
  }

  @GrpcMethod('Accounts')
  @CallableBy('organization')
  async findAccount({ email }: identity.FindAccountRequest): Promise<identity.FindAccountResponse> {
    const accountId = await this.addresses.accountIdByDigest(this.addresses.emailDigest(email));
    return accountId === undefined ? {} : { accountId };
  }

  @GrpcMethod('Accounts')
  @CallableBy('mailer')
  async addressAccount({ accountId }: identity.AddressAccountRequest): Promise<identity.AddressMailResponse> {
    const found = await findAccount(this.store, accountId);
    return found && found.email !== ERASED ? { email: found.email, name: found.name } : { name: '' };
  }
}
