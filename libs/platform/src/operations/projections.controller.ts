import type { operations } from '#contracts';
import { type Build, projections } from '#event-sourcing';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import type { Controller, Rpc } from '../rpc/call-context.ts';
import { CallableBy } from '../rpc/caller.guard.ts';
import type { ServiceConfig } from '../base/config.ts';
import { OwnerHistory } from '../history/owner-history.ts';
import { Peers } from '../rpc/peers.ts';
import { sourcesOf } from '../parts/read-models.ts';
import { answerAll, type RpcStream } from '../rpc/server-stream.ts';
import { WhateverTheLog } from '../rpc/whole-log.interceptor.ts';
import { SERVICE_CONFIG, SERVICE_PARTS, type ServiceParts } from '../parts/service-parts.ts';
import { buildWork, NOTHING, type Work } from './build-work.ts';
import type { Outcome, Step } from './build-worker.ts';
import { operatorOf, recordAction } from './operator-actions.ts';

type BuildRequest = Pick<Work, 'action' | 'name' | 'n' | 'shadow' | 'evenIfDifferent'>;

/** What operators do to read models. */
@NestController()
@CallableBy('operator')
@WhateverTheLog()
export class ProjectionsController implements Controller<operations.Projections> {
  constructor(
    private readonly pool: Pool,
    private readonly peers: Peers,
    @Inject(SERVICE_PARTS) private readonly parts: ServiceParts,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {}

  @GrpcMethod('Projections')
  async listProjections(): Promise<operations.ListProjectionsResponse> {
    const sources = sourcesOf(this.parts, this.parts.service, new OwnerHistory(this.peers, this.parts.service));
    const builds = await projections({
      ownerDatabaseUrl: this.config.ownerDatabaseUrl ?? this.config.databaseUrl,
      sources,
    });
    return { items: builds.map((build) => view(build, sources.find(({ name }) => name === build.name)?.tables ?? [])) };
  }

  @GrpcMethod('Projections')
  rebuildProjection(
    { name, shadow, evenIfDifferent }: operations.RebuildProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return this.work({ action: 'rebuild', name, shadow, evenIfDifferent }, call);
  }

  @GrpcMethod('Projections')
  promoteProjection(
    { name, evenIfDifferent }: operations.SwapProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return this.work({ action: 'promote', name, evenIfDifferent }, call);
  }

  @GrpcMethod('Projections')
  rollbackProjection(
    { name, evenIfDifferent }: operations.SwapProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return this.work({ action: 'rollback', name, evenIfDifferent }, call);
  }

  @GrpcMethod('Projections')
  verifyProjection(
    { name }: operations.VerifyProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return this.work({ action: 'verify', name }, call);
  }

  @GrpcMethod('Projections')
  async dropBuild(
    { name, n }: operations.DropBuildRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<operations.DropBuildResponse> {
    for await (const _ of this.steps({ action: 'drop', name, n }, operatorOf(call))) break;
    return {};
  }

  private work(wanted: BuildRequest, call: RpcStream): Observable<operations.Progress> {
    return answerAll(call, this.steps(wanted, operatorOf(call)));
  }

  private async *steps(wanted: BuildRequest, operator: string): AsyncGenerator<operations.Progress> {
    const { service, definedIn } = this.parts;
    await recordAction(this.pool, {
      operator,
      action: `projections ${wanted.action}`,
      subject: wanted.n === undefined ? wanted.name : `${wanted.name} ${wanted.n}`,
    });
    for await (const said of buildWork(
      { ...wanted, service: service as Work['service'], definedIn, who: operator },
      this.config,
    ))
      yield 'step' in said ? stepView(said.step) : outcomeView(said.outcome);
  }
}

const stepView = ({ phase, done, total, rate, n }: Step): operations.Progress => ({
  ...NOTHING,
  phase,
  done,
  total,
  rate,
  n,
});

const outcomeView = ({
  n = 0,
  done = 0,
  rate = 0,
  state,
  checksums = [],
  differences = [],
  equal,
  pauseMs = 0,
  tries,
}: Outcome): operations.Progress => ({
  ...NOTHING,
  phase: 'finished',
  n,
  done,
  total: done,
  rate,
  pauseMs,
  checksums: checksums.map(({ table, rows, checksum }) => `${table} ${rows} ${checksum}`),
  differing: differences.flatMap(({ table, rows, keys }) => [
    `${table}: ${rows} rows`,
    ...keys.map((key) => `${table} ${key}`),
  ]),
  says:
    equal === undefined
      ? `build ${n} is ${state ?? 'done'}${tries === undefined || tries === 0 ? '' : `; readers and writers waited ${pauseMs} ms at most`}`
      : equal
        ? 'the live one equals a fresh build'
        : 'the live one differs from a fresh build',
});

const view = (
  { name, n, state, phase, done, total, rate, who, updatedAt, problem, checksums }: Build,
  tables: readonly string[],
): operations.Projection => ({
  name,
  n,
  state,
  phase,
  tables: [...tables],
  done,
  total,
  rate,
  who,
  updatedAt: updatedAt.getTime() === 0 ? '' : updatedAt.toISOString(),
  problem: problem ?? '',
  checksums: (checksums ?? []).map(({ table, rows, checksum }) => `${table} ${rows} ${checksum}`),
});
