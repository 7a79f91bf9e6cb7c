import { hash, randomBytes } from 'node:crypto';
import { LOG_IS_WHOLE, type Sql } from '#event-sourcing';
import { forgetting } from '#platform';
import { DEMANDED } from '../demand/demands.query.ts';
import { CAME_RIGHTLY, GOVERNED } from '../governance/governance.query.ts';
import { IDLE_MS } from './idle-timeout.ts';
import type { LoginMethod } from './session.decider.ts';

/** A session lives 30 days at most (ASVS 5.0, 7.3). */
export const SESSION_LIFE_MS = 30 * 86_400_000;

/** A secret of 256 bits, of which only the digest is kept. */
export const newToken = (): string => randomBytes(32).toString('base64url');
export const tokenDigest = (token: string): string => hash('sha256', token, 'base64url');

/** A session as its holder sees it. */
export interface OpenSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly endsAt: Date;
  /** Undefined where idle time-out is off. */
  readonly idleEndsAt: Date | undefined;
  readonly status: 'active' | 'suspended';
  /** How, and when, its person has last proved to be the account's holder. */
  readonly methods: readonly LoginMethod[];
  readonly provedAt: Date;
  /** The connection that it came through; its person proves themselves there. */
  readonly connectionId: string | undefined;
  /** An organization of the account asks for a second factor by now, and the account has none turned on. */
  readonly confined: boolean;
  /** An organization of the account wants idle sessions to end. */
  readonly idleDemanded: boolean;
}

interface Row {
  session_id: string;
  account_id: string;
  token_digest: string;
  created_at: Date;
  last_seen_at: Date;
  status: 'active' | 'suspended';
  idle_timeout: boolean;
  idle_demanded: boolean;
  methods: LoginMethod[];
  proved_at: Date;
  connection_id: string | null;
  ends_at: Date | null;
  factor_missing_from: Date | null;
  guest: boolean;
}

/** `$1`: the domain key. A session of which the way in is shut ends at that instant, whatever its stream says yet. */
const SELECT = `
  SELECT s.session_id, s.account_id, s.token_digest, s.created_at, coalesce(t.last_seen_at, s.created_at) AS last_seen_at, a.status,
         a.idle_timeout OR demanded.idle AS idle_timeout, demanded.idle AS idle_demanded, CASE WHEN NOT a.multi_factor THEN demanded.factor_from END AS factor_missing_from,
         NOT a.multi_factor AND governed.connection_id IS NULL AND demanded.single_sign_on AS guest,
         s.methods, coalesce(s.proved_at, s.created_at) AS proved_at, s.connection_id, s.ends_at
    FROM sessions s JOIN accounts a USING (account_id) LEFT JOIN session_touches t USING (session_id)
         CROSS JOIN ${DEMANDED} AS demanded CROSS JOIN ${GOVERNED} AS governed
   WHERE s.ended_at IS NULL AND ${CAME_RIGHTLY}`;

/** Sessions that are open at an instant, by the digest of their token. */
export async function sessionsByDigest(
  sql: Sql,
  key: Buffer,
  digests: readonly string[],
  now: Date,
): Promise<Map<string, OpenSession>> {
  const { rows } = await sql.query<Row>({
    name: 'sessions-by-digest',
    text: `${SELECT} AND s.token_digest = ANY($2) AND ${LOG_IS_WHOLE}`,
    values: [key, digests],
  });
  return new Map(
    rows.flatMap((row) => {
      const open = openSession(row, now);
      return open ? [[row.token_digest, open]] : [];
    }),
  );
}

/** All open sessions of an account, the newest first. */
export async function sessionsOfAccount(sql: Sql, key: Buffer, accountId: string, now: Date): Promise<OpenSession[]> {
  const { rows } = await sql.query<Row>(`${SELECT} AND s.account_id = $2 ORDER BY s.session_id DESC`, [key, accountId]);
  return rows.flatMap((row) => openSession(row, now) ?? []);
}

/** One session of an account, where it is open. */
export async function sessionOfAccount(
  sql: Sql,
  key: Buffer,
  accountId: string,
  sessionId: string,
  now: Date,
): Promise<OpenSession | undefined> {
  const { rows } = await sql.query<Row>({
    name: 'session-of-account',
    text: `${SELECT} AND s.account_id = $2 AND s.session_id = $3`,
    values: [key, accountId, sessionId],
  });
  return rows[0] && openSession(rows[0], now);
}

/** Ids of sessions that no event has ended, also those that time has: for ending them all. The newest first. */
export async function sessionIdsOfAccount(sql: Sql, accountId: string): Promise<string[]> {
  const { rows } = await sql.query<{ session_id: string }>({
    name: 'session-ids-of-account',
    text: 'SELECT session_id FROM sessions WHERE account_id = $1 AND ended_at IS NULL ORDER BY session_id DESC',
    values: [accountId],
  });
  return rows.map((row) => row.session_id);
}

function openSession(row: Row, now: Date): OpenSession | undefined {
  const endsAt = new Date(
    Math.min(row.created_at.getTime() + SESSION_LIFE_MS, row.ends_at?.getTime() ?? Number.POSITIVE_INFINITY),
  );
  const idleEndsAt = row.idle_timeout ? new Date(row.last_seen_at.getTime() + IDLE_MS) : undefined;
  if (now >= endsAt || (idleEndsAt && now >= idleEndsAt)) return undefined;
  return {
    sessionId: row.session_id,
    accountId: row.account_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    endsAt,
    idleEndsAt,
    status: row.status,
    methods: row.methods,
    provedAt: row.proved_at,
    connectionId: row.connection_id ?? undefined,
    // Of a session by single sign-on its provider judges the factors; where others are judged by theirs, a guest needs a second one.
    confined:
      row.connection_id === null && (row.guest || (row.factor_missing_from !== null && row.factor_missing_from <= now)),
    idleDemanded: row.idle_demanded,
  };
}

const TOUCH_EVERY_MS = 5_000;

/** Remembers that a person was here. Not for every request: a touch of the last seconds says the same. */
export async function touch(sql: Sql, sessions: readonly OpenSession[], now: Date): Promise<void> {
  const due = sessions.filter((session) => now.getTime() - session.lastSeenAt.getTime() >= TOUCH_EVERY_MS);
  if (due.length === 0) return;
  await sql.query(
    `INSERT INTO session_touches (session_id, last_seen_at) SELECT DISTINCT id, $2::timestamptz FROM unnest($1::uuid[]) AS id ORDER BY id
     ON CONFLICT (session_id) DO UPDATE SET last_seen_at = greatest(session_touches.last_seen_at, excluded.last_seen_at)`,
    [due.map((session) => session.sessionId), now],
  );
}

/** Forgets who was last seen longer ago than a session lives. At most `limit`; answers how many. */
export const forgetTouches = forgetting({
  table: 'session_touches',
  key: 'session_id',
  at: 'last_seen_at',
  afterMs: SESSION_LIFE_MS,
});
