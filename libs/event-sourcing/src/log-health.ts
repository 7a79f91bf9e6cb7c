import { UnknownLog } from './errors.ts';
import type { Sql } from './event-store.ts';

/** What holds the frontier back: nothing behind it can be delivered before that transaction ends. */
export interface FrontierAge {
  readonly ageMs: number;
  readonly blocker: { readonly pid: number; readonly application: string; readonly database: string; readonly query: string } | undefined;
}

/** Age of the oldest write transaction in the cluster; 0 when there is none. */
export async function frontierAge(sql: Sql): Promise<FrontierAge> {
  const { rows } = await sql.query<{ pid: number; application_name: string | null; datname: string | null; query: string | null; age_ms: string }>(
    `SELECT pid, application_name, datname, left(query, 60) AS query, extract(epoch FROM clock_timestamp() - xact_start) * 1000 AS age_ms
       FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY age(backend_xid) DESC LIMIT 1`);
  const row = rows[0];
  if (!row) return { ageMs: 0, blocker: undefined };
  return { ageMs: Number(row.age_ms), blocker: { pid: row.pid, application: row.application_name ?? '', database: row.datname ?? '', query: row.query ?? '' } };
}

/**
 * Checks that this connection leads to the log that the epoch was opened for, not to a restored or promoted copy whose
 * transaction ids may repeat. Run on every new connection. @throws UnknownLog
 */
export async function verifyLogIdentity(sql: Sql): Promise<void> {
  const { rows } = await sql.query<{ known: boolean }>(
    `SELECT m.system_identifier = s.system_identifier AND m.timeline = c.timeline_id AS known
       FROM log_meta m, pg_control_system() s, pg_control_checkpoint() c`);
  if (rows[0]?.known !== true) throw new UnknownLog('this database is a copy of the one the log was written in; reopen the log before anything is appended');
}

/** Forgets outcomes of commands older than a day: retries come within hours. Returns how many. */
export async function pruneCommands(sql: Sql, olderThan: Date): Promise<number> {
  const { rowCount } = await sql.query('DELETE FROM commands WHERE recorded_at < $1', [olderThan]);
  return rowCount ?? 0;
}
