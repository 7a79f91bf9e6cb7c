import { Readable } from 'node:stream';
import { ionqRoutes as routes, type jobQueue } from '#contracts';
import { isUuid } from '#event-sourcing';
import { Clock, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { ionqJob } from './job-view.ts';

const SUBMIT_MS = 15_000;
/** For whoever reads tens of megabytes over a slow line. */
const RESULTS_MS = 120_000;
const BACKEND = 'simulator';
const FREE = { unit: 'usd', value: 0 };

/** `/v0.4`: what people's own SDKs call. Who may is judged by the key alone; a job belongs to the key's project. */
@Controller()
export class IonqController {
  constructor(
    private readonly peers: Peers,
    private readonly clock: Clock,
  ) {}

  private get jobs() {
    return this.peers.of('job-queue', 'Jobs');
  }

  @Serve(routes.whoAmI)
  whoAmI(@Asked() { holder }: Ask<typeof routes.whoAmI>) {
    return { key_id: holder.keyId, key_name: holder.keyName, project_id: holder.projectId };
  }

  @Serve(routes.backends)
  backends() {
    return [this.simulator()];
  }

  @Serve(routes.backend)
  backend(@Asked() { params }: Ask<typeof routes.backend>) {
    if (params.id !== BACKEND)
      throw new Problem('request/not-found', `There is no backend "${params.id.slice(0, 60)}". Use "${BACKEND}".`);
    return this.simulator();
  }

  @Serve(routes.characterizations)
  characterizations() {
    return { characterizations: [], pages: 0, next: null };
  }

  @Serve(routes.estimate)
  async estimate(@Asked() { holder, query, context }: Ask<typeof routes.estimate>) {
    const { backend, type, qubits, shots, '1q_gates': oneQubitGates, '2q_gates': twoQubitGates } = query;
    const { executionMs, queueMs } = await this.jobs.estimateJob(
      { accountId: holder.accountId, qubits, shots, oneQubitGates, twoQubitGates },
      context,
    );
    const asked = {
      backend,
      type,
      qubits,
      shots,
      '1q_gates': oneQubitGates,
      '2q_gates': twoQubitGates,
      'error_mitigation': query.error_mitigation === 'true',
    };
    return {
      estimated_execution_time: executionMs,
      current_predicted_queue_time: queueMs,
      estimated_at: this.clock.now().toISOString(),
      // One client reads these, another those.
      estimate_context: { ...asked, organization: holder.organizationId, project: holder.projectId },
      estimated_unit: FREE.unit,
      estimated_total_cost: FREE.value,
      rate_card: { id: 'free', rates: [] },
      input_values: asked,
      cost_unit: FREE.unit,
      estimated_cost: FREE.value,
      rate_information: {},
    };
  }

  @Serve(routes.submitJob)
  async submit(@Asked() { holder, raw, context }: Ask<typeof routes.submitJob>) {
    const job = await this.jobs
      .submitJob(
        {
          projectId: holder.projectId,
          organizationId: holder.organizationId,
          accountId: holder.accountId,
          keyId: holder.keyId,
          body: raw,
        },
        { ...context, timeoutMs: SUBMIT_MS },
      )
      .catch((error: unknown) => {
        throw unclear(error);
      });
    return { id: job.jobId, status: job.status, session_id: null };
  }

  @Serve(routes.listJobs)
  async list(@Asked() { holder, query, request, reply, context }: Ask<typeof routes.listJobs>) {
    const asked = query.ids ?? query.id;
    const jobIds = (asked === undefined ? [] : Array.isArray(asked) ? asked : asked.split(',')).filter((id) =>
      isUuid(id.toLowerCase()),
    );
    const page =
      asked !== undefined && jobIds.length === 0
        ? { items: [], next: undefined }
        : await this.jobs.listJobs(
            {
              projectIds: [holder.projectId],
              jobIds,
              status: query.status,
              backend: query.target,
              limit: query.limit,
              after: query.next,
            },
            context,
          );
    // The only switch by client: one loops for ever on null, another needs the field.
    const leaveOut = page.next === undefined && /^cirq/i.test(request.headers['user-agent'] ?? '');
    return json(
      reply,
      `{"jobs":[${page.items.map(ionqJob).join(',')}]${leaveOut ? '' : `,"next":${JSON.stringify(page.next ?? null)}`}}`,
    );
  }

  @Serve(routes.getJob)
  async get(@Asked() { holder, params, reply, context }: Ask<typeof routes.getJob>) {
    return json(
      reply,
      ionqJob(await this.jobs.getJob({ projectId: holder.projectId, jobId: jobId(params.id) }, context)),
    );
  }

  @Serve(routes.cancelJobs)
  async cancelAll(@Asked() { holder, body, context }: Ask<typeof routes.cancelJobs>) {
    const { jobIds } = await this.jobs.cancelJobs(
      { projectId: holder.projectId, jobIds: body.ids.map(jobId) },
      context,
    );
    return { ids: jobIds, status: 'canceled' };
  }

  @Serve(routes.cancelJob)
  async cancel(@Asked() { holder, params, context }: Ask<typeof routes.cancelJob>) {
    await this.jobs.cancelJobs({ projectId: holder.projectId, jobIds: [jobId(params.id)] }, context);
    return { id: params.id, status: 'canceled' };
  }

  @Serve(routes.deleteJobs)
  async removeAll(@Asked() { holder, body, context }: Ask<typeof routes.deleteJobs>) {
    const { jobIds } = await this.jobs.deleteJobs(
      { projectId: holder.projectId, jobIds: body.ids.map(jobId) },
      context,
    );
    return { ids: jobIds, status: 'deleted' };
  }

  @Serve(routes.deleteJob)
  async remove(@Asked() { holder, params, context }: Ask<typeof routes.deleteJob>) {
    await this.jobs.deleteJobs({ projectId: holder.projectId, jobIds: [jobId(params.id)] }, context);
    return { id: params.id, status: 'deleted' };
  }

  @Serve(routes.probabilities)
  probabilities(@Asked() ask: Ask<typeof routes.probabilities>) {
    return this.results(ask);
  }

  @Serve(routes.aggregated)
  aggregated(@Asked() ask: Ask<typeof routes.aggregated>) {
    return this.results(ask);
  }

  @Serve(routes.cost)
  async cost(@Asked() { holder, params, context }: Ask<typeof routes.cost>) {
    const job = await this.jobs.getJob({ projectId: holder.projectId, jobId: jobId(params.id) }, context);
    return { id: job.jobId, dry_run: job.dryRun, estimated_cost: FREE, cost: FREE };
  }

  private async results({
    holder,
    params,
    reply,
    context,
  }: Pick<Ask<typeof routes.probabilities>, 'holder' | 'params' | 'reply' | 'context'>) {
    const pieces = this.jobs
      .getProbabilities({ projectId: holder.projectId, jobId: jobId(params.id) }, { ...context, timeoutMs: RESULTS_MS })
      [Symbol.asyncIterator]();
    // A refusal comes before the first piece, while there is still a status to say it by.
    const first = await pieces.next();
    return json(reply, Readable.from(bytesOf(first, pieces), { objectMode: false }));
  }

  private simulator() {
    return {
      backend: BACKEND,
      status: 'available',
      qubits: 29,
      average_queue_time: 0,
      last_updated: this.clock.now().toISOString(),
      has_access: true,
      degraded: false,
      noise_models: ['ideal', 'aria-1', 'forte-1', 'forte-enterprise-1'],
    };
  }
}

/** It is JSON already, up to tens of megabytes: it goes out as it came. */
function json<T extends string | Readable>(reply: FastifyReply, text: T): T {
  void reply.header('content-type', 'application/json; charset=utf-8');
  return text;
}

async function* bytesOf(
  first: IteratorResult<jobQueue.ProbabilitiesPiece>,
  rest: AsyncIterator<jobQueue.ProbabilitiesPiece>,
): AsyncGenerator<Buffer> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield Buffer.from(next.value.probabilities);
  } finally {
    await rest.return?.();
  }
}

function jobId(id: string): string {
  if (!isUuid(id.toLowerCase())) throw new Problem('job/unknown', 'This project has no job with this id.');
  return id;
}

/** Clients repeat a submit on 5xx, and would submit twice; nobody repeats a 409. */
const unclear = (error: unknown) =>
  error instanceof Problem && error.code !== 'service/unavailable' && error.code !== 'internal'
    ? error
    : new Problem(
        'job/unclear',
        'It is not certain whether the job was accepted. Look at the list of jobs before you submit it again.',
      );
