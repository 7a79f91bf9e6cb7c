import type { Sql } from '#event-sourcing';

export type ActivityKind = 'signIn' | 'session' | 'api';

/** The latest instant of each kind, as `toISOString` writes it; null where there was none. */
type LatestActivity = Readonly<Record<ActivityKind, string | null>>;

export interface Activity {
  readonly accountId: string;
  readonly kind: ActivityKind;
  readonly occurredAt: Date;
}

/** Remembers activity by account, kind and UTC day. A late, repeated or reordered record never moves an instant back. */
export async function recordActivity(sql: Sql, activities: readonly Activity[]): Promise<void> {
  if (activities.length === 0) return;
  await sql.query({
    name: 'record-activity',
    text: `INSERT INTO activity (account_id, kind, day, latest_at)
       SELECT a.account_id, a.kind, (a.at AT TIME ZONE 'UTC')::date, max(a.at) FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS a(account_id, kind, at)
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
     ON CONFLICT (account_id, kind, day) DO UPDATE SET latest_at = excluded.latest_at WHERE excluded.latest_at > activity.latest_at`,
    values: [activities.map((a) => a.accountId), activities.map((a) => a.kind), activities.map((a) => a.occurredAt)],
  });
}

/** When the account was last active, kind by kind; `before`: by what came before this instant. */
export async function lastActivity(sql: Sql, accountId: string, before?: Date): Promise<LatestActivity> {
  return (await lastActivities(sql, [accountId], before)).get(accountId) ?? NONE;
}

/** The same of several accounts; each of them is in the answer. */
export async function lastActivities(
  sql: Sql,
  accountIds: readonly string[],
  before?: Date,
): Promise<Map<string, LatestActivity>> {
  const { rows } = await sql.query<{ account_id: string; kind: ActivityKind; latest_at: Date }>(
    'SELECT account_id, kind, max(latest_at) AS latest_at FROM activity WHERE account_id = ANY($1) AND ($2::timestamptz IS NULL OR latest_at < $2) GROUP BY account_id, kind',
    [accountIds, before ?? null],
  );
  const byAccount = Map.groupBy(rows, (row) => row.account_id);
  return new Map(
    accountIds.map((accountId) => [
      accountId,
      {
        ...NONE,
        ...Object.fromEntries((byAccount.get(accountId) ?? []).map((row) => [row.kind, row.latest_at.toISOString()])),
      },
    ]),
  );
}

/** A day on which an account was active, UTC, and in which ways. */
export type ActiveDay = { readonly day: string } & Readonly<Record<ActivityKind, boolean>>;

/** The days of the last 180, today among them, on which the account was active; oldest first. */
export async function activeDays(sql: Sql, accountId: string, now: Date): Promise<ActiveDay[]> {
  const { rows } = await sql.query<ActiveDay>(
    `SELECT day::text, bool_or(kind = 'signIn') AS "signIn", bool_or(kind = 'session') AS session, bool_or(kind = 'api') AS api
       FROM activity WHERE account_id = $1 AND day > ($2::timestamptz AT TIME ZONE 'UTC')::date - $3::int GROUP BY day ORDER BY day`,
    [accountId, now, KEPT_DAYS],
  );
  return rows;
}

/** As far back as an account's holder is shown. Older records are never asked for, except the latest of their kind. */
const KEPT_DAYS = 180;

/** Forgets days after which the account was active again in the same way, the newest first. At most `limit`; answers how many. */
export async function forgetActivity(sql: Sql, now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM activity AS a USING (
       SELECT account_id, kind, day FROM activity AS old
        WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date - $2::int
          AND EXISTS (SELECT FROM activity AS newer WHERE newer.account_id = old.account_id AND newer.kind = old.kind AND newer.day > old.day)
        ORDER BY day DESC LIMIT $3) AS old
      WHERE a.account_id = old.account_id AND a.kind = old.kind AND a.day = old.day`,
    [now, KEPT_DAYS, limit],
  );
  return rowCount ?? 0;
}

const NONE: LatestActivity = { signIn: null, session: null, api: null };
