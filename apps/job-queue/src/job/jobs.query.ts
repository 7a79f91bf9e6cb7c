import type { jobQueue } from '#contracts';
import { isUuid, type Sql } from '#event-sourcing';
import { Problem } from '#platform';
import type { Child } from './job-contents.ts';

interface Row {
  readonly asked: string;
  readonly circuit: number | null;
  readonly job_id: string;
  readonly project_id: string;
  readonly account_id: string;
  readonly key_id: string;
  readonly backend: string;
  readonly status: string;
  readonly child_ids: readonly string[];
  readonly submitted_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly execution_ms: number | null;
  readonly failure_code: string | null;
  readonly failure_detail: string | null;
  readonly type: string;
  readonly name: string | null;
  readonly shots: number;
  readonly dry_run: boolean;
  readonly noise: string;
  readonly metadata: string;
  readonly settings: string;
  readonly stats: string;
  readonly child: string | null;
  readonly project_name: string | null;
  readonly estimated_ms: number | null;
  /** Of how many rows this is one; those that are too much for one answer are left out. */
  readonly found: string;
}

const COLUMNS = `j.job_id, j.project_id, j.account_id, j.key_id, j.backend, j.status, j.child_ids, j.submitted_at, j.started_at, j.ended_at, j.execution_ms, j.failure_code, j.failure_detail,
  i.type, i.name, i.shots, i.dry_run, i.noise, i.metadata, i.settings, i.stats, i.estimated_ms, p.name AS project_name`;
const TABLES = 'jobs j JOIN job_inputs i USING (job_id) LEFT JOIN projects p USING (project_id)';
/** What it costs to carry a row: its texts by their bytes, an id of a child as much as 400 of them. */
const WEIGHT = 'octet_length(i.metadata) + octet_length(i.settings) + 400 * cardinality(j.child_ids)';
/** Of one answer: metadata of half a megabyte each, a hundred at a time, would hold up everybody else. */
const WEIGHT_MAX = 4 * 2 ** 20;
/** The rows of a list from its first on, as many as are not too much; at least one. */
const asManyAs = (rows: string, order: string) =>
  `SELECT * FROM (SELECT *, sum(weight) OVER (ORDER BY ${order}) AS carried, count(*) OVER () AS found FROM (${rows}) all_rows) counted WHERE carried - weight <= ${WEIGHT_MAX} ORDER BY ${order}`;

const ASKED = `
  SELECT job_id AS asked, job_id, NULL::integer AS circuit FROM jobs WHERE job_id = ANY($2)
   UNION ALL SELECT child_id, job_id, circuit FROM job_children WHERE child_id = ANY($2)`;

/** Jobs, and circuits of jobs of several, by their ids: those that are in one of the projects. @throws Problem when they are too much for one answer. */
export async function jobsById(
  sql: Sql,
  projectIds: readonly string[],
  jobIds: readonly string[],
): Promise<jobQueue.Job[]> {
  const { rows } = await sql.query<Row>({
    name: 'jobs-by-id',
    // One circuit's part is taken out here, so that its 4,999 siblings stay in the database.
    text: `WITH w AS (${ASKED}),
                parts AS (SELECT i.job_id, (each.place - 1)::integer AS circuit, each.value::text AS child
                            FROM job_inputs i, json_array_elements(i.children::json) WITH ORDINALITY AS each (value, place) WHERE i.job_id IN (SELECT job_id FROM w WHERE circuit IS NOT NULL))
           ${asManyAs(`SELECT w.asked, w.circuit, ${COLUMNS}, parts.child, ${WEIGHT} AS weight FROM w JOIN (${TABLES}) USING (job_id) LEFT JOIN parts ON parts.job_id = j.job_id AND parts.circuit = w.circuit WHERE j.project_id = ANY($1)`, 'submitted_at DESC, job_id DESC, circuit NULLS FIRST')}`,
    values: [projectIds, jobIds],
  });
  if (rows.length < Number(rows[0]?.found ?? 0))
    throw new Problem(
      'request/too-large',
      `These jobs are more than one answer holds: the metadata of all that are asked for may have ${WEIGHT_MAX / 2 ** 20} MB. Ask for fewer at once.`,
    );
  return rows.map(view);
}

