import type { Sql, Tx } from '#event-sourcing';

/** A gateway's heartbeat may be missing this long by the real clock before the gateway counts as silent. */
export const SILENT_MS = 5 * 60_000;

export interface Heartbeat {
  readonly instance: string;
  /** All accepted use that it saw up to here is recorded. */
  readonly watermark: Date;
  /** Records that it keeps because they could not be written. */
  readonly kept: number;
  readonly leaving: boolean;
  readonly standing?: Standing | undefined;
}

/** How a gateway is, as it reports itself. */
export interface Standing {
  /** Where it takes requests. */
  readonly address: string;
  readonly startedAt: Date;
  /** Whether it may answer from memory. */
  readonly leased: boolean;
  /** In memory. */
  readonly keys: number;
  /** The installation's keys that it knows, by their names. */
  readonly rings: readonly string[];
}

/** A gateway process that is waited for. */
export interface Gateway {
  readonly instance: string;
  readonly standing: Standing | undefined;
  readonly heardAt: Date;
  readonly silentSeconds: number;
  readonly kept: number;
  /** Processes that were at its address before it within a day. */
  readonly restarts: number;
}

/** A gateway process that fell silent without having left. */
export interface Gap {
  readonly instance: string;
  readonly since: Date;
  readonly heardAt: Date;
  readonly kept: number;
  readonly closedAt: Date | null;
}

const OPEN = 'left_at IS NULL AND closed_at IS NULL';

/**
 * Records what a gateway reports about itself. A gateway that was taken for dead counts again; one that has left is gone for good, also when a late
 * report of it comes.
 */
export async function hear(sql: Sql, { instance, watermark, kept, leaving, standing }: Heartbeat): Promise<void> {
  await sql.query(
    `INSERT INTO gateways AS g (instance, watermark, kept, left_at, address, started_at, leased, keys, rings)
     VALUES ($1, $2, $3, CASE WHEN $4 THEN clock_timestamp() END, $5, $6, $7, $8, $9)
     ON CONFLICT (instance) DO UPDATE
       SET watermark = excluded.watermark, kept = excluded.kept, heard_at = clock_timestamp(), left_at = excluded.left_at, silent_at = NULL, closed_at = NULL,
           address = coalesce(excluded.address, g.address), started_at = coalesce(excluded.started_at, g.started_at),
           leased = coalesce(excluded.leased, g.leased), keys = coalesce(excluded.keys, g.keys), rings = coalesce(excluded.rings, g.rings)
     WHERE g.left_at IS NULL`,
    [
      instance,
      watermark,
      kept,
      leaving,
      standing?.address ?? null,
      standing?.startedAt ?? null,
      standing?.leased ?? null,
      standing?.keys ?? null,
      standing?.rings ?? null,
    ],
  );
}

/**
 * Notes which gateways have fallen silent, and answers them. While this service was away it could hear none of them: only the time it has listened
 * itself counts.
 */
export async function noteSilent(sql: Sql, listenedMs: number): Promise<string[]> {
  if (listenedMs < SILENT_MS) return [];
  const { rows } = await sql.query<{ instance: string }>(
    `UPDATE gateways SET silent_at = clock_timestamp() WHERE ${OPEN} AND silent_at IS NULL AND heard_at < clock_timestamp() - $1 * interval '1 ms' RETURNING instance`,
    [SILENT_MS],
  );
  return rows.map(({ instance }) => instance);
}

/**
 * Up to where everything is known that any gateway saw; undefined while that cannot be said, because one is silent or none was ever heard.
 * Gateways that have all left kept nothing back: then it is known up to now.
 */
