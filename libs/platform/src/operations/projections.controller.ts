import type { operations } from '#contracts';
import { type Build, type BuildAction, planBuild, projections } from '#event-sourcing';
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
import { buildProblem, buildWork, NOTHING, ownerRequired, type Work } from './build-work.ts';
import type { Outcome, Step } from './build-worker.ts';
import { decided, operatorOf, recordAction } from './operator-actions.ts';

type BuildRequest = Pick<Work, 'action' | 'name' | 'n' | 'shadow' | 'evenIfDifferent'>;
type Change = BuildRequest & { readonly action: BuildAction; readonly apply: boolean; readonly reason: string };

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
    request: operations.RebuildProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.change({ action: 'rebuild', ...request }, call));
  }

  @GrpcMethod('Projections')
  promoteProjection(
    request: operations.SwapProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.change({ action: 'promote', ...request }, call));
  }

  @GrpcMethod('Projections')
  rollbackProjection(
    request: operations.SwapProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.change({ action: 'rollback', ...request }, call));
  }

  @GrpcMethod('Projections')
  verifyProjection(
    { name }: operations.VerifyProjectionRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<operations.Progress> {
    return answerAll(call, this.verifying(name, operatorOf(call)));
  }

  @GrpcMethod('Projections')
  async dropBuild(
    request: operations.DropBuildRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<operations.DropBuildResponse> {
    for await (const _ of this.change({ action: 'drop', ...request }, call)) break;
    return {};
  }

  /** Says what would be done, after the checks that doing it makes; or does it. */
  private async *change(wanted: Change, call: Rpc): AsyncGenerator<operations.Progress> {
    const { action, name, n } = wanted;
    const subject = n === undefined ? name : `${name} ${n}`;
    const { service } = this.parts;
    const who = operatorOf(call);
    const { ownerDatabaseUrl } = this.config;
    if (ownerDatabaseUrl === undefined) throw ownerRequired(service);
    const sources = sourcesOf(this.parts, service, new OwnerHistory(this.peers, service));
    const build = await planBuild({ ownerDatabaseUrl, sources, who }, action, name, n).catch((error: unknown) => {
      throw error instanceof Error ? buildProblem(error) : error;
    });
    if (await decided(this.pool, call, wanted, `projections ${action}`, subject)) yield* this.work(wanted, who);
    else yield { ...NOTHING, phase: 'finished', n: build ?? 0, says: plans[action](build, wanted) };
  }

  private async *verifying(name: string, operator: string): AsyncGenerator<operations.Progress> {
    await recordAction(this.pool, { operator, action: 'projections verify', subject: name });
    yield* this.work({ action: 'verify', name }, operator);
  }

  private async *work(
    { action, name, n, shadow, evenIfDifferent }: BuildRequest,
    who: string,
  ): AsyncGenerator<operations.Progress> {
    const { service, definedIn } = this.parts;
    for await (const said of buildWork(
      {
        action,
        name,
        ...(n === undefined ? {} : { n }),
        shadow: shadow ?? false,
        evenIfDifferent: evenIfDifferent ?? false,
        service: service as Work['service'],
        definedIn,
        who,
      },
      this.config,
    ))
      yield 'step' in said ? stepView(said.step) : outcomeView(said.outcome);
  }
}

const plans: Record<BuildAction, (build: number | undefined, wanted: Change) => string> = {
  rebuild: (build, { shadow }) =>
    `${build === undefined ? 'a new build would be made' : `build ${build} would go on`} beside the live one and be compared with it${shadow === true ? '' : ', and take its place if they are equal'}`,
  promote: (build) => `build ${build} would be compared with the live one, and take its place`,
  rollback: (build) => `build ${build}, which was live before, would take its place again`,
  drop: (build) => `build ${build} would be dropped with its tables`,
};

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
