import {
  Bus,
  InboxRunner,
  NoSuchRange,
  replayRange,
  republish,
  restartTopic,
  startFromHistory,
  topicsOf,
  verifyRange,
} from '#bus';
import type { GrpcOwner, operations } from '#contracts';
import { LogProof, parseCursor, PostgresEventStore } from '#event-sourcing';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject, Optional } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import type { Controller, Rpc } from '../rpc/call-context.ts';
import { CallableBy } from '../rpc/caller.guard.ts';
import { Clock } from '../base/clock.ts';
import type { ServiceConfig } from '../base/config.ts';
import { OwnerHistory } from '../history/owner-history.ts';
import { Peers } from '../rpc/peers.ts';
import { Problem } from '../base/problem.ts';
import { answerAll, type RpcStream } from '../rpc/server-stream.ts';
import { WhateverTheLog } from '../rpc/whole-log.interceptor.ts';
import { SERVICE_CONFIG, SERVICE_PARTS, type ServiceParts } from '../parts/service-parts.ts';
import { NOTHING, ownerRequired } from './build-work.ts';
import { decided, operatorOf } from './operator-actions.ts';
import { described, endOf, planReopening, reopen } from './reopening.ts';

/** This process sees for itself that the log goes on; the others within a heartbeat. */
const SETTLED_MAX_MS = 2_000;
/** No stream: only whether it is answered counts. */
const NOBODY = 'nobody-00000000-0000-0000-0000-000000000000';

type Recovery = Pick<
  Controller<operations.Operations>,
  'restartInbox' | 'republishTopic' | 'replayEvents' | 'reopenLog'
>;

/** What operators do after something was lost: a consumer's place, a topic, a database that came back from a copy. */
@NestController()
@CallableBy('operator')
@WhateverTheLog()
export class RecoveryController implements Recovery {
  constructor(
    private readonly pool: Pool,
    private readonly proof: LogProof,
    private readonly bus: Bus,
    private readonly peers: Peers,
    private readonly clock: Clock,
    @Inject(SERVICE_PARTS) private readonly parts: ServiceParts,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
    @Optional() @Inject(InboxRunner) private readonly inbox: InboxRunner | undefined,
  ) {}

