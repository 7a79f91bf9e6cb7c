import type { jobQueue } from '#contracts';

const ERRORS: Readonly<Record<string, string>> = {
  'job/canceled': 'JobCanceled',
  'simulator/too-large': 'TooManyQubits',
};

const written = (text: string) => (text === '' ? '{}' : text);

/**
 * A job as the clients read it, in JSON: what they take for granted is never null, and `warning` is left out. What its owner sent is JSON already, up to
 * half a megabyte a job, and goes out as it came.
 */
export function ionqJob(job: jobQueue.Job): string {
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
    results: job.status === 'completed' ? results(job.jobId) : null,
    failure: failure(job),
  });
  return `${about.slice(0, -1)},"metadata":${written(job.metadata)},"settings":${written(job.settings)},"stats":${written(job.stats)},"output":${written(job.output)}}`;
}

const results = (jobId: string) => ({
  probabilities: {
    url: `/v0.4/jobs/${jobId}/results/probabilities`,
    id: jobId,
    format: 'ionq.result.probabilities.json.v1',
    media_type: 'application/json',
  },
});

function failure({ status, failureCode = 'job/canceled', failureMessage = 'The job was canceled.' }: jobQueue.Job) {
  if (status !== 'failed' && status !== 'canceled') return null;
  return { code: ERRORS[failureCode] ?? 'SimulationError', message: failureMessage, error: failureMessage };
}
