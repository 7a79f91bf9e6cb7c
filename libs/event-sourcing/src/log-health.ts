import { UnknownLog } from './errors.ts';
import type { Sql } from './event-store.ts';

/** What holds the frontier back: nothing behind it can be delivered before that transaction ends. */
export interface FrontierAge {
  readonly ageMs: number;
  readonly blocker: { readonly pid: number; readonly application: string; readonly database: string; readonly query: string } | undefined;
}

/**
 * Age of the oldest write transaction in the cluster; 0 when there is none. PostgreSQL shows what belongs to other roles only
 * to members of `pg_read_all_stats`; without it a stranger's process and database are still named, and the age is that
 * of the oldest event it holds back. The query is cut at its first literal, which may be about a person.
 */
export async function frontierAge(sql: Sql): Promise<FrontierAge> {
  const { rows } = await sql.query<{ pid: number; application_name: string | null; datname: string | null; query: string | null; age_ms: string }>(
    `SELECT l.pid, a.application_name, a.datname, left((regexp_split_to_array(a.query, $$['$0-9]$$))[1], 60) AS query,
            coalesce(extract(epoch FROM clock_timestamp() - least(a.xact_start, (
              SELECT min(recorded_at) FROM events
               WHERE log_epoch = (SELECT epoch FROM log_meta) AND txid >= pg_snapshot_xmin(pg_current_snapshot())))), 0) * 1000 AS age_ms
       FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock' AND l.pid <> pg_backend_pid()
      ORDER BY age(l.transactionid) DESC LIMIT 1`);
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

/** Keeps appends from a log that a connection has found to be a copy. The service runs on, so that an operator can ask it to reopen the log. */
export class LogIdentity {
  private unknown: UnknownLog | undefined;

  /** Looks through a new connection. */
  readonly look = async (sql: Sql): Promise<void> => {
    this.unknown = await verifyLogIdentity(sql).then(() => undefined, (error: unknown) => {
      if (error instanceof UnknownLog) return error;
      throw error;
    });
  };

  /** Looks again where it was unknown: it may have been reopened. @throws UnknownLog */
  async require(sql: Sql): Promise<void> {
    if (this.unknown) await this.look(sql);
    if (this.unknown) throw this.unknown;
  }
}

const CHUNK_MAX = 500;

/**
 * Forgets outcomes of commands older than a day: retries come within hours. Returns how many. In chunks, each its own
 * transaction: a long one would hold back every follower in the cluster. `sql` is a pool, not an open transaction.
 */
export async function pruneCommands(sql: Sql, olderThan: Date): Promise<number> {
  for (let pruned = 0; ; ) {
    const { rowCount } = await sql.query(
      'DELETE FROM commands WHERE id IN (SELECT id FROM commands WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2)', [olderThan, CHUNK_MAX]);
    pruned += rowCount ?? 0;
    if ((rowCount ?? 0) < CHUNK_MAX) return pruned;
  }
}
