import type { identity } from '#contracts';
import { handle, PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, decided, maskedEmail, Problem, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { account } from '../account/account.decider.ts';
import { findAccount } from '../account/profiles.query.ts';
import type { AccountStatus } from '../account/vocabulary.decider.ts';
import { visitOf } from '../session/devices.ts';
import { findHalf } from '../sign-in/half-sessions.ts';
import { halfView, StepView } from '../sign-in/step.view.ts';
import { Recoveries } from './recoveries.service.ts';
import type { Wish } from './wishes.ts';

@NestController()
export class RecoveriesController implements Controller<identity.Recoveries> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly recoveries: Recoveries,
    private readonly step: StepView,
  ) {}

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async wishForMail({ kind, email, network }: identity.WishForMailRequest): Promise<identity.WishForMailResponse> {
    await this.recoveries.wish(wishOf(kind), email, network);
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async openLink({ kind, token }: identity.OpenLinkRequest): Promise<identity.HalfSession> {
    const asked = await this.recoveries.open(wishOf(kind), token);
    return halfView(asked, asked.purpose);
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async completeHalf(
    { halfToken, password, visit }: identity.CompleteHalfRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.SignInStep> {
    const { purpose } = await findHalf(this.pool, halfToken, this.clock.now());
    const cause = causeOf(call, this.clock);
    const step = await this.recoveries.complete(halfToken, password ?? undefined, visitOf(visit), cause);
    return this.step.told(step, purpose, call);
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async lookAddressLink({ token }: identity.LinkRequest): Promise<identity.AddressLink> {
    const { does, email } = await this.recoveries.look(token);
    return { does, maskedEmail: maskedEmail(email) };
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async confirmAddress({ token }: identity.LinkRequest, _metadata: Metadata, call: Rpc): Promise<identity.LinkDone> {
    await this.recoveries.confirmAddress(token, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async undoAddress({ token }: identity.LinkRequest, _metadata: Metadata, call: Rpc): Promise<identity.LinkDone> {
    await this.recoveries.undoAddress(token, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async askFactorRecovery(
    { halfToken }: identity.HalfRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.WishForMailResponse> {
    await this.recoveries.askRecovery(halfToken, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async confirmFactorRecovery(
    { token }: identity.LinkRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.LinkDone> {
    await this.recoveries.confirmRecovery(token, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async cancelFactorRecovery(
    { token }: identity.LinkRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.LinkDone> {
    await this.recoveries.cancelRecovery(token, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('gateway')
  async completeFactorRecovery(
    { token }: identity.LinkRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.LinkDone> {
    await this.recoveries.completeRecovery(token, causeOf(call, this.clock));
    return {};
  }

  @GrpcMethod('Recoveries')
  @CallableBy('operator')
  async approveFactorRecovery(
    request: identity.OperatorRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.FactorRecoveryView> {
    const { accountId, reason } = request;
    const found = await findAccount(this.store, accountId);
    if (!found) throw new Problem('account/unknown', 'No account has this id.');
    if (!(await decided(this.pool, call, request, 'account recover', accountId))) return recoveryView(accountId, found);
    const cause = causeOf(call, this.clock);
    const { state } = await handle(
      this.store,
      account,
      accountId,
      { type: 'ApproveFactorRecovery', operator: cause.actor, reason, at: cause.at.toISOString() },
      cause,
    );
    return recoveryView(accountId, state.status === 'unregistered' ? found : state);
  }

  @GrpcMethod('Recoveries')
  @CallableBy('mailer')
  async addressLetter({ purpose, id }: identity.AddressLetterRequest): Promise<identity.AddressMailResponse> {
    return { name: '', ...(await this.recoveries.letter(purpose, id)) };
  }
}

function wishOf(kind: string): Wish {
  if (kind !== 'reset' && kind !== 'reactivation') throw new Problem('request/invalid', 'No mail has this kind.');
  return kind;
}

const recoveryView = (accountId: string, { recovery }: AccountStatus): identity.FactorRecoveryView => ({
  accountId,
  status: recovery === undefined ? 'not-asked' : recovery.dueAt === undefined ? 'asked' : 'approved',
  ...(recovery?.dueAt === undefined ? {} : { dueAt: recovery.dueAt }),
});
