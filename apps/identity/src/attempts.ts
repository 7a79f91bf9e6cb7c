import type { Sql } from '#event-sourcing';
import { Problem } from '#platform';

const HOUR_MS = 3_600_000;
const FAILURES_FREE = 5;
const DELAY_MAX_S = 60;
const FAILURES_MAX = 100;

/** How often something happened lately. Counted in a table, so that replicas and restarts count together; subjects are keyed digests. */
export async function countAttempts(sql: Sql, subject: string, since: Date): Promise<number> {
  const { rows } = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM attempts WHERE subject = $1 AND at > $2', [subject, since]);
  return rows[0]?.count ?? 0;
}

export async function recordAttempt(sql: Sql, subject: string, at: Date): Promise<void> {
  await sql.query('INSERT INTO attempts (subject, at) VALUES ($1, $2)', [subject, at]);
}

/** Whether one more within the hour is allowed. */
export const withinHour = async (sql: Sql, subject: string, max: number, now: Date): Promise<boolean> =>
  (await countAttempts(sql, subject, new Date(now.getTime() - HOUR_MS))) < max;

/**
 * Slows down guessing per (account, network): five failures are free, then each doubles the wait up to a minute, and at a hundred the
 * password is out of use from that network until it is set anew. Never a lock for the holder elsewhere. @throws Problem
 */
export async function requirePatience(sql: Sql, subject: string, now: Date): Promise<void> {
  const { rows } = await sql.query<{ count: number; latest: Date | null }>('SELECT count(*)::int AS count, max(at) AS latest FROM attempts WHERE subject = $1', [subject]);
  const { count = 0, latest = null } = rows[0] ?? {};
  if (count >= FAILURES_MAX) throw new Problem('request/rate-limited', 'Too many wrong passwords came from your network. Sign in from elsewhere, or set a new password.', { retryAfterSeconds: 86_400 });
  if (count < FAILURES_FREE || latest === null) return;
  const waitMs = latest.getTime() + Math.min(2 ** (count - FAILURES_FREE), DELAY_MAX_S) * 1000 - now.getTime();
  if (waitMs > 0) throw new Problem('request/rate-limited', 'Too many wrong passwords. Wait a little before the next try.', { retryAfterSeconds: Math.ceil(waitMs / 1000) });
}

/** The right password ends the count. */
export async function forgetAttempts(sql: Sql, subject: string): Promise<void> {
  await sql.query('DELETE FROM attempts WHERE subject = $1', [subject]);
}
