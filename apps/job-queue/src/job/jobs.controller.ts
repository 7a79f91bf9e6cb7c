import type { jobQueue } from '#contracts';
import { type Cause, followUp, handle, isUuid, PostgresEventStore, Refused } from '#event-sourcing';
import {
  answerAll,
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  pointerTo,
  Problem,
  type Rpc,
  type RpcStream,
  SERVICE_CONFIG,
  tellSeen,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import type { Observable } from 'rxjs';
import type { JobQueueConfig } from '../config.ts';
import { millisecondsFor } from '../simulator/cost.ts';
import { job } from './job.decider.ts';
import type { JobCounts } from './job-counts.controller.ts';
import { JobBodies } from './job-bodies.ts';
import type { WrittenJob } from './job-contents.ts';
import type { Refusal } from './job-reader.ts';
import { JobSignals } from './job-signals.ts';
import { countJobDays, jobsById, knownOf, listJobs, parseCursor, predictedQueueMs } from './jobs.query.ts';
import { probabilitiesOf } from './probabilities.query.ts';
import { histogramOf } from './histogram.query.ts';
import { samplesOf } from './samples.query.ts';
import { deleteJob, submit } from './submission.ts';

const LIMIT_MAX = 1_000;
const LIMIT = 25;
const POINTER_MAX = 200;

/** Never asks who holds a key or an account: the gateway has judged, and a job outlives both. */
@NestController()
export class JobsController implements Omit<
  Controller<jobQueue.Jobs>,
  keyof JobCounts | 'getProbabilities' | 'getSamples'
> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly signals: JobSignals,
    private readonly bodies: JobBodies,
    @Inject(SERVICE_CONFIG) private readonly config: JobQueueConfig,
  ) {}

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  async submitJob(
    { body, ...owner }: jobQueue.SubmitJobRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<jobQueue.Job> {
    const read = await this.bodies.read(body, owner.projectId);
    if ('refused' in read) throw refusal(read);
    // A gateway from before shares names no organization.
    const { jobId, handled } = await submit(
      this.store,
      { ...owner, organizationId: owner.organizationId || owner.projectId },
      this.affordable(read),
      causeOf(call, this.clock),
    );
    this.signals.ring();
    tellSeen(call, handled);
    return this.find(owner.projectId, jobId);
  }

  /** What a job of so many gates would take; it need not be one that is accepted. */
  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  async estimateJob({
    accountId,
    qubits,
    shots,
    oneQubitGates,
    twoQubitGates,
  }: jobQueue.EstimateJobRequest): Promise<jobQueue.JobEstimate> {
    const passes = oneQubitGates + twoQubitGates;
    const executionMs = Math.ceil(millisecondsFor({ qubits, passes, spreading: oneQubitGates, shots, runs: 0 }));
    return { executionMs, queueMs: await predictedQueueMs(this.pool, accountId, executionMs, this.config.simulators) };
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  getJob({ projectId, jobId }: jobQueue.JobRequest): Promise<jobQueue.Job> {
    return this.find(projectId, jobId);
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  async listJobs({
    projectIds,
    jobIds,
    status,
    backend,
    limit,
    after,
    accountId,
    keyId,
    from,
    before,
  }: jobQueue.ListJobsRequest): Promise<jobQueue.ListJobsResponse> {
    if (jobIds.length > 0) {
      const found = await jobsById(this.pool, projectIds, uuidsOnly(jobIds));
      return {
        items: found.filter(
          (one) =>
            (status ?? one.status) === one.status &&
            (backend ?? one.backend) === one.backend &&
            (accountId?.toLowerCase() ?? one.accountId) === one.accountId,
        ),
      };
    }
    const place = after === undefined ? undefined : parseCursor(after);
    if (after !== undefined && !place)
      throw new Problem(
        'request/invalid',
        'This list has no such place to go on from: take `next` from the page before.',
      );
    return listJobs(this.pool, {
      projectIds,
      status,
      backend,
      accountId,
      keyId,
      from: instant(from),
      before: instant(before),
      after: place,
      limit: limit < 1 ? LIMIT : Math.min(limit, LIMIT_MAX),
    });
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  async countJobDays({
    from,
    before,
    ...filter
  }: jobQueue.CountJobDaysRequest): Promise<jobQueue.CountJobDaysResponse> {
    return { days: await countJobDays(this.pool, { ...filter, from: instant(from), before: instant(before) }) };
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  async getHistogram({ projectId, jobId, limit }: jobQueue.HistogramRequest): Promise<jobQueue.Histogram> {
    return histogramOf(this.pool, await this.finished(projectId, jobId), limit);
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  cancelJobs(request: jobQueue.JobsRequest, _metadata: Metadata, call: Rpc): Promise<jobQueue.JobsResponse> {
    return this.forEach(request, call, (jobId, cause) => handle(this.store, job, jobId, { type: 'CancelJob' }, cause));
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  deleteJobs(request: jobQueue.JobsRequest, _metadata: Metadata, call: Rpc): Promise<jobQueue.JobsResponse> {
    return this.forEach(request, call, (jobId, cause) => deleteJob(this.store, jobId, cause));
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  getProbabilities(
    { projectId, jobId }: jobQueue.JobRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<jobQueue.ProbabilitiesPiece> {
    return answerAll(call, this.probabilities(projectId, jobId));
  }

  private async *probabilities(projectId: string, jobId: string): AsyncGenerator<jobQueue.ProbabilitiesPiece> {
    for await (const probabilities of probabilitiesOf(this.pool, await this.finished(projectId, jobId)))
      yield { probabilities };
  }

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  getSamples(
    request: jobQueue.SamplesRequest,
    _metadata: Metadata,
    call: RpcStream,
  ): Observable<jobQueue.SamplesPiece> {
    return answerAll(call, this.samples(request));
  }

  private async *samples({ projectId, jobId, form }: jobQueue.SamplesRequest): AsyncGenerator<jobQueue.SamplesPiece> {
    const found = await this.finished(projectId, jobId);
    if (!found.hasSamples)
      throw new Problem(
        'job/no-results',
        found.childJobIds.length > 1
          ? 'A job of several circuits has samples of each: ask for those of its child_job_ids.'
          : 'The ideal simulator gives exact probabilities and measures nothing: submit the job with a noise model.',
      );
    for await (const samples of samplesOf(this.pool, found, form === 'histogram' ? 'histogram' : 'shots'))
      yield { samples };
  }

  private async finished(projectId: string, jobId: string): Promise<jobQueue.Job> {
    const found = await this.find(projectId, jobId);
    if (found.dryRun)
      throw new Problem('job/no-results', 'A dry run is judged and estimated, and not run: submit it without dry_run.');
    if (found.status !== 'completed')
      throw new Problem('job/not-finished', `The job is ${found.status}: it has results once it is completed.`);
    return found;
  }

  /** Judged before anything is stored. */
  private affordable(job: WrittenJob): WrittenJob {
    const { jobCostSecondsMax: most } = this.config;
    const seconds = Math.ceil(job.estimatedMs / 1000);
    if (seconds > most)
      throw new Problem(
        'job/too-costly',
        `The simulator would need about ${seconds} s for this job, and one job may cost ${most} s: use fewer qubits or gates, or spread its circuits over several jobs.`,
      );
    return job;
  }

  private async find(projectId: string, jobId: string): Promise<jobQueue.Job> {
    const [found] = await jobsById(this.pool, [projectId], uuidsOnly([jobId]));
    if (!found) throw unknown();
    return found;
  }

  /** One job is refused as it is; of several, those that can be are done and named. */
  private async forEach(
    { projectId, jobIds }: jobQueue.JobsRequest,
    call: Rpc,
    work: (jobId: string, cause: Cause) => Promise<unknown>,
  ): Promise<jobQueue.JobsResponse> {
    const wanted = [...new Set(jobIds)];
    const found = await knownOf(this.pool, projectId, uuidsOnly(wanted));
    if (found.length < wanted.length) throw unknown();
    const part = found.find(({ parentJobId }) => parentJobId !== undefined);
    if (part)
      throw new Problem(
        'job/not-cancelable',
        `This is one circuit of the job ${part.parentJobId ?? ''}: name that job.`,
      );
    // Asked twice it comes to the same.
    const cause = followUp(causeOf(call, this.clock));
    const done: string[] = [];
    for (const jobId of wanted) if (await this.did(work(jobId, cause), wanted.length > 1)) done.push(jobId);
    for (const jobId of done) this.signals.stop(jobId);
    return { jobIds: done };
  }

  private async did(work: Promise<unknown>, oneOfSeveral: boolean): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      if (oneOfSeveral && error instanceof Refused) return false;
      throw error;
    }
  }
}

const unknown = () => new Problem('job/unknown', 'This project has no job with this id.');

const instant = (text: string | null | undefined) => (text == null ? undefined : new Date(text));

const uuidsOnly = (ids: readonly string[]) => ids.filter((id) => isUuid(id.toLowerCase()));

function refusal({ refused, fields }: Refusal): Problem {
  const pointed = fields.map(({ path, detail }) => ({
    pointer: (pointerTo(path) || '/').slice(0, POINTER_MAX),
    detail,
  }));
  const [first] = pointed;
  return new Problem(refused, `${first?.pointer ?? '/'}: ${first?.detail ?? 'not well formed'}`, { fields: pointed });
}
