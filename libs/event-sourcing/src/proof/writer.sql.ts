import type { Sql } from '../decision/event-store.ts';
import type { Promised } from './ring.ts';
import { whyNotStrict } from './evidence.ts';

/** A log, the server it lies on at this moment, and this process as the log knows it. */
export interface Standing {
  /** The server (`log_stamp`); null: a standby. */
  readonly stamp: string | null;
  /** The server that the log was proved on; null: none yet. */
  readonly proved: string | null;
  /** What is known to be missing. */
  readonly older: string | null;
  readonly incarnation: string;
  readonly epoch: number;
  /** The epoch that an operator has begun last; 0: none. */
  readonly reopened: number;
  /** Of the server that its epoch was opened for. */
  readonly identifier: string;
  readonly timeline: number;
  /** `cluster_name` of the server. */
  readonly cluster: string;
  /** This process's own row as it was; null where it has none. */
  readonly beats: number | null;
  readonly confirmed: string | null;
}

const STANDING = `SELECT log_stamp() AS stamp, m.proved, m.older, m.incarnation, m.epoch, m.reopened, m.system_identifier::text AS identifier, m.timeline,
    current_setting('cluster_name') AS cluster, w.beats::float8 AS beats, w.confirmed
  FROM log_meta AS m LEFT JOIN log_writers AS w ON w.instance = $1`;

/** The settings that say what an acknowledged commit has reached. */
const PROMISES = `current_setting('synchronous_standby_names') AS standbys,
    CASE current_setting('fsync') WHEN 'on' THEN current_setting('synchronous_commit') ELSE 'fsync off' END AS commits`;

/** Reads without writing: a standby can be asked, too. */
export const standingOf = async (sql: Sql, instance: string): Promise<Standing> =>
  one(await sql.query<Standing>({ name: 'log-standing', text: STANDING, values: [instance] }));

/**
 * A heartbeat, and what it found. It counts only on the server that the log is proved on and that this process has confirmed: elsewhere it would write
 * over what the copy tells of the time before.
 */
export const beat = async (sql: Sql, instance: string, acknowledged: number, tried: number): Promise<Standing> =>
  one(
    await sql.query<Standing>({
      name: 'log-beat',
      text: `WITH beaten AS (
               UPDATE log_writers AS w SET beats = $3, standbys = p.standbys, commits = p.commits, beaten_at = clock_timestamp(), left_at = NULL
                 FROM log_meta AS m, (SELECT ${PROMISES}) AS p
                WHERE w.instance = $1 AND w.beats BETWEEN $2 AND $3 AND w.confirmed = log_stamp() AND m.proved = w.confirmed AND m.older IS NULL)
             ${STANDING}`,
      values: [instance, acknowledged, tried],
    }),
  );

/** This process appends from now on. On a server where the log is proved there is nothing that it could have lost. */
export async function join(sql: Sql, instance: string): Promise<void> {
  await sql.query(
    `INSERT INTO log_writers (instance, beats, confirmed, standbys, commits)
     SELECT $1, 0, CASE WHEN m.proved = log_stamp() THEN m.proved END, p.standbys, p.commits FROM log_meta AS m, (SELECT ${PROMISES}) AS p
     ON CONFLICT DO NOTHING`,
    [instance],
  );
}

/** It appends no more, and all that it was promised is before this. */
export async function leave(sql: Sql, instance: string): Promise<void> {
  await sql.query(
    'UPDATE log_writers SET left_at = clock_timestamp() WHERE instance = $1 AND confirmed = log_stamp()',
    [instance],
  );
}

/** This process has found on this server all that it was promised. */
export async function confirm(sql: Sql, instance: string, stamp: string): Promise<void> {
  await sql.query('UPDATE log_writers SET confirmed = $2 WHERE instance = $1', [instance, stamp]);
}

/** The newest event that is committed; undefined in an empty log. */
export async function newestOf(sql: Sql): Promise<Promised | undefined> {
  const { rows } = await sql.query<Promised>(
    'SELECT stream_id AS "streamId", version, event_id AS "eventId" FROM events ORDER BY log_epoch DESC, txid DESC, pos DESC LIMIT 1',
  );
  return rows[0];
}

