import type { Sql } from '../decision/event-store.ts';

/** What holds the frontier back: nothing behind it can be delivered before that transaction ends. */
export interface FrontierAge {
  readonly ageMs: number;
  readonly blocker:
    | { readonly pid: number; readonly application: string; readonly database: string; readonly query: string }
    | undefined;
}

/**
 * Age of the oldest write transaction in the cluster; 0 when there is none. PostgreSQL shows what belongs to other roles only
 * to members of `pg_read_all_stats`; without it a stranger's process and database are still named, and the age is that
 * of the oldest event it holds back. The query is cut at its first literal, which may be about a person.
 */
export async function frontierAge(sql: Sql): Promise<FrontierAge> {
  const { rows } = await sql.query<{
    pid: number;
    application_name: string | null;
    datname: string | null;
    query: string | null;
    age_ms: string;
  }>(
    `SELECT l.pid, a.application_name, a.datname, left((regexp_split_to_array(a.query, $$['$0-9]$$))[1], 60) AS query,
            coalesce(extract(epoch FROM clock_timestamp() - least(a.xact_start, (
              SELECT min(recorded_at) FROM events
               WHERE log_epoch = (SELECT epoch FROM log_meta) AND txid >= pg_snapshot_xmin(pg_current_snapshot())))), 0) * 1000 AS age_ms
       FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock' AND l.pid <> pg_backend_pid()
      ORDER BY age(l.transactionid) DESC LIMIT 1`,
  );
  const row = rows[0];
  if (!row) return { ageMs: 0, blocker: undefined };
  return {
    ageMs: Number(row.age_ms),
    blocker: {
      pid: row.pid,
      application: row.application_name ?? '',
      database: row.datname ?? '',
      query: row.query ?? '',
    },
  };
}

/** How long the outcome of a command is known: retries come within hours. */
const COMMANDS_KEPT = '1 day';

/** Forgets outcomes of commands that are too old to be retried, by the database's clock: the oldest, at most `limit`. Answers how many. */
export async function pruneCommands(sql: Sql, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    'DELETE FROM commands WHERE id IN (SELECT id FROM commands WHERE recorded_at < clock_timestamp() - $1::interval ORDER BY recorded_at LIMIT $2)',
    [COMMANDS_KEPT, limit],
  );
  return rowCount ?? 0;
}