/** Of these ids those that a project has, and the job that each is one circuit of. */
export async function knownOf(
  sql: Sql,
  projectId: string,
  jobIds: readonly string[],
): Promise<{ jobId: string; parentJobId: string | undefined }[]> {
  const { rows } = await sql.query<{ asked: string; job_id: string; circuit: number | null }>({
    name: 'known-jobs',
    text: `SELECT w.* FROM (${ASKED}) w JOIN jobs j USING (job_id) WHERE j.project_id = $1`,
    values: [projectId, jobIds],
  });
  return rows.map(({ asked, job_id, circuit }) => ({
    jobId: asked,
    parentJobId: circuit === null ? undefined : job_id,
  }));
}

/** Which jobs. `from` is in, `before` is out. */
export interface JobFilter {
  readonly projectIds: readonly string[];
  readonly status?: string | undefined;
  readonly accountId?: string | undefined;
  readonly keyId?: string | undefined;
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

/** `$2` to `$6`, of a job j of the projects `$1`. */
const CHOSEN = `($2::text IS NULL OR j.status = $2) AND ($3::uuid IS NULL OR j.account_id = $3) AND ($4::uuid IS NULL OR j.key_id = $4)
              AND ($5::timestamptz IS NULL OR j.submitted_at >= $5) AND ($6::timestamptz IS NULL OR j.submitted_at < $6)`;
const chosen = ({ projectIds, status, accountId, keyId, from, before }: JobFilter) => [
  projectIds,
  status ?? null,
  accountId ?? null,
  keyId ?? null,
  from ?? null,
  before ?? null,
];

/** By the day (UTC) on which they were submitted; the oldest first, days without jobs left out. */
export async function countJobDays(sql: Sql, filter: JobFilter): Promise<jobQueue.JobDay[]> {
  const { rows } = await sql.query<jobQueue.JobDay>(
    `SELECT (j.submitted_at AT TIME ZONE 'UTC')::date::text AS day,
            (count(*) FILTER (WHERE j.status = 'completed'))::int AS completed, (count(*) FILTER (WHERE j.status = 'failed'))::int AS failed,
            (count(*) FILTER (WHERE j.status = 'canceled'))::int AS canceled, (count(*) FILTER (WHERE j.status IN ('submitted', 'started')))::int AS open
       FROM jobs j WHERE j.project_id = ANY($1) AND ${CHOSEN} GROUP BY 1 ORDER BY 1`,
    chosen(filter),
  );
  return rows;
}

/** A page of a list of jobs. */
export interface JobPage extends JobFilter {
  readonly backend?: string | undefined;
  readonly after?: JobCursor | undefined;
  readonly limit: number;
}

/** Newest first; `next` is the place to go on from, if there is more. */
export async function listJobs(
  sql: Sql,
  { backend, after, limit, ...filter }: JobPage,
): Promise<{ items: jobQueue.Job[]; next?: string }> {
  // By the index of each project as far as the page goes: all jobs of all of them would be sorted for it. Planned by what is asked for, hence without a name.
  const { rows } = await sql.query<Row>(
    asManyAs(
      `SELECT j.job_id AS asked, NULL::integer AS circuit, NULL AS child, ${COLUMNS}, ${WEIGHT} AS weight FROM (
         SELECT newest.job_id FROM unnest($1::uuid[]) AS one (project_id), LATERAL (
           SELECT j.job_id, j.submitted_at FROM jobs j
            WHERE j.project_id = one.project_id AND ${CHOSEN} AND ($7::text IS NULL OR j.backend = $7) AND ($8::timestamptz IS NULL OR (j.submitted_at, j.job_id) < ($8, $9::uuid))
            ORDER BY j.submitted_at DESC, j.job_id DESC LIMIT $10) AS newest
          ORDER BY newest.submitted_at DESC, newest.job_id DESC LIMIT $10) page JOIN (${TABLES}) USING (job_id)`,
      'submitted_at DESC, job_id DESC',
    ),
    [...chosen(filter), backend ?? null, after?.submittedAt ?? null, after?.jobId ?? null, limit + 1],
  );
  // No `page`: an answer may hold fewer than the limit, by what its jobs weigh.
  const shown = rows.slice(0, limit);
  const last = shown.length < Number(rows[0]?.found ?? 0) ? shown.at(-1) : undefined;
  return {
    items: shown.map(view),
    ...(last ? { next: formatCursor({ submittedAt: last.submitted_at, jobId: last.job_id }) } : {}),
  };
}

/** A place in the list. It does not move when the job that stood there is deleted. */
export interface JobCursor {
  readonly submittedAt: Date;
  readonly jobId: string;
}

const PLACE = /^([0-9a-z]{1,10})\.(.+)$/;

const formatCursor = ({ submittedAt, jobId }: JobCursor) => `${submittedAt.getTime().toString(36)}.${jobId}`;

/** Undefined for what no list has ever given out. */
export function parseCursor(text: string): JobCursor | undefined {
  const [, at, jobId] = PLACE.exec(text) ?? [];
  const submittedAt = new Date(at === undefined ? NaN : parseInt(at, 36));
  return !isUuid(jobId) || Number.isNaN(submittedAt.getTime()) ? undefined : { submittedAt, jobId };
}

/**
 * Milliseconds until a job of an account would have been given what it takes. What waits of the account itself goes before it; of every other account at
 * most as much, for each has one share.
 */
export async function predictedQueueMs(sql: Sql, accountId: string, ms: number, simulators: number): Promise<number> {
  const { rows } = await sql.query<{ own: boolean; left_ms: number }>(
    `SELECT j.account_id = $1 AS own, sum(greatest(coalesce(i.estimated_ms, 0) - i.spent_ms, 0)) AS left_ms
       FROM jobs j JOIN job_inputs i USING (job_id) WHERE j.status IN ('submitted', 'started') GROUP BY j.account_id`,
    [accountId],
  );
  const own = rows.find((row) => row.own)?.left_ms ?? 0;
  return Math.ceil(rows.reduce((sum, row) => sum + (row.own ? 0 : Math.min(row.left_ms, own + ms)), own) / simulators);
}

function view(row: Row): jobQueue.Job {
  const child = row.child === null ? undefined : (JSON.parse(row.child) as Child);
  const name = child ? child.name : row.name;
  return {
    jobId: row.asked,
    projectId: row.project_id,
    accountId: row.account_id,
    keyId: row.key_id,
    status: row.status,
    backend: row.backend,
    type: child ? 'ionq.circuit.v1' : row.type,
    dryRun: row.dry_run,
    shots: row.shots,
    submittedAt: row.submitted_at.toISOString(),
    childJobIds: child ? [] : [...row.child_ids],
    metadata: row.metadata,
    settings: row.settings,
    noise: row.noise,
    output: '{}',
    stats: child ? JSON.stringify(child.stats) : row.stats,
    projectName: row.project_name ?? '',
    hasSamples:
      row.status === 'completed' &&
      !row.dry_run &&
      row.noise !== '{}' &&
      (child !== undefined || row.child_ids.length <= 1),
    ...(name === null ? {} : { name }),
    ...(child ? { parentJobId: row.job_id } : {}),
    ...(row.started_at ? { startedAt: row.started_at.toISOString() } : {}),
    ...(row.ended_at ? { completedAt: row.ended_at.toISOString() } : {}),
    ...(row.estimated_ms === null ? {} : { predictedExecutionDurationMs: row.estimated_ms }),
    ...(row.execution_ms === null ? {} : { executionDurationMs: row.execution_ms }),
    ...failureOf(row),
  };
}

function failureOf(row: Row) {
  if (row.status === 'canceled') return { failureCode: 'job/canceled', failureMessage: 'The job was canceled.' };
  return row.failure_code === null ? {} : { failureCode: row.failure_code, failureMessage: row.failure_detail ?? '' };
}
