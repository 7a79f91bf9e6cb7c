import type { keyManagement } from '#contracts';
import type { Sql } from '#event-sourcing';

/** Where the withdrawals stand. */
export interface FenceHead {
  readonly epoch: number;
  readonly seq: number;
  /** How long a lease lasts at present. */
  readonly leaseMs: number;
  readonly incarnation: string;
  /** The epoch that an operator has begun last; 0: none. */
  readonly reopened: number;
}

/** Committed now; read in a statement of its own, so it is not older than anything that was awaited before. */
export async function standing(sql: Sql): Promise<FenceHead> {
  const { rows } = await sql.query<{
    epoch: number;
    seq: number;
    lease_ms: number;
    incarnation: string;
    reopened: number;
  }>({
    name: 'fence-standing',
    text: 'SELECT m.epoch, f.seq, f.lease_ms, m.incarnation, m.reopened FROM fence f, log_meta m WHERE log_whole(m.proved, m.older)',
    values: [],
  });
  if (!rows[0]) throw new Error('the fence has no row: run the migrations');
  const { epoch, seq, lease_ms: leaseMs, incarnation, reopened } = rows[0];
  return { epoch, seq: Number(seq), leaseMs, incarnation, reopened };
}

/** What a gateway says of itself. */
export interface Acknowledgement {
  readonly instance: string;
  readonly epoch: number;
  readonly applied: number;
}

/**
 * Takes down what a gateway has applied, which goes up and never down within an epoch. Answers the longest lease that may
 * be granted to it; undefined when it is not there: only one that registers gets a row.
 */
export async function acknowledge(
  sql: Sql,
  { instance, epoch, applied }: Acknowledgement,
  registering: boolean,
): Promise<number | undefined> {
  // gatewayNamesItsApplied: no other number is written. appliedOnlyGrows: what comes late takes nothing back. renewalsNeverRepeat: by a sequence, also for a row that was deleted.
  const { rows } = await sql.query<{ lease_ms: number }>(
    registering
      ? {
          name: 'fence-register',
          values: [instance, epoch, applied],
          text: `INSERT INTO followers AS f (instance, epoch, applied, lease_ms) SELECT $1, $2, $3, fence.lease_ms FROM fence, log_meta m WHERE m.epoch = $2 AND log_whole(m.proved, m.older)
               ON CONFLICT (instance) DO UPDATE SET epoch = excluded.epoch, renewal = nextval('renewals'), lease_ms = greatest(f.lease_ms, excluded.lease_ms),
                 applied = CASE WHEN f.epoch = excluded.epoch THEN greatest(f.applied, excluded.applied) ELSE excluded.applied END
               RETURNING lease_ms`,
        }
      : {
          name: 'fence-renew',
          values: [instance, epoch, applied],
          text: `UPDATE followers AS f SET applied = greatest(f.applied, $3), renewal = nextval('renewals'), lease_ms = greatest(f.lease_ms, fence.lease_ms)
               FROM fence, log_meta m WHERE f.instance = $1 AND f.epoch = $2 AND m.epoch = $2 AND log_whole(m.proved, m.older) RETURNING f.lease_ms`,
        },
  );
  return rows[0]?.lease_ms;
}

/**
 * Withdrawals after a seq, in order, one entry for each seq. 'forgotten' when some that came after it are no longer kept, or
 * when the log has another epoch.
 */
export async function withdrawalsAfter(
  sql: Sql,
  epoch: number,
  after: number,
  upTo = Number.MAX_SAFE_INTEGER,
): Promise<keyManagement.Withdrawals[] | 'forgotten'> {
  const { rows } = await sql.query<{
    epoch: number;
    top: number;
    seq: number | null;
    mark: string | null;
    subjects: string[] | null;
  }>({
    name: 'withdrawals-after',
    text: `SELECT m.epoch, f.seq AS top, w.seq, w.mark, w.subjects
             FROM log_meta m, fence f LEFT JOIN LATERAL (
               SELECT seq, min(mark::text) AS mark, array_agg(subject::text) AS subjects FROM withdrawals WHERE epoch = $1 AND seq > $2 AND seq <= $3 GROUP BY seq ORDER BY seq LIMIT 1000) w ON true`,
    values: [epoch, after, upTo],
  });
  const first = rows[0];
  if (!first || first.epoch !== epoch || Number(first.top) < after) return 'forgotten';
  const batches = rows.flatMap(({ seq, mark, subjects }) =>
    seq === null || subjects === null ? [] : [{ epoch, seq: Number(seq), mark: mark ?? '', subjects }],
  );
  if (batches.length === 0) return Math.min(Number(first.top), upTo) === after ? batches : 'forgotten';
  return batches[0]?.seq === after + 1 ? batches : 'forgotten';
}

/**
 * Forgets withdrawals of more than an hour ago: a gateway that is further behind registers anew. Some `limit` rows; answers how many. Always all up
 * to a seq:
 * a gateway that reads on from there finds a seq whole, or hears that it is forgotten.
 */
export async function forgetWithdrawals(sql: Sql, _now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM withdrawals WHERE (epoch, seq) <= (
       SELECT epoch, seq FROM (SELECT epoch, seq FROM withdrawals WHERE recorded_at < clock_timestamp() - interval '1 hour' ORDER BY epoch, seq LIMIT $1) AS old ORDER BY epoch DESC, seq DESC LIMIT 1)`,
    [limit],
  );
  return rowCount ?? 0;
}
