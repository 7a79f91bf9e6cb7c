import { rowProjection, table } from '#event-sourcing';
import type { JobEvent } from './job.decider.ts';

const JOBS = table(
  'jobs',
  {
    job_id: 'uuid',
    project_id: 'uuid',
    account_id: 'uuid',
    key_id: 'uuid',
    backend: 'text',
    status: 'text',
    child_ids: 'uuid[]',
    submitted_at: 'timestamptz',
    started_at: 'timestamptz',
    ended_at: 'timestamptz',
    execution_ms: 'integer',
    failure_code: 'text',
    failure_detail: 'text',
  },
  'job_id',
);
const CHILDREN = table('job_children', { child_id: 'uuid', job_id: 'uuid', circuit: 'integer' }, 'child_id');

/** Where every job stands. Runs inside the append: a client that has just submitted asks for the job at once, and the executor works from it. */
export const jobs = rowProjection<JobEvent>({
  name: 'jobs-1',
  categories: ['job'],
  tables: [JOBS, CHILDREN],
  change(rows, { id, event, occurredAt }) {
    const job = { job_id: id };
    switch (event.type) {
      case 'JobSubmitted': {
        const { projectId, accountId, keyId, backend, childIds } = event.data;
        rows.put(JOBS, {
          ...job,
          project_id: projectId,
          account_id: accountId,
          key_id: keyId,
          backend,
          status: 'submitted',
          child_ids: childIds,
          submitted_at: occurredAt,
          started_at: null,
          ended_at: null,
          execution_ms: null,
          failure_code: null,
          failure_detail: null,
        });
        childIds.forEach((child, circuit) => {
          rows.put(CHILDREN, { child_id: child, job_id: id, circuit });
        });
        return;
      }
      // The first start stays: a second attempt does not make the job younger.
      case 'JobStarted':
        rows.patch(JOBS, job, { status: 'started', ...(event.data.attempt === 1 ? { started_at: occurredAt } : {}) });
        return;
      case 'JobCompleted':
        rows.patch(JOBS, job, { status: 'completed', ended_at: occurredAt, execution_ms: event.data.executionMs });
        return;
      case 'JobFailed':
        rows.patch(JOBS, job, {
          status: 'failed',
          ended_at: occurredAt,
          failure_code: event.data.code,
          failure_detail: event.data.detail,
        });
        return;
      case 'JobCanceled':
        rows.patch(JOBS, job, { status: 'canceled', ended_at: occurredAt });
        return;
      case 'JobDeleted':
        rows.remove(CHILDREN, job);
        rows.remove(JOBS, job);
    }
  },
});
