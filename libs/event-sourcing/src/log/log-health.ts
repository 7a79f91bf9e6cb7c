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

/** Which server a connection leads to, and what it is to this log. */
export interface LogIdentity {
  /** Changes whenever the server is started, promoted or another one. */
  readonly server: string;
  /** `copy`: not the server, or not the timeline, that the epoch was opened for. */
  readonly is: 'known' | 'copy' | 'standby';
}

/** `standby` and `timeline` of the server, as one row. */
export const WAL_TIMELINE = `SELECT r.standby, CASE WHEN r.standby THEN NULL
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END AS timeline FROM pg_is_in_recovery() AS r(standby)`;

/**
 * Reads whether a connection leads to the log that the epoch was opened for, not to a restored or promoted copy whose
 * transaction ids may repeat. The timeline comes from the name of the file that is written to: the control file goes on naming
 * the old one until the first checkpoint after a promotion, up to 20 s in which a copy would be taken for the log.
 */
export async function readLogIdentity(sql: Sql): Promise<LogIdentity> {
  const {
    rows: [row],
  } = await sql.query<{ standby: boolean; known: boolean | null; server: string }>({
    name: 'log-identity',
    values: [],
    text: `SELECT w.standby, m.system_identifier = s.system_identifier AND m.timeline = w.timeline AS known,
                  concat_ws(' ', s.system_identifier, w.timeline, extract(epoch FROM pg_postmaster_start_time())) AS server
             FROM pg_control_system() AS s, (${WAL_TIMELINE}) AS w LEFT JOIN log_meta AS m ON true`,
  });
  if (!row) throw new Error('the server has not said which one it is');
  return { server: row.server, is: row.standby ? 'standby' : row.known === true ? 'known' : 'copy' };
}

/** Why nothing may be appended. */
export const NOT_KNOWN = {
  copy: 'the database is a copy of the one that this log was written in, restored or promoted',
  standby: 'the database is a standby, which takes no writes and may lag behind: point the service at the primary',
} as const;

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
