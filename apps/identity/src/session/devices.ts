import type { identity } from '#contracts';
import { keyName, openAny, seal, type Sql, type Tx, type SealingKeys } from '#event-sourcing';
import type { SealedRows, Seals } from '#platform';
import { newToken, tokenDigest } from './sessions.query.ts';

const KNOWN_MAX = 20;
const KEPT_DAYS = 30;

/** Where somebody is who asks: `network` for limits, the rest for the holder's own list of sessions. */
export interface Visit {
  readonly network: string;
  readonly deviceToken: string | undefined;
  /** "Firefox on Linux". */
  readonly device: string;
  /** An IPv4 /24 or an IPv6 /48. */
  readonly shownNetwork: string;
}

/** As the gateway tells it. */
export const visitOf = (visit: identity.Visit | undefined): Visit => ({
  network: visit?.network ?? '',
  deviceToken: visit?.deviceToken ?? undefined,
  device: visit?.device ?? '',
  shownNetwork: visit?.shownNetwork ?? '',
});

/** The device of a completed sign-in. `token`: its new secret, where it was not known. */
export interface Arrived {
  readonly known: boolean;
  readonly token: string | undefined;
}

/** Remembers the device of a completed sign-in, twenty of an account; beside its session, sealed and in no event, as it goes with that. */
export async function keepVisit(
  tx: Tx,
  masterKeys: SealingKeys,
  { accountId, sessionId }: { readonly accountId: string; readonly sessionId: string },
  { deviceToken, device, shownNetwork }: Visit,
  now: Date,
): Promise<Arrived> {
  const sealed = seal(masterKeys[0], bound(sessionId), Buffer.from(JSON.stringify({ device, shownNetwork })));
  const { rows } = await tx.query({
    name: 'keep-visit',
    text: `WITH kept AS (INSERT INTO session_devices (session_id, sealed, seen_at, sealed_by) VALUES ($3, $4, $5, $6))
           UPDATE known_devices SET used_at = $5 WHERE account_id = $1 AND token_digest = $2 RETURNING true`,
    values: [
      accountId,
      deviceToken === undefined ? null : tokenDigest(deviceToken),
      sessionId,
      sealed,
      now,
      keyName(masterKeys[0]),
    ],
  });
  return rows.length > 0 ? { known: true, token: undefined } : rememberDevice(tx, accountId, deviceToken, now);
}

async function rememberDevice(tx: Tx, accountId: string, deviceToken: string | undefined, now: Date): Promise<Arrived> {
  // A browser of several people keeps its one secret; each account knows it by itself.
  const token = deviceToken ?? newToken();
  await tx.query('INSERT INTO known_devices (account_id, token_digest, used_at) VALUES ($1, $2, $3)', [
    accountId,
    tokenDigest(token),
    now,
  ]);
  await tx.query(
    'DELETE FROM known_devices WHERE account_id = $1 AND token_digest IN (SELECT token_digest FROM known_devices WHERE account_id = $1 ORDER BY used_at DESC OFFSET $2)',
    [accountId, KNOWN_MAX],
  );
  return { known: false, token };
}

export const forgetDevice = (sql: Sql, accountId: string, deviceToken: string) =>
  sql.query('DELETE FROM known_devices WHERE account_id = $1 AND token_digest = $2', [
    accountId,
    tokenDigest(deviceToken),
  ]);

/** All of an account: its credentials were in doubt. */
export const forgetDevices = (tx: Tx, accountId: string) =>
  tx.query('DELETE FROM known_devices WHERE account_id = $1', [accountId]);

/** Which browser, in which network, as a session's holder reads it. */
export type SessionDevice = Pick<Visit, 'device' | 'shownNetwork'>;

/** The devices of these sessions, by session. */
export async function sessionDevices(
  sql: Sql,
  masterKeys: SealingKeys,
  sessionIds: readonly string[],
): Promise<Map<string, SessionDevice>> {
  const { rows } = await sql.query<{ session_id: string; sealed: Buffer }>(
    'SELECT session_id, sealed FROM session_devices WHERE session_id = ANY($1)',
    [sessionIds],
  );
  return new Map(
    rows.map(({ session_id: id, sealed }) => [
      id,
      JSON.parse(openAny(masterKeys, bound(id), sealed).toString()) as SessionDevice,
    ]),
  );
}

/** Forgets devices of sessions that ended 30 days ago, or must have. At most `limit`; answers how many. */
export async function forgetSessionDevices(sql: Sql, now: Date, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM session_devices WHERE session_id = ANY(ARRAY(
       SELECT d.session_id FROM session_devices d LEFT JOIN sessions s USING (session_id)
        WHERE coalesce(s.ended_at, d.seen_at + interval '30 days') <= $1::timestamptz - $2 * interval '1 day' LIMIT $3 FOR UPDATE OF d SKIP LOCKED))`,
    [now, KEPT_DAYS, limit],
  );
  return rowCount ?? 0;
}

const bound = (sessionId: string) => `session-device|${sessionId}`;

export const sealedDevices = (seals: Seals): SealedRows => ({
  purpose: 'master',
  table: 'session_devices',
  id: ['session_id'],
  bound: ([sessionId = '']) => bound(sessionId),
  seals,
});
