import type { identity } from '#contracts';
import { handle, PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, decided, lookedAt, Problem, type Rpc, tellSeen } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import { Pool } from 'pg';
import { endSessions } from '../session/end-sessions.ts';
import { lockAccount } from '../locks.ts';
import type { Demanding } from '../demand/demands.controller.ts';
import { demandsOf } from '../demand/demands.query.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { account, ERASED } from './account.decider.ts';
import { findAccount, profile, profileOf, profiles } from './profiles.query.ts';

@NestController()
export class AccountsController implements Omit<Controller<identity.Accounts>, keyof Demanding> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly addresses: AddressBook,
  ) {}

  @GrpcMethod('Accounts')
  @CallableBy('gateway', 'organization')
  getAccount({ accountId }: identity.GetAccountRequest): Promise<identity.Account> {
    return profile(this.store, this.pool, accountId);
  }

  @GrpcMethod('Accounts')
  @CallableBy('operator')
  async inspectAccount(
    { accountId, reason }: identity.InspectAccountRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    return this.inspect(accountId, reason, call);
  }

  @GrpcMethod('Accounts')
  @CallableBy('operator')
  async findAccountByEmail(
    { email, reason }: identity.FindAccountByEmailRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    // Kept also when no account was found; the address is not kept, as it may belong to anybody.
    await lookedAt(this.pool, call, reason, 'account find', 'by address');
    const accountId = await this.addresses.accountIdByDigest(this.addresses.emailDigest(email));
    if (accountId === undefined) throw new Problem('account/unknown', 'No account has this address.');
    return this.inspect(accountId, reason, call);
  }

  @GrpcMethod('Accounts')
  @CallableBy('operator')
  async suspendAccount(request: identity.OperatorRequest, _metadata: Metadata, call: Rpc): Promise<identity.Account> {
    const { accountId } = request;
    const found = await profile(this.store, this.pool, accountId);
    if (!(await decided(this.pool, call, request, 'account suspend', accountId))) return found;
    const cause = causeOf(call, this.clock);
    return this.store.transact(async (store, tx) => {
      await lockAccount(tx, accountId);
      const at = cause.at.toISOString();
      const { state } = await handle(store, account, accountId, { type: 'SuspendAccount', at }, cause);
      await endSessions(store, tx, accountId, cause, { reason: 'suspended' });
      return profileOf(tx, accountId, state);
    });
  }

  @GrpcMethod('Accounts')
  @CallableBy('operator')
  async reactivateAccount(
    request: identity.ReactivateAccountRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    const { accountId } = request;
    const found = await profile(this.store, this.pool, accountId);
    if (!(await decided(this.pool, call, request, 'account reactivate', accountId))) return found;
    const cause = causeOf(call, this.clock);
    const { state } = await handle(
      this.store,
      account,
      accountId,
      { type: 'ReactivateAccount', at: cause.at.toISOString() },
      cause,
    );
    return profileOf(this.pool, accountId, state);
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
    return profileOf(this.pool, accountId, handled.state);
  }

  @GrpcMethod('Accounts')
  @CallableBy('gateway')
  async setIdleTimeout(
    { accountId, enabled }: identity.SetIdleTimeoutRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.Account> {
    const { idleTimeout: demanded } = await demandsOf(this.pool, accountId);
    const handled = await handle(
      this.store,
      account,
      accountId,
      { type: 'SetIdleTimeout', enabled, demanded },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return profileOf(this.pool, accountId, handled.state);
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

  /** The look is in the stream before anything is shown. */
  private async inspect(accountId: string, reason: string, call: Rpc): Promise<identity.Account> {
    if (reason.trim() === '') throw new Problem('request/invalid', 'Say why you look at this person: it is kept.');
    const cause = causeOf(call, this.clock);
    const { state } = await handle(
      this.store,
      account,
      accountId,
      { type: 'InspectAccount', operator: cause.actor, reason },
      cause,
    );
    return profileOf(this.pool, accountId, state);
  }
}
