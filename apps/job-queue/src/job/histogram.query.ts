import type { jobQueue } from '#contracts';
import type { Sql } from '#event-sourcing';

interface State {
  readonly state: string;
  readonly probability: number;
  readonly count: number;
  readonly total: number;
}

/** The likeliest states of one circuit that has run, the first of them first; with counts where it ran with a noise model. The database reads the results: there may be a million. */
export async function histogramOf(
  sql: Sql,
  { jobId, parentJobId, shots, hasSamples }: Pick<jobQueue.Job, 'jobId' | 'parentJobId' | 'shots' | 'hasSamples'>,
  limit: number,
): Promise<jobQueue.Histogram> {
  const { rows } = await sql.query<State>(
    `SELECT each.key AS state, each.value::float8 AS probability, round(each.value::float8 * $3)::int AS count, (count(*) OVER ())::int AS total
       FROM job_results r LEFT JOIN job_children c USING (job_id, circuit), json_each_text(r.probabilities::json) AS each
      WHERE r.job_id = $1 AND ($2::uuid IS NULL OR c.child_id = $2) ORDER BY each.value::float8 DESC, each.key::bigint LIMIT $4`,
    [parentJobId ?? jobId, parentJobId === undefined ? null : jobId, shots, limit],
  );
  return {
    total: rows[0]?.total ?? 0,
    states: rows.map(({ state, probability, count }) => ({ state, probability, ...(hasSamples ? { count } : {}) })),
  };
}
