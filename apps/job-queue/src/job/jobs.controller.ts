import type { FieldProblem, jobQueue } from '#contracts';
import { type Cause, handle, PostgresEventStore, Refused } from '#event-sourcing';
import { CallableBy, causeOf, Clock, type Controller, Problem, type Rpc, SERVICE_CONFIG, tellSeen } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { ZodError } from 'zod';
import type { JobQueueConfig } from '../config.ts';
import { Executing } from '../execution/executing.service.ts';
import { millisecondsFor } from '../simulator/cost.ts';
import { job } from './job.decider.ts';
import { type JobInput, parseJobInput } from './job-input.ts';
import { jobsById, listJobs, parsePlace, predictedQueueMs, probabilitiesOf } from './jobs.query.ts';
import { deleteJob, submit } from './submission.ts';

const LIMIT_MAX = 100;
const LIMIT = 25;

/** Never asks who holds a key or an account: the gateway has judged, and a job outlives both. */
@NestController()
export class JobsController implements Controller<jobQueue.Jobs> {
  constructor(private readonly store: PostgresEventStore, private readonly pool: Pool, private readonly clock: Clock, private readonly executing: Executing, @Inject(SERVICE_CONFIG) private readonly config: JobQueueConfig) {}

  @GrpcMethod('Jobs') @CallableBy('gateway')
  async submitJob({ body, ...owner }: jobQueue.SubmitJobRequest, _metadata: Metadata, call: Rpc): Promise<jobQueue.Job> {
    // A gateway from before shares names no organization.
    const { jobId, handled } = await submit(this.store, { ...owner, organizationId: owner.organizationId || owner.projectId }, this.affordable(readBody(body)), causeOf(call, this.clock));
    this.executing.ring();
    tellSeen(call, handled);
    return this.find(owner.projectId, jobId);
  }

  /** What a job of so many gates would take; it need not be one that is accepted. */
  @GrpcMethod('Jobs') @CallableBy('gateway')
  async estimateJob({ accountId, qubits, shots, oneQubitGates, twoQubitGates }: jobQueue.EstimateJobRequest): Promise<jobQueue.JobEstimate> {
    const passes = oneQubitGates + twoQubitGates;
    const executionMs = Math.ceil(millisecondsFor({ qubits, passes, spreading: oneQubitGates, shots, runs: 0 }));
    return { executionMs, queueMs: await predictedQueueMs(this.pool, accountId, executionMs, this.config.simulators) };
  }

  @GrpcMethod('Jobs') @CallableBy('gateway')
  getJob({ projectId, jobId }: jobQueue.JobRequest): Promise<jobQueue.Job> {
    return this.find(projectId, jobId);
  }

  @GrpcMethod('Jobs') @CallableBy('gateway')
  async listJobs({ projectIds, jobIds, status, backend, limit, after }: jobQueue.ListJobsRequest): Promise<jobQueue.ListJobsResponse> {
    if (jobIds.length > 0) {
      const found = await jobsById(this.pool, projectIds, uuidsOnly(jobIds.slice(0, LIMIT_MAX)));
      return { items: found.filter((one) => (status ?? one.status) === one.status && (backend ?? one.backend) === one.backend) };
    }
    const place = after === undefined ? undefined : parsePlace(after);
    if (after !== undefined && !place) throw new Problem('request/invalid', 'This list has no such place to go on from: take `next` from the page before.');
    return listJobs(this.pool, { projectIds, status, backend, after: place, limit: limit < 1 ? LIMIT : Math.min(limit, LIMIT_MAX) });
  }

  @GrpcMethod('Jobs') @CallableBy('gateway')
  cancelJobs(request: jobQueue.JobsRequest, _metadata: Metadata, call: Rpc): Promise<jobQueue.JobsResponse> {
    return this.forEach(request, call, (jobId, cause) => handle(this.store, job, jobId, { type: 'CancelJob' }, cause));
  }

  @GrpcMethod('Jobs') @CallableBy('gateway')
  deleteJobs(request: jobQueue.JobsRequest, _metadata: Metadata, call: Rpc): Promise<jobQueue.JobsResponse> {
    return this.forEach(request, call, (jobId, cause) => deleteJob(this.store, jobId, cause));
  }

  @GrpcMethod('Jobs') @CallableBy('gateway')
  async getProbabilities({ projectId, jobId }: jobQueue.JobRequest): Promise<jobQueue.ProbabilitiesResponse> {
    const found = await this.find(projectId, jobId);
    const probabilities = await probabilitiesOf(this.pool, found);
    if (probabilities === undefined) throw new Problem('job/not-finished', `The job is ${found.status}: it has results once it is completed.`);
    return { probabilities };
  }

  /** Judged before anything is stored. */
  private affordable(input: JobInput): JobInput {
    const { jobCostSecondsMax: most } = this.config;
    const seconds = Math.ceil(input.estimatedMs / 1000);
    if (seconds > most) throw new Problem('job/too-costly', `The simulator would need about ${seconds} s for this job, and one job may cost ${most} s: use fewer qubits or gates, or spread its circuits over several jobs.`);
    return input;
  }

  private async find(projectId: string, jobId: string): Promise<jobQueue.Job> {
    const [found] = await jobsById(this.pool, [projectId], uuidsOnly([jobId]));
    if (!found) throw unknown();
    return found;
  }

  /** One job is refused as it is; of several, those that can be are done and named. */
  private async forEach({ projectId, jobIds }: jobQueue.JobsRequest, call: Rpc, work: (jobId: string, cause: Cause) => Promise<unknown>): Promise<jobQueue.JobsResponse> {
    const wanted = [...new Set(jobIds)];
    const found = await jobsById(this.pool, [projectId], uuidsOnly(wanted));
    if (found.length < wanted.length) throw unknown();
    const part = found.find(({ parentJobId }) => parentJobId !== undefined);
    if (part) throw new Problem('job/not-cancelable', `This is one circuit of the job ${part.parentJobId ?? ''}: name that job.`);
    // Asked twice it comes to the same, and one command id cannot stand for several streams.
    const { commandId: _, ...cause } = causeOf(call, this.clock);
    const done: string[] = [];
    for (const jobId of wanted) if (await this.did(work(jobId, cause), wanted.length > 1)) done.push(jobId);
    for (const jobId of done) this.executing.stop(jobId);
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

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const uuidsOnly = (ids: readonly string[]) => ids.filter((id) => UUID.test(id));

/** @throws Problem with a pointer for each field that is wrong. */
function readBody(body: string): JobInput {
  try {
    return parseJobInput(parseJson(body));
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const fields = error.issues.slice(0, 20).map((issue): FieldProblem => ({ pointer: `/${issue.path.map(pointerPart).join('/')}`, detail: issue.message }));
    const first = fields[0];
    const unsupported = error.issues.some((issue) => issue.path[0] === 'type' || issue.path[0] === 'backend');
    throw new Problem(unsupported ? 'job/unsupported' : 'request/invalid', `${first?.pointer ?? '/'}: ${first?.detail ?? 'not well formed'}`, { fields });
  }
}

const pointerPart = (part: PropertyKey) => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('request/invalid', 'The body of a job must be JSON.');
  }
}
