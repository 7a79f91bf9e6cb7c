import type { jobQueue } from '#contracts';
import type { Sql } from '#event-sourcing';

/** Shots, or measured states, of one piece. */
const PIECE = 2 ** 16;
type Sampled = Pick<jobQueue.Job, 'jobId' | 'parentJobId' | 'shots'>;

/** Frequencies are counts by the number of shots, which gives the counts back exactly. */
const COUNTS = `
  SELECT each.key AS state, round(each.value::float8 * $3)::int AS count
    FROM job_results r LEFT JOIN job_children c USING (job_id, circuit), json_each_text(r.probabilities::json) AS each
   WHERE r.job_id = $1 AND ($2::uuid IS NULL OR c.child_id = $2)`;

/** In an order that tells nothing, and is the same whenever it is asked for: samples are independent of their place. */
const SHOTS = `
  SELECT string_agg(state, ',' ORDER BY place) AS piece
    FROM (SELECT state, row_number() OVER (ORDER BY hashtextextended(state || '.' || n, hashtextextended($1::text, 0))) - 1 AS place
            FROM (${COUNTS}) counts, generate_series(1, count) AS n) shots
   GROUP BY place / ${PIECE} ORDER BY place / ${PIECE}`;

const HISTOGRAM = `
  SELECT string_agg('"' || state || '":' || count, ',' ORDER BY place) AS piece
    FROM (SELECT *, row_number() OVER (ORDER BY state::bigint) - 1 AS place FROM (${COUNTS}) counts) states
   GROUP BY place / ${PIECE} ORDER BY place / ${PIECE}`;

/**
 * What was measured of one circuit that ran with a noise model, as JSON in pieces: `shots`, a list of decimal states; `histogram`, how often each was measured.
 * The database makes both of the frequencies that are kept: a million shots would hold up everybody else here.
 */
export async function* samplesOf(
  sql: Sql,
  { jobId, parentJobId, shots }: Sampled,
  form: 'shots' | 'histogram',
): AsyncGenerator<Buffer> {
  const [text, open, close] = form === 'shots' ? [SHOTS, '[', ']'] : [HISTOGRAM, '{', '}'];
  const { rows } = await sql.query<{ piece: string }>(text, [
    parentJobId ?? jobId,
    parentJobId === undefined ? null : jobId,
    shots,
  ]);
  for (const [n, { piece }] of rows.entries()) yield Buffer.from(`${n === 0 ? open : ','}${piece}`);
  yield Buffer.from(close);
}
