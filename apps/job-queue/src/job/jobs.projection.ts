import type { Projection, RecordedEvent, Tx } from '#event-sourcing';
import type { JobEvent } from './job.decider.ts';

/** Where every job stands. Runs inside the append: a client that has just submitted asks for the job at once, and the executor works from it. */
export const jobs: Projection = {
  name: 'jobs-1',
  categories: ['job'],
  tables: ['jobs', 'job_children'],
  async apply(tx, events) {
    for (const event of events) await applyOne(tx, event as RecordedEvent<JobEvent>);
  },
};

function applyOne(tx: Tx, { id, event, occurredAt }: RecordedEvent<JobEvent>): Promise<unknown> {
  switch (event.type) {
    case 'JobSubmitted': return submitted(tx, id, event.data, occurredAt);
    case 'JobStarted': return tx.query(`UPDATE jobs SET status = 'started', started_at = coalesce(started_at, $2) WHERE job_id = $1`, [id, occurredAt]);
    case 'JobCompleted': return tx.query(`UPDATE jobs SET status = 'completed', ended_at = $2, execution_ms = $3 WHERE job_id = $1`, [id, occurredAt, event.data.executionMs]);
    case 'JobFailed': return tx.query(
      `UPDATE jobs SET status = 'failed', ended_at = $2, failure_code = $3, failure_detail = $4 WHERE job_id = $1`, [id, occurredAt, event.data.code, event.data.detail]);
    case 'JobCanceled': return tx.query(`UPDATE jobs SET status = 'canceled', ended_at = $2 WHERE job_id = $1`, [id, occurredAt]);
    case 'JobDeleted': return deleted(tx, id);
  }
}

async function submitted(tx: Tx, id: string, data: Extract<JobEvent, { type: 'JobSubmitted' }>['data'], at: Date) {
  await tx.query(
    `INSERT INTO jobs (job_id, project_id, account_id, key_id, backend, status, child_ids, submitted_at) VALUES ($1, $2, $3, $4, $5, 'submitted', $6, $7)`,
    [id, data.projectId, data.accountId, data.keyId, data.backend, data.childIds, at]);
  if (data.childIds.length === 0) return;
  await tx.query(`INSERT INTO job_children (child_id, job_id, circuit) SELECT child, $1, ordinality - 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS c (child)`, [id, data.childIds]);
}

async function deleted(tx: Tx, id: string) {
  await tx.query('DELETE FROM job_children WHERE job_id = $1', [id]);
  await tx.query('DELETE FROM jobs WHERE job_id = $1', [id]);
}
