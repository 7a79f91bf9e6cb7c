import type { jobQueue } from '#contracts';
import type { Sql } from '#event-sourcing';

/** Characters, which in results are bytes: what is read, copied and sent in one turn of the loop. */
const PIECE = 2 ** 20;

interface Result {
  readonly circuit: number;
  readonly child: string | null;
  readonly bytes: number;
}

/** The results of a completed job as JSON in UTF-8, in pieces of about a megabyte: of one circuit plainly, of several by child id. Ends early where the job is deleted meanwhile. */
export async function* probabilitiesOf(
  sql: Sql,
  job: Pick<jobQueue.Job, 'jobId' | 'parentJobId' | 'childJobIds'>,
): AsyncGenerator<Buffer> {
  const jobId = job.parentJobId ?? job.jobId;
  const { rows: results } = await sql.query<Result>(
    `SELECT r.circuit, c.child_id AS child, octet_length(r.probabilities) AS bytes FROM job_results r LEFT JOIN job_children c USING (job_id, circuit)
      WHERE r.job_id = $1 AND ($2::uuid IS NULL OR c.child_id = $2) ORDER BY r.circuit`,
    [jobId, job.parentJobId === undefined ? null : job.jobId],
  );
  const name =
    job.childJobIds.length === 0
      ? () => ''
      : ({ circuit, child }: Result) => `${circuit === results[0]?.circuit ? '{' : ','}"${child ?? ''}":`;
  for (const cuts of together(results)) {
    const { rows } = await sql.query<{ piece: string }>(
      `SELECT substr(r.probabilities, 1 + cut.place, ${PIECE}) AS piece FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS cut(circuit, place, n)
         JOIN job_results r ON r.job_id = $1 AND r.circuit = cut.circuit ORDER BY cut.n`,
      [jobId, cuts.map(({ result }) => result.circuit), cuts.map(({ place }) => place)],
    );
    if (rows.length < cuts.length) throw new Error('the job was deleted while its results were read');
    yield Buffer.from(
      cuts.map(({ result, place }, n) => `${place === 0 ? name(result) : ''}${rows[n]?.piece ?? ''}`).join(''),
      'latin1',
    );
  }
  if (job.childJobIds.length > 0) yield Buffer.from('}');
}

/** Where to cut: long results into several pieces, short ones together in one. */
function* together(results: readonly Result[]): Generator<{ result: Result; place: number }[]> {
  let [cuts, bytes]: [{ result: Result; place: number }[], number] = [[], 0];
  for (const result of results) {
    for (let place = 0; place < result.bytes; place += PIECE) {
      const length = Math.min(PIECE, result.bytes - place);
      if (bytes + length > PIECE && cuts.length > 0) {
        yield cuts;
        [cuts, bytes] = [[], 0];
      }
      cuts.push({ result, place });
      bytes += length;
    }
  }
  if (cuts.length > 0) yield cuts;
}
