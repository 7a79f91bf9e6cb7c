import type { keyManagement } from '#contracts';
import type { Sql } from '#event-sourcing';

/**
 * Withdrawals after a seq, in order, one entry for each seq. 'forgotten' when some that came after it are no longer kept, or
 * when the log has another epoch.
 */
export async function withdrawalsAfter(sql: Sql, epoch: number, after: number, upTo = Number.MAX_SAFE_INTEGER): Promise<keyManagement.Withdrawals[] | 'forgotten'> {
  const { rows } = await sql.query<{ epoch: number; top: number; seq: number | null; subjects: string[] | null }>({
    name: 'withdrawals-after',
    text: `SELECT m.epoch, f.seq AS top, w.seq, w.subjects
             FROM log_meta m, fence f LEFT JOIN LATERAL (
               SELECT seq, array_agg(subject::text) AS subjects FROM withdrawals WHERE epoch = $1 AND seq > $2 AND seq <= $3 GROUP BY seq ORDER BY seq LIMIT 1000) w ON true`,
    values: [epoch, after, upTo],
  });
  const first = rows[0];
  if (!first || first.epoch !== epoch || first.top < after) return 'forgotten';
  const batches = rows.flatMap(({ seq, subjects }) => (seq === null || subjects === null ? [] : [{ epoch, seq, subjects }]));
  const next = batches[0]?.seq ?? first.top + 1;
  return next === after + 1 || (batches.length === 0 && first.top === after) ? batches : 'forgotten';
}
