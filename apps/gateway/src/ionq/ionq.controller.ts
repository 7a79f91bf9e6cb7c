import { Readable } from 'node:stream';
import { ionqRoutes as routes, type jobQueue } from '#contracts';
import { isUuid } from '#event-sourcing';
import { Clock, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { clientOf, FORMS, ionqJob, isOfSeveral } from './job-view.ts';

const SUBMIT_MS = 45_000;
/** Time for a client that reads tens of megabytes over a slow connection. */
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
    requireBackend(params.id);
    return this.simulator();
  }

  @Serve(routes.characterizations)
  characterizations(@Asked() { params }: Ask<typeof routes.characterizations>) {
    requireBackend(params.id);
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
    const { ids, id, status, target, session_id, parent_job_id, submitter_id, limit, next } = query;
    const asked = ids ?? id;
    const jobIds = (asked === undefined ? [] : Array.isArray(asked) ? asked : asked.split(',')).filter(isId);
    // There are no sessions, and circuits of a job are read by their ids: no job of the list is of either.
    const none =
      (asked !== undefined && jobIds.length === 0) ||
      session_id !== undefined ||
      parent_job_id !== undefined ||
      (submitter_id !== undefined && !isId(submitter_id));
    const page = none
      ? { items: [], next: undefined }
      : await this.jobs.listJobs(
          {
            projectIds: [holder.projectId],
            jobIds,
            status,
            backend: target,
            limit,
            after: next,
            accountId: submitter_id,
          },
          context,
        );
    const client = clientOf(request.headers);
    // One client loops for ever on null, another needs the field.
    const leaveOut = page.next === undefined && client === 'cirq';
    return json(
      reply,
      `{"jobs":[${page.items.map((job) => ionqJob(job, client)).join(',')}]${leaveOut ? '' : `,"next":${JSON.stringify(page.next ?? null)}`}}`,
    );
  }

  @Serve(routes.getJob)
  async get(@Asked() { holder, params, request, reply, context }: Ask<typeof routes.getJob>) {
    const job = await this.jobs.getJob({ projectId: holder.projectId, jobId: jobId(params.id) }, context);
    return json(reply, ionqJob(job, clientOf(request.headers)));
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

  @Serve(routes.shots)
  async shots(@Asked() ask: Ask<typeof routes.shots>) {
    if (clientOf(ask.request.headers) !== 'qiskit') return this.results(ask, 'shots');
    const { holder, params, reply, context } = ask;
    const job = await this.jobs.getJob({ projectId: holder.projectId, jobId: jobId(params.id) }, context);
    return misread(job) ? json(reply, JSON.stringify([MISREAD])) : this.results(ask, 'shots');
  }

  @Serve(routes.histogram)
  histogram(@Asked() ask: Ask<typeof routes.histogram>) {
    return this.results(ask, 'histogram');
  }

  @Serve(routes.artifact)
  async artifact(@Asked() ask: Ask<typeof routes.artifact>) {
    const { holder, params, context } = ask;
    const form = params.artifactId === params.id ? 'probabilities' : FORMS.find((one) => one === params.artifactId);
    if (form !== undefined) return this.results(ask, form);
    // A job of another project answers as an unknown one does.
    await this.jobs.getJob({ projectId: holder.projectId, jobId: jobId(params.id) }, context);
    throw new Problem(
      'job/no-results',
      'The job has no artifact with this id: its `results` name those that there are.',
    );
  }

  private async results(
    {
      holder,
      params,
      reply,
      context,
    }: Pick<Ask<typeof routes.probabilities>, 'holder' | 'params' | 'reply' | 'context'>,
    form: (typeof FORMS)[number] = 'probabilities',
  ) {
    const asked = { projectId: holder.projectId, jobId: jobId(params.id) };
    const patient = { ...context, timeoutMs: RESULTS_MS };
    const pieces = (
      form === 'probabilities'
        ? mapped(this.jobs.getProbabilities(asked, patient), ({ probabilities }) => probabilities)
        : mapped(this.jobs.getSamples({ ...asked, form }, patient), ({ samples }) => samples)
    )[Symbol.asyncIterator]();
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

async function* mapped<T>(pieces: AsyncIterable<T>, bytes: (piece: T) => Buffer): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield bytes(piece);
}

async function* bytesOf(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/**
 * qiskit's BackendSamplerV2, which always sends a list of circuits, takes the bits of qiskit-ionq for hexadecimal digits: 10 becomes 0. What it is refused with it
 * warns of, and goes on with zeros; a shot that is no number is the one answer by which it ends and shows its reader why.
 */
const MISREAD =
  'BackendSamplerV2 would read these shots wrongly: run the circuits without memory=True and use get_counts(), or one circuit a job and get_memory()';
const misread = (job: jobQueue.Job) => isOfSeveral(job) && (JSON.parse(job.stats) as { qubits: number }).qubits > 1;

const isId = (text: string) => isUuid(text.toLowerCase());

function requireBackend(name: string): void {
  if (name !== BACKEND)
    throw new Problem('request/not-found', `There is no backend "${name.slice(0, 60)}". Use "${BACKEND}".`);
}

function jobId(id: string): string {
  if (!isId(id)) throw new Problem('job/unknown', 'This project has no job with this id.');
  return id;
}

/** Clients repeat a submit on 5xx, and would submit twice; no client repeats a 409. */
const unclear = (error: unknown) =>
  error instanceof Problem && error.code !== 'service/unavailable' && error.code !== 'internal'
    ? error
    : new Problem(
        'job/unclear',
        'It is not certain whether the job was accepted. Look at the list of jobs before you submit it again.',
      );