/** How many of these events the log does not have. */
export async function missing(sql: Sql, events: readonly Promised[]): Promise<number> {
  if (events.length === 0) return 0;
  const { rows } = await sql.query<{ missing: number }>(
    `SELECT count(*)::integer AS missing FROM unnest($1::text[], $2::int[], $3::uuid[]) AS p(stream_id, version, event_id)
       LEFT JOIN events AS e USING (stream_id, version) WHERE e.event_id IS DISTINCT FROM p.event_id`,
    [events.map((e) => e.streamId), events.map((e) => e.version), events.map((e) => e.eventId)],
  );
  return rows[0]?.missing ?? events.length;
}

/** Incarnations that this log went through, the present one among them: another one is of a branch that it knows nothing of. */
export async function incarnations(sql: Sql): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ incarnation: string }>('SELECT DISTINCT incarnation FROM log_moves');
  return new Set(rows.map(({ incarnation }) => incarnation));
}

/** A process beside this one that wrote until shortly before the newest heartbeat. */
export interface WriterRow {
  readonly instance: string;
  readonly confirmed: string | null;
  readonly standbys: string;
  readonly commits: string;
  readonly left: boolean;
}

/** A copy that has a later heartbeat of one has what others were promised before it: those that were silent by then say nothing any more. */
const SILENT_AFTER = '10 s';

export async function writers(sql: Sql): Promise<readonly WriterRow[]> {
  const { rows } = await sql.query<WriterRow>(
    `SELECT instance, confirmed, standbys, commits, left_at IS NOT NULL AS left FROM log_writers
      WHERE confirmed IS NOT NULL
        AND beaten_at > (SELECT max(beaten_at) FROM log_writers WHERE confirmed IS NOT NULL) - interval '${SILENT_AFTER}'`,
  );
  return rows;
}

/** What the newest heartbeat promises of a standby that would be promoted. */
export interface Promises {
  /** Standbys that follow the server at this moment. */
  readonly followers: number;
  /** Why one of them may lack what was acknowledged; undefined where none can, or where nobody has written yet. */
  readonly doubt: string | undefined;
}

export async function promises(sql: Sql): Promise<Promises> {
  const { rows } = await sql.query<{ followers: number; standbys: string | null; commits: string | null }>(
    `SELECT (SELECT count(*)::int FROM pg_stat_replication) AS followers, w.standbys, w.commits
       FROM log_meta LEFT JOIN (SELECT standbys, commits FROM log_writers ORDER BY beaten_at DESC LIMIT 1) AS w ON true`,
  );
  const { followers = 0, standbys = null, commits = null } = rows[0] ?? {};
  return { followers, doubt: standbys === null || commits === null ? undefined : whyNotStrict(standbys, commits) };
}

/** Whether a backup made this copy: its mark names another server. */
export async function isCopied(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ copied: boolean }>(
    'SELECT stamp IS DISTINCT FROM log_stamp() AS copied FROM log_copy',
  );
  return rows[0]?.copied === true;
}

/** Goes on with the log on this server; false where somebody else has, or has denied it. */
export async function goOn(sql: Sql, expected: string | null, evidence: object): Promise<boolean> {
  const { rows } = await sql.query<{ moved: boolean }>('SELECT log_continue($1, $2::jsonb) AS moved', [
    expected,
    JSON.stringify(evidence),
  ]);
  return rows[0]?.moved === true;
}

/** Says for all processes and for good what the log lacks. */
export async function deny(sql: Sql, reason: string): Promise<void> {
  await sql.query('SELECT log_deny($1)', [reason]);
}

/** Processes that have long gone: none of them will ask for its row. At most `limit`; answers how many. */
export async function forgetWriters(sql: Sql, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM log_writers WHERE instance IN (SELECT instance FROM log_writers WHERE beaten_at < clock_timestamp() - interval '2 days' LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [limit],
  );
  return rowCount ?? 0;
}

function one<T>({ rows }: { rows: T[] }): T {
  if (!rows[0]) throw new Error('log_meta is empty: the log was never opened (run the migrations)');
  return rows[0];
}
