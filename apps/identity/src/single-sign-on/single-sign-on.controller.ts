import { reaches } from '#bus';
import type { identity } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, ForeignStreams, onward, Problem, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { PROOF_MS } from '../security/security.view.ts';
import { visitOf } from '../session/devices.ts';
import { StepView } from '../sign-in/step.view.ts';
import { Arrivals } from './arrivals.service.ts';
import { type AttemptPurpose, attemptsOf } from './attempts.ts';
import { enforcedFor } from '../governance/governance.query.ts';
import { unbind } from './unbinding.ts';
import { Preview } from './preview.query.ts';
import { ProviderLogout } from './provider-logout.service.ts';
import { SingleSignOn } from './single-sign-on.service.ts';

@NestController()
export class SingleSignOnController implements Controller<identity.SingleSignOn> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly foreign: ForeignStreams,
    private readonly signingOn: SingleSignOn,
    private readonly arrivals: Arrivals,
    private readonly logout: ProviderLogout,
    private readonly people: Preview,
    private readonly step: StepView,
  ) {}

  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway', 'organization')
  async look({ email }: identity.LookRequest): Promise<identity.LookResponse> {
    return { next: (await enforcedFor(this.pool, email)) ? 'single-sign-on' : 'password' };
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  start(request: identity.StartRequest, _metadata: Metadata, call: Rpc): Promise<identity.StartResponse> {
    return this.signingOn.start(
      {
        email: request.email ?? undefined,
        connectionId: request.connectionId ?? undefined,
        purpose: request.purpose as AttemptPurpose,
        holder: request.holder ?? undefined,
        invitationToken: request.invitationToken ?? undefined,
        returnTo: request.returnTo ?? undefined,
        browserToken: request.browserToken ?? undefined,
        halfToken: request.halfToken ?? undefined,
        origin: request.origin,
        network: request.network,
      },
      onward(call),
    );
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  async finish(request: identity.FinishRequest, _metadata: Metadata, call: Rpc): Promise<identity.FinishResponse> {
    const { connectionId, browserToken, state, origin } = request;
    const cause = causeOf(call, this.clock);
    const { returnTo, ...finished } = await this.signingOn.finish(
      {
        connectionId,
        browserToken,
        state,
        origin,
        query: request.query ?? undefined,
        samlResponse: request.samlResponse ?? undefined,
        holder: request.holder ?? undefined,
        halfToken: request.halfToken ?? undefined,
        visit: visitOf(request.visit),
      },
      cause,
      onward(call),
    );
    const answer = { mailed: 'mailed' in finished, ...(returnTo === undefined ? {} : { returnTo }) };
    if ('step' in finished) return { ...answer, step: await this.step.told(finished.step, 'sign-in', call) };
    if ('tested' in finished) return { ...answer, tested: finished.tested };
    if ('provenToken' in finished) {
      const provenUntil = new Date(cause.at.getTime() + PROOF_MS).toISOString();
      return { ...answer, proved: { provenUntil, sessionToken: finished.provenToken } };
    }
    return answer;
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  async bind(
    { token, browserToken, visit }: identity.BindRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.FinishResponse> {
    const cause = causeOf(call, this.clock);
    const step = await this.signingOn.bind(token, browserToken, visitOf(visit), cause, onward(call));
    return { mailed: false, step: await this.step.told(step, 'bind', call) };
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  async endByProvider(
    { connectionId, logoutToken, origin }: identity.EndByProviderRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.EndSessionsResponse> {
    const ended = await this.logout.end(connectionId, logoutToken, origin, causeOf(call, this.clock), onward(call));
    return { ended };
  }

  /** The gateway has asked organization whether the caller owns the connection. */
  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  async listAttempts({ connectionId }: identity.ListAttemptsRequest): Promise<identity.ListAttemptsResponse> {
    const items = await attemptsOf(this.pool, connectionId);
    return {
      items: items.map(({ beganAt, purpose, outcome, check }) => ({
        beganAt: beganAt.toISOString(),
        purpose,
        outcome,
        ...(check === undefined ? {} : { check }),
      })),
    };
  }

  /** The gateway has asked organization whether the caller owns the connection. */
  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  async unbind(
    { connectionId, accountId }: identity.UnbindRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.EndSessionsResponse> {
    const cause = causeOf(call, this.clock);
    return { ended: await this.store.transact((store, tx) => unbind(store, tx, { accountId, connectionId }, cause)) };
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('gateway')
  async getMetadata(
    { connectionId, origin }: identity.GetMetadataRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<identity.GetMetadataResponse> {
    return { xml: await this.signingOn.metadata(connectionId, origin, onward(call)) };
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('organization')
  async confirm({
    streamId,
    version,
    epoch,
  }: identity.ConfirmDemandsRequest): Promise<identity.ConfirmDemandsResponse> {
    const topic = streamId.startsWith('single-sign-on-')
      ? 'organization.single-sign-on'
      : streamId.startsWith('organization-')
        ? 'organization.organizations'
        : undefined;
    if (!topic) throw new Problem('request/invalid', 'Organizations alone decide how their people sign in.');
    const mark = { epoch, version };
    return {
      confirmed:
        (await this.foreign.holds(streamId, mark)) || reaches(await this.foreign.catchUp(topic, streamId), mark),
    };
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('organization')
  preview(request: identity.PreviewRequest): Promise<identity.PreviewResponse> {
    return this.people.of(request);
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('organization')
  async findBound({
    connectionId,
    person,
    subjectAttribute,
  }: identity.FindBoundRequest): Promise<identity.FindBoundResponse> {
    const accountId = await this.arrivals.accountOf(connectionId, person, subjectAttribute ?? undefined);
    return accountId === undefined ? {} : { accountId };
  }

  @GrpcMethod('SingleSignOn')
  @CallableBy('organization')
  async listGuests({ organizationId, after, limit }: identity.ListGuestsRequest): Promise<identity.ListGuestsResponse> {
    return { accountIds: await this.people.guestsOf(organizationId, after ?? undefined, limit) };
  }
}
