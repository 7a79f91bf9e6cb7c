import type { Sql } from '#event-sourcing';

/**
 * Takes the next job for a holder: the oldest open one of the project that was served longest ago, so a project with a thousand jobs
 * delays another by one job and not by a thousand. A job whose holder let its lease lapse is open again. Undefined when there is none.
 */
export async function takeTurn(sql: Sql, holder: string, leaseMs: number): Promise<string | undefined> {
  const { rows } = await sql.query<{ job_id: string }>({ name: 'take-turn', text: TAKE, values: [holder, leaseMs] });
  return rows[0]?.job_id;
}

/** Another executor may pick the same job at the same moment: the conflicting insert waits for it, then finds the lease taken and gives nothing. */
const TAKE = `
  WITH oldest AS (
    SELECT DISTINCT ON (j.project_id) j.project_id, j.job_id, j.submitted_at
      FROM jobs j LEFT JOIN job_leases l USING (job_id)
     WHERE j.status IN ('submitted', 'started') AND (l.until IS NULL OR l.until < clock_timestamp())
     ORDER BY j.project_id, j.submitted_at, j.job_id),
  next AS (
    SELECT o.project_id, o.job_id FROM oldest o LEFT JOIN project_turns t USING (project_id)
     ORDER BY t.served_at NULLS FIRST, o.submitted_at, o.job_id LIMIT 1),
  leased AS (
    INSERT INTO job_leases (job_id, holder, until) SELECT job_id, $1, clock_timestamp() + $2 * interval '1 millisecond' FROM next
    ON CONFLICT (job_id) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE job_leases.until < clock_timestamp()
    RETURNING job_id),
  served AS (
    INSERT INTO project_turns (project_id, served_at) SELECT project_id, clock_timestamp() FROM next WHERE EXISTS (SELECT FROM leased)
    ON CONFLICT (project_id) DO UPDATE SET served_at = excluded.served_at)
  SELECT job_id FROM leased`;

/** Whether the holder may go on: it still has the lease, and nobody has canceled or deleted the job. */
export async function renewTurn(sql: Sql, jobId: string, holder: string, leaseMs: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE job_leases l SET until = clock_timestamp() + $3 * interval '1 millisecond'
       FROM jobs j WHERE j.job_id = l.job_id AND j.status IN ('submitted', 'started') AND l.job_id = $1 AND l.holder = $2`, [jobId, holder, leaseMs]);
  return rowCount === 1;
}

export async function releaseTurn(sql: Sql, jobId: string, holder: string): Promise<void> {
  await sql.query('DELETE FROM job_leases WHERE job_id = $1 AND holder = $2', [jobId, holder]);
}

/** Leases of jobs that have ended while nobody was there to release them. */
export async function forgetTurns(sql: Sql): Promise<void> {
  await sql.query(`DELETE FROM job_leases l WHERE until < clock_timestamp() AND NOT EXISTS (SELECT FROM jobs j WHERE j.job_id = l.job_id AND j.status IN ('submitted', 'started'))`);
}