export async function heardUpTo(sql: Sql, at: Date): Promise<Date | undefined> {
  const { rows } = await sql.query<{ known: boolean; silent: boolean; watermark: Date | null }>({
    name: 'heard-up-to',
    text: `SELECT count(*) > 0 AS known, coalesce(bool_or(silent_at IS NOT NULL) FILTER (WHERE ${OPEN}), false) AS silent, min(watermark) FILTER (WHERE ${OPEN}) AS watermark FROM gateways`,
    values: [],
  });
  const row = rows[0];
  if (!row?.known || row.silent) return undefined;
  return row.watermark === null || row.watermark > at ? at : row.watermark;
}

/** Gateways that report, and silent ones whose gap no operator has closed. */
export async function standingGateways(sql: Sql): Promise<Gateway[]> {
  const { rows } = await sql.query<GatewayRow>(
    `SELECT instance, address, started_at, leased, keys, rings, heard_at, kept, extract(epoch FROM clock_timestamp() - heard_at)::float8 AS silent_seconds,
            (SELECT count(*)::int FROM gateways b WHERE b.address = g.address AND b.started_at < g.started_at AND b.heard_at > clock_timestamp() - interval '1 day') AS restarts
       FROM gateways g WHERE ${OPEN} ORDER BY address NULLS LAST, started_at, instance`,
  );
  return rows.map(
    ({ instance, address, started_at, leased, keys, rings, heard_at, kept, silent_seconds, restarts }) => ({
      instance,
      standing:
        address === null || started_at === null
          ? undefined
          : { address, startedAt: started_at, leased: leased ?? false, keys: keys ?? 0, rings: rings ?? [] },
      heardAt: heard_at,
      silentSeconds: silent_seconds,
      kept,
      restarts,
    }),
  );
}

interface GatewayRow {
  instance: string;
  address: string | null;
  started_at: Date | null;
  leased: boolean | null;
  keys: number | null;
  rings: string[] | null;
  heard_at: Date;
  kept: number;
  silent_seconds: number;
  restarts: number;
}

/** The gaps that wait for a person, oldest first. */
export async function openGaps(sql: Sql): Promise<Gap[]> {
  const { rows } = await sql.query<GapRow>(
    `SELECT ${COLUMNS} FROM gateways WHERE ${OPEN} AND silent_at IS NOT NULL ORDER BY watermark, instance`,
  );
  return rows.map(gapOf);
}

/** One gateway's gap, open or closed, locked for closing: no other transaction changes it until this one ends. */
export async function lockGap(tx: Tx, instance: string): Promise<Gap | undefined> {
  const { rows } = await tx.query<GapRow>(
    `SELECT ${COLUMNS} FROM gateways WHERE instance = $1 AND silent_at IS NOT NULL FOR UPDATE`,
    [instance],
  );
  return rows[0] && gapOf(rows[0]);
}

/** Nothing waits for this gateway any more. */
export async function stopWaiting(tx: Tx, instance: string, closedAt: Date): Promise<void> {
  await tx.query('UPDATE gateways SET closed_at = $2 WHERE instance = $1', [instance, closedAt]);
}

/**
 * Forgets gateways that no decision waits for and that were last heard 30 days ago; what operators said of them stays in their streams. Never the one
 * heard last: while none was ever heard, nothing is known. At most `limit`; answers how many.
 */
export async function forgetGateways(sql: Sql, _now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM gateways WHERE instance = ANY(ARRAY(
       SELECT instance FROM gateways WHERE (left_at IS NOT NULL OR closed_at IS NOT NULL) AND heard_at < clock_timestamp() - interval '30 days'
          AND instance <> (SELECT instance FROM gateways ORDER BY heard_at DESC, instance LIMIT 1) LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    [limit],
  );
  return rowCount ?? 0;
}

interface GapRow {
  instance: string;
  watermark: Date;
  heard_at: Date;
  kept: number;
  closed_at: Date | null;
}

const COLUMNS = 'instance, watermark, heard_at, kept, closed_at';
const gapOf = (row: GapRow): Gap => ({
  instance: row.instance,
  since: row.watermark,
  heardAt: row.heard_at,
  kept: row.kept,
  closedAt: row.closed_at,
});
