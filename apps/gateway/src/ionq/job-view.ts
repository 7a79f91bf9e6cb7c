import type { jobQueue } from '#contracts';

const json = (text: string): object => (text === '' ? {} : JSON.parse(text) as object);
const ERRORS: Readonly<Record<string, string>> = { 'job/canceled': 'JobCanceled', 'simulator/too-large': 'TooManyQubits' };

/** A job as the clients read it: what they take for granted is never null, and `warning` is left out. */
export const ionqJob = (job: jobQueue.Job): object => ({
  id: job.jobId, status: job.status, type: job.type, backend: job.backend, dry_run: job.dryRun,
  submitter_id: job.accountId, project_id: job.projectId, parent_job_id: job.parentJobId ?? null, child_job_ids: job.childJobIds, session_id: null,
  metadata: json(job.metadata), name: job.name ?? null, submitted_at: job.submittedAt, started_at: job.startedAt ?? null, completed_at: job.completedAt ?? null,
  predicted_wait_time_ms: 0, predicted_execution_duration_ms: job.predictedExecutionDurationMs ?? 0, execution_duration_ms: job.executionDurationMs ?? null,
  shots: job.shots, noise: { model: 'ideal', ...json(job.noise) }, settings: json(job.settings), stats: json(job.stats), output: json(job.output),
  results: job.status === 'completed' ? results(job.jobId) : null,
  failure: failure(job),
});

const results = (jobId: string) => ({
  probabilities: { url: `/v0.4/jobs/${jobId}/results/probabilities`, id: jobId, format: 'ionq.result.probabilities.json.v1', media_type: 'application/json' },
});

function failure({ status, failureCode = 'job/canceled', failureMessage = 'The job was canceled.' }: jobQueue.Job) {
  if (status !== 'failed' && status !== 'canceled') return null;
  return { code: ERRORS[failureCode] ?? 'SimulationError', message: failureMessage, error: failureMessage };
}
