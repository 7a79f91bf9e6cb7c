import type { EventStore, Sql, Tx } from '#event-sourcing';
import { ALL, charge, fairest, type Share, type Shares, sharesOf, type Whose } from './shares.ts';

/** Jobs estimated at no more have a simulator of their own. */
export const SHORT_MS = 1_000;
/** A turn goes on to the next circuit for so long; a circuit itself is not interrupted. */
export const TURN_MS = 1_000;

/** Permission to work on a job for one turn. */
export interface Turn extends Whose {
  readonly jobId: string;
  /** The last holder died over it. */
  readonly again: boolean;
  readonly short: boolean;
  /** What it has taken in earlier turns. */
  readonly spentMs: number;
  /** What was charged for this one in advance. */
  readonly chargedMs: number;
}

interface Row {
  readonly job_id: string;
  readonly account_id: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly submitted_at: Date;
  readonly estimated_ms: number | null;
  readonly spent_ms: number;
  readonly circuits: number;
  readonly lapsed: boolean;
}

/**
 * The next turn for a holder, by fair shares; of a project it is the oldest open job without a holder. A job whose holder let its lease lapse is open
 * again.
 * Takers go one after the other, so that each sees what the one before was charged. Undefined when there is nothing to do, or nothing short.
 */
export function takeTurn(
  store: EventStore,
  holder: string,
  leaseMs: number,
  onlyShort = false,
): Promise<Turn | undefined> {
  return store.transact(async (_, tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('turns', 0))`);
    const { rows } = await tx.query<Row>({ name: 'waiting', text: WAITING, values: [onlyShort ? SHORT_MS : null] });
    const shares = await readShares(tx);
    const next = fairest(rows.map(waiting), shares);
    if (!next) return undefined;
    await tx.query(
      `INSERT INTO job_leases (job_id, holder, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
       ON CONFLICT (job_id) DO UPDATE SET holder = excluded.holder, until = excluded.until`,
      [next.jobId, holder, leaseMs],
    );
    await writeShares(tx, charge(shares, next, next.chargedMs));
    return next;
  });
}

/** Goes from each account and project to the next by the index, so that the jobs behind the first are not read. */
const WAITING = `
  WITH RECURSIVE busy AS (
    (SELECT account_id, project_id FROM jobs WHERE status IN ('submitted', 'started') ORDER BY account_id, project_id LIMIT 1)
    UNION ALL
    SELECT n.account_id, n.project_id FROM busy b CROSS JOIN LATERAL (
      SELECT account_id, project_id FROM jobs WHERE status IN ('submitted', 'started') AND (account_id, project_id) > (b.account_id, b.project_id)
       ORDER BY account_id, project_id LIMIT 1) n)
  SELECT f.* FROM busy b CROSS JOIN LATERAL (
    SELECT j.job_id, j.account_id, coalesce(i.organization_id, j.project_id) AS organization_id, j.project_id, j.submitted_at,
           i.estimated_ms, i.spent_ms, greatest(cardinality(j.child_ids), 1) AS circuits, l.job_id IS NOT NULL AS lapsed
      FROM jobs j JOIN job_inputs i USING (job_id) LEFT JOIN job_leases l USING (job_id)
     WHERE j.account_id = b.account_id AND j.project_id = b.project_id AND j.status IN ('submitted', 'started')
       AND (l.until IS NULL OR l.until < clock_timestamp()) AND ($1::float8 IS NULL OR i.estimated_ms <= $1)
     ORDER BY j.submitted_at, j.job_id LIMIT 1) f`;

function waiting({ estimated_ms: estimatedMs, spent_ms: spentMs, ...row }: Row) {
  return {
    jobId: row.job_id,
    accountId: row.account_id,
    organizationId: row.organization_id,
    projectId: row.project_id,
    submittedAt: row.submitted_at,
    again: row.lapsed,
    short: estimatedMs !== null && estimatedMs <= SHORT_MS,
    spentMs,
    chargedMs:
      estimatedMs === null
        ? TURN_MS
        : Math.min(Math.max(TURN_MS, estimatedMs / row.circuits), Math.max(estimatedMs - spentMs, 1)),
  };
}

async function readShares(tx: Tx): Promise<Shares> {
  const { rows } = await tx.query<{ share: string; charged_ms: number; clock_ms: number }>(
    'SELECT share, charged_ms, clock_ms FROM shares',
  );
  return new Map(rows.map((row): [string, Share] => [row.share, { chargedMs: row.charged_ms, clockMs: row.clock_ms }]));
}

async function writeShares(tx: Tx, shares: Shares) {
  const list = [...shares];
  await tx.query(
    `INSERT INTO shares (share, charged_ms, clock_ms) SELECT * FROM unnest($1::text[], $2::float8[], $3::float8[])
     ON CONFLICT (share) DO UPDATE SET charged_ms = excluded.charged_ms, clock_ms = excluded.clock_ms`,
    [list.map(([share]) => share), list.map(([, { chargedMs }]) => chargedMs), list.map(([, { clockMs }]) => clockMs)],
  );
}

/** Notes what the job has taken since it was last noted. True while the holder may go on: it still has the lease, and the job was not canceled or deleted. */
export async function renewTurn(
  sql: Sql,
  jobId: string,
  holder: string,
  leaseMs: number,
  spentMs = 0,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `WITH spent AS (UPDATE job_inputs SET spent_ms = spent_ms + $4 WHERE job_id = $1)
     UPDATE job_leases l SET until = clock_timestamp() + $3 * interval '1 millisecond'
       FROM jobs j WHERE j.job_id = l.job_id AND j.status IN ('submitted', 'started') AND l.job_id = $1 AND l.holder = $2`,
    [jobId, holder, leaseMs, spentMs],
  );
  return rowCount === 1;
}

/** Gives the job back, for the next turn or for good. `spentMs` is what is not noted yet, `tookMs` the whole turn: it is charged in place of what was in advance. */
export async function endTurn(sql: Sql, turn: Turn, holder: string, spentMs: number, tookMs: number): Promise<void> {
  await sql.query(
    `WITH released AS (DELETE FROM job_leases WHERE job_id = $1 AND holder = $2),
          spent AS (UPDATE job_inputs SET spent_ms = spent_ms + $3 WHERE job_id = $1)
     UPDATE shares SET charged_ms = charged_ms + $4 WHERE share = ANY($5)`,
    [turn.jobId, holder, spentMs, tookMs - turn.chargedMs, sharesOf(turn)],
  );
}

/**
 * Forgets leases of jobs that ended without their holder releasing them, and the shares of accounts without open jobs: all when nothing is open, else
 * those that are behind the clock.
 */
export async function forgetTurns(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM job_leases l WHERE until < clock_timestamp() AND NOT EXISTS (SELECT FROM jobs j WHERE j.job_id = l.job_id AND j.status IN ('submitted', 'started'))`,
  );
  await sql.query(
    `WITH open AS (SELECT DISTINCT account_id::text AS account FROM jobs WHERE status IN ('submitted', 'started'))
     DELETE FROM shares s USING shares top, shares own
      WHERE top.share = $1 AND own.share = split_part(s.share, '/', 1) AND own.share NOT IN (SELECT account FROM open)
        AND (own.charged_ms <= top.clock_ms OR NOT EXISTS (SELECT FROM open))`,
    [ALL],
  );
}