  @GrpcMethod('Operations')
  restartInbox(
    request: operations.RestartInboxRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.restarting(request, call));
  }

  @GrpcMethod('Operations')
  republishTopic(
    request: operations.RepublishTopicRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.republishing(request, call));
  }

  @GrpcMethod('Operations')
  replayEvents(
    request: operations.ReplayEventsRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.replaying(request, call));
  }

  @GrpcMethod('Operations')
  async reopenLog(
    request: operations.ReopenLogRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<operations.ReopenLogResponse> {
    const fault = await this.faultToMend();
    const copy = { parts: this.parts, sql: this.pool, bus: this.bus, named: await this.proof.heardOf() };
    const about = { fault, ...(await endOf(this.pool)) };
    const { ownerDatabaseUrl: ownerUrl } = this.config;
    if (ownerUrl === undefined) throw ownerRequired(this.parts.service);
    const plan = await planReopening(copy);
    if (!(await decided(this.pool, call, request, 'log reopen', String(plan.epoch))))
      return { ...about, ...described(plan) };
    const evidence = { fault, operator: operatorOf(call), reason: request.reason };
    const done = await reopen(copy, { ownerUrl, evidence, at: this.clock.now() });
    this.proof.doubt();
    await this.proof.settled(SETTLED_MAX_MS);
    return { ...about, ...described(done) };
  }

  /** @throws Problem where the log is whole: raising its epoch for nothing would make every gateway and consumer begin anew; or where its turn has not come. */
  private async faultToMend(): Promise<string> {
    const { service, reopening } = this.parts;
    const fault = await this.proof.require().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (fault === undefined)
      throw new Problem(
        'log/whole',
        `The log of ${service} is the one it was written in, and nobody knows more of it than it holds: there is nothing to reopen.`,
      );
    for (const owner of reopening?.after ?? []) await this.requireWhole(owner);
    return fault;
  }

  /** What a service judges by is its owners': reopened before them it would judge by what their copies lack. */
  private async requireWhole(owner: GrpcOwner): Promise<void> {
    const asked = this.peers
      .of(owner, 'History')
      .readStream(
        { streamId: NOBODY, afterVersion: 0, afterEpoch: 0 },
        { correlationId: 'log reopen', actor: `service:${this.parts.service}` },
      );
    await asked.catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new Problem(
        'log/owners-first',
        `${this.parts.service} judges by what ${owner} tells, and ${owner} must be whole first: reopen its log, then this one. It says: ${why}`,
      );
    });
  }

  /** Noted, then kept where a crash leaves it: the place says that the history comes first until it has been read. */
  private async *restarting(
    request: operations.RestartInboxRequest,
    call: RpcStream,
  ): AsyncGenerator<operations.Progress> {
    const { service } = this.parts;
    const { topic } = request;
    const inbox = this.inbox;
    const known = inbox?.topics.find((each) => each === topic);
    if (!inbox || known === undefined)
      throw new Problem(
        'request/invalid',
        `${service} does not read ${topic}. It reads: ${inbox?.topics.join(', ') ?? 'nothing'}.`,
      );
    if (!(await decided(this.pool, call, request, 'inbox restart', topic))) {
      yield planned(
        `${service} would read all of ${topic} anew from its owner, drop what it knows, and go on with the bus`,
      );
      return;
    }
    await restartTopic(this.pool, service, topic);
    const read = await startFromHistory(
      inbox,
      { pool: this.pool, bus: this.bus, consumer: service },
      known,
      new OwnerHistory(this.peers, service),
    );
    yield {
      ...NOTHING,
      phase: 'finished',
      done: read,
      total: read,
      says: `${read} facts of ${topic} were read from their owner; ${service} goes on with the bus`,
    };
  }

  private async *republishing(
    request: operations.RepublishTopicRequest,
    call: RpcStream,
  ): AsyncGenerator<operations.Progress> {
    const { service, publish } = this.parts;
    const { topic } = request;
    const own = topicsOf(service).find((each) => each === topic);
    if (own === undefined)
      throw new Problem(
        'request/invalid',
        `${service} does not own ${topic}. It owns: ${topicsOf(service).join(', ')}.`,
      );
    if (!(await decided(this.pool, call, request, 'events republish', topic))) {
      yield planned(
        `all facts of ${topic} would be read from the log of ${service}, and those that the bus lacks put on it again`,
      );
      return;
    }
    const done = await republish({
      bus: this.bus,
      topic: own,
      store: new PostgresEventStore(this.pool),
      publish,
      service,
    });
    yield { ...NOTHING, phase: 'finished', done, total: done, says: `${done} facts of ${topic} are on the bus again` };
  }

  private async *replaying(
    request: operations.ReplayEventsRequest,
    call: RpcStream,
  ): AsyncGenerator<operations.Progress> {
    const { service, publish } = this.parts;
    const { toConsumer: consumer } = request;
    const [from, to] = [position(request.from), position(request.to)];
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(consumer))
      throw new Problem('request/invalid', 'A consumer is named by small letters, digits and hyphens.');
    const range = { sql: this.pool, from, to };
    await verifyRange(range).catch(noSuchRange(service));
    const apply = await decided(
      this.pool,
      call,
      request,
      'events replay',
      `${request.from} to ${request.to} for ${consumer}`,
    );
    if (!apply) {
      yield planned(
        `the facts of ${service} from ${request.from} to ${request.to} would go to a topic for ${consumer} alone`,
      );
      return;
    }
    const run = new Date().toISOString().replaceAll(/[^0-9]/g, '');
    const { topic, facts } = await replayRange({
      ...range,
      store: new PostgresEventStore(this.pool),
      publish,
      service,
      consumer,
      run,
      deliver: (messages) => this.bus.publish(messages),
    }).catch(noSuchRange(service));
    yield {
      ...NOTHING,
      phase: 'finished',
      done: facts,
      total: facts,
      says: `${facts} facts are in topic ${topic}, for ${consumer} alone`,
    };
  }
}

const planned = (says: string): operations.Progress => ({ ...NOTHING, phase: 'finished', says });

const noSuchRange = (service: string) => (error: unknown) => {
  throw error instanceof NoSuchRange ? new Problem('stream/unknown', `${service}: ${error.message}.`) : error;
};

function position(text: string) {
  if (!/^\d+\.\d+\.\d+$/.test(text))
    throw new Problem(
      'request/invalid',
      'A position looks like 1.885.1: epoch, transaction and place. "rollcall events tail -o json" shows them.',
    );
  return parseCursor(text);
}
