import type { jobQueue } from '#contracts';

/** The client that asks, where answers differ by it. */
export type Client = 'cirq' | 'qiskit' | undefined;

export function clientOf({ 'user-agent': agent = '' }: { readonly 'user-agent'?: string | undefined }): Client {
  return /^cirq/i.test(agent) ? 'cirq' : /^qiskit/i.test(agent) ? 'qiskit' : undefined;
}

const ERRORS: Readonly<Record<string, string>> = {
  'job/canceled': 'JobCanceled',
  'simulator/too-large': 'TooManyQubits',
};

const written = (text: string) => (text === '' ? '{}' : text);

/**
 * A job as the clients read it, in JSON: what they take for granted is never null, and `warning` is left out. What its owner sent is JSON already, up to
 * half a megabyte a job, and goes out as it came.
 */
export function ionqJob(job: jobQueue.Job, client: Client): string {
  const about = JSON.stringify({
    id: job.jobId,
    status: job.status,
    type: job.type,
    backend: job.backend,
    dry_run: job.dryRun,
    submitter_id: job.accountId,
    project_id: job.projectId,
    parent_job_id: job.parentJobId ?? null,
    child_job_ids: job.childJobIds,
    session_id: null,
    name: job.name ?? null,
    submitted_at: job.submittedAt,
    started_at: job.startedAt ?? null,
    completed_at: job.completedAt ?? null,
    predicted_wait_time_ms: 0,
    predicted_execution_duration_ms: job.predictedExecutionDurationMs ?? 0,
    execution_duration_ms: job.executionDurationMs ?? null,
    shots: job.shots,
    noise: { model: 'ideal', ...(JSON.parse(written(job.noise)) as object) },
    results: job.status === 'completed' && !job.dryRun ? results(job) : null,
    // One client looks into a failure that is there.
    ...(client === 'cirq' && !ended(job) ? {} : { failure: failure(job) }),
    ...(client === 'qiskit' && job.status === 'completed' && isOfSeveral(job)
      ? { warning: { messages: [ZEROS] } }
      : {}),
  });
  return `${about.slice(0, -1)},"metadata":${written(job.metadata)},"settings":${written(job.settings)},"stats":${written(job.stats)},"output":${written(job.output)}}`;
}

/** A job of several circuits, or one of them. */
export const isOfSeveral = ({ type, parentJobId }: jobQueue.Job): boolean =>
  type === 'ionq.multi-circuit.v1' || parentJobId !== undefined;

/** What IonQ's service makes of jobs without shots; the client shows it to people who wait for results. */
const ZEROS =
  "qiskit's BackendSamplerV2 shows zeros for this job, unless the noise model was set on the backend and a circuit measures one bit: get_counts() is right.";

/** Forms of results, each an artifact whose id is its name; of probabilities it is the job's, as it always was. */
export const FORMS = ['probabilities', 'shots', 'histogram'] as const;

const results = ({ jobId, hasSamples }: jobQueue.Job) =>
  Object.fromEntries(
    (hasSamples ? FORMS : FORMS.slice(0, 1)).map((form) => [
      form,
      {
        url: `/v0.4/jobs/${jobId}/results/${form}`,
        id: form === 'probabilities' ? jobId : form,
        format: `ionq.result.${form}.json.v1`,
        media_type: 'application/json',
      },
    ]),
  );

const ended = ({ status }: jobQueue.Job) => status === 'failed' || status === 'canceled';

function failure(job: jobQueue.Job) {
  const { failureCode = 'job/canceled', failureMessage = 'The job was canceled.' } = job;
  if (!ended(job)) return null;
  return { code: ERRORS[failureCode] ?? 'SimulationError', message: failureMessage, error: failureMessage };
}
