import type { Sql } from '#event-sourcing';
import { forgetting } from './forgetting.ts';

const HOUR_MS = 3_600_000;

/** One row a subject: what was taken of it, since when, and until when it waits. Subjects are keyed digests. */
export const throttlesSchema: readonly string[] = [
  `CREATE TABLE throttles (subject text PRIMARY KEY, taken integer NOT NULL, since timestamptz NOT NULL, next_at timestamptz NOT NULL)`,
];

/** Forgets what was taken hourly and is over. At most `limit` rows; answers how many. */
export const forgetHourly = forgetting({ table: 'throttles', key: 'subject', at: 'since', afterMs: HOUR_MS });

/**
 * Takes one of `max` an hour; false when none is left. Counted from the first one on, so the next hour begins with the next try after
 * it. One statement under the lock of the subject's row: what is sent at the same moment is counted one by one, in all replicas.
 */
export async function takeHourly(sql: Sql, subject: string, max: number, now: Date): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'take-hourly',
    values: [subject, max, now],
    text: `INSERT INTO throttles AS t (subject, taken, since, next_at) VALUES ($1, 1, $3::timestamptz, $3)
             ON CONFLICT (subject) DO UPDATE SET taken = CASE WHEN t.since <= $3::timestamptz - interval '1 hour' THEN 1 ELSE t.taken + 1 END,
               since = CASE WHEN t.since <= $3::timestamptz - interval '1 hour' THEN $3 ELSE t.since END
             WHERE t.taken < $2 OR t.since <= $3::timestamptz - interval '1 hour'`,
  });
  return rowCount === 1;
}
