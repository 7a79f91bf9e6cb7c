import { hash } from 'node:crypto';
import type { Sql, Tx } from '#event-sourcing';
import { DAY_MS, forgetting } from '#platform';
import type { Through } from './through.ts';

const KEPT_DAYS = 30;
const digest = (providerSession: string) => hash('sha256', providerSession, 'base64url');

/** The provider's own session beside ours: when it ends that one, ours ends. */
export const keepProviderSession = (
  tx: Tx,
  sessionId: string,
  { connectionId, subjectDigest, vouched }: Through,
  now: Date,
) =>
  tx.query(
    'INSERT INTO sso_sessions (session_id, connection_id, subject_digest, provider_session_digest, began_at) VALUES ($1, $2, $3, $4, $5)',
    [
      sessionId,
      connectionId,
      subjectDigest,
      vouched.providerSession === undefined ? null : digest(vouched.providerSession),
      now,
    ],
  );

/** Our sessions of one of the provider's, or of one of its people where it names none. */
export async function sessionsOfProvider(
  sql: Sql,
  connectionId: string,
  {
    providerSession,
    subjectDigest,
  }: { readonly providerSession: string | undefined; readonly subjectDigest: string | undefined },
): Promise<readonly { readonly sessionId: string; readonly accountId: string }[]> {
  const { rows } = await sql.query<{ session_id: string; account_id: string }>(
    `SELECT session_id, account_id FROM sso_sessions p JOIN sessions s USING (session_id)
      WHERE p.connection_id = $1 AND s.ended_at IS NULL
        AND CASE WHEN $2::text IS NULL THEN p.subject_digest = $3 ELSE p.provider_session_digest = $2 END`,
    [connectionId, providerSession === undefined ? null : digest(providerSession), subjectDigest ?? null],
  );
  return rows.map((row) => ({ sessionId: row.session_id, accountId: row.account_id }));
}

/** Forgets those of which the session must have ended. At most `limit`; answers how many. */
export const forgetProviderSessions = forgetting({
  table: 'sso_sessions',
  key: 'session_id',
  at: 'began_at',
  afterMs: KEPT_DAYS * DAY_MS,
});
