import { randomBytes } from 'node:crypto';
import { openAny, seal, type Sql, type SealingKeys } from '#event-sourcing';
import { DAY_MS, forgetting } from '#platform';
import { newToken, tokenDigest } from '../session/sessions.query.ts';
import type { Attempt } from './protocol.ts';

const LIFE_MS = 10 * 60_000;
const KEPT_DAYS = 7;
const SHOWN = 20;

/** What a sign-in at a provider is for. */
export type AttemptPurpose = 'sign-in' | 'test' | 'prove';

/** A sign-in on its way, as it was begun here. */
export interface Begun extends Attempt {
  readonly connectionId: string;
  readonly n: number;
  readonly purpose: AttemptPurpose;
  /** Whose session asked, for tests and proofs. */
  readonly holder: { readonly accountId: string; readonly sessionId: string } | undefined;
  /** Of an invitation that is accepted with it. */
  readonly invitationToken: string | undefined;
  /** Where the browser goes afterwards: a path of ours. */
  readonly returnTo: string | undefined;
  /** Of a sign-in that waits for this proof, by the digest of its secret. */
  readonly half: string | undefined;
}

type Sealed = Pick<Begun, 'nonce' | 'verifier' | 'requestId' | 'anew' | 'invitationToken' | 'returnTo' | 'half'> & {
  /** By the real clock, which providers go by. */
  readonly beganMs: number;
};

/** What the answer will be judged by: 256 bits each. A request id begins with a letter, as XML wants it (NCName). */
export const newAttempt = (anew: boolean): Attempt => ({
  state: newToken(),
  nonce: newToken(),
  verifier: newToken(),
  requestId: `_${randomBytes(20).toString('hex')}`,
  // Providers go by the real clock, not the installation's.
  beganAt: new Date(),
  anew,
});

export async function keepAttempt(
  sql: Sql,
  masterKeys: SealingKeys,
  browserToken: string,
  begun: Begun,
  now: Date,
): Promise<void> {
  const { state, connectionId, n, purpose, holder, beganAt, nonce, verifier, requestId, anew } = begun;
  const { invitationToken, returnTo, half } = begun;
  const kept: Sealed = {
    beganMs: beganAt.getTime(),
    nonce,
    verifier,
    requestId,
    anew,
    invitationToken,
    returnTo,
    half,
  };
  await sql.query(
    `INSERT INTO sso_attempts (state_digest, cookie_digest, connection_id, n, purpose, account_id, session_id, sealed, began_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tokenDigest(state),
      tokenDigest(browserToken),
      connectionId,
      n,
      purpose,
      holder?.accountId ?? null,
      holder?.sessionId ?? null,
      seal(masterKeys[0], bound(tokenDigest(state)), Buffer.from(JSON.stringify(kept))),
      now,
    ],
  );
}

/** Spends an attempt before anything goes out for it. Undefined where this browser has none that waits for this state. */
export async function useAttempt(
  sql: Sql,
  masterKeys: SealingKeys,
  { connectionId, state, browserToken }: { connectionId: string; state: string; browserToken: string },
  now: Date,
): Promise<Begun | undefined> {
  const { rows } = await sql.query<{
    n: number;
    purpose: AttemptPurpose;
    account_id: string | null;
    session_id: string | null;
    sealed: Buffer;
  }>(
    `UPDATE sso_attempts SET used_at = $4 WHERE state_digest = $1 AND cookie_digest = $2 AND connection_id = $3 AND used_at IS NULL
        AND began_at > $4::timestamptz - interval '${LIFE_MS} ms'
     RETURNING n, purpose, account_id, session_id, sealed`,
    [tokenDigest(state), tokenDigest(browserToken), connectionId, now],
  );
  const row = rows[0];
  if (!row) return undefined;
  const { beganMs, ...kept } = JSON.parse(
    openAny(masterKeys, bound(tokenDigest(state)), row.sealed).toString(),
  ) as Sealed;
  return {
    ...kept,
    beganAt: new Date(beganMs),
    state,
    connectionId,
    n: row.n,
    purpose: row.purpose,
    holder:
      row.account_id === null || row.session_id === null
        ? undefined
        : { accountId: row.account_id, sessionId: row.session_id },
  };
}

/** What it came to: '' where the answer was accepted, else the check that it did not pass. */
export const settleAttempt = (sql: Sql, state: string, refusedFor: string) =>
  sql.query('UPDATE sso_attempts SET refused_for = $2 WHERE state_digest = $1', [tokenDigest(state), refusedFor]);

/** Whether it was begun in the browser with this secret. */
export async function isOfBrowser(sql: Sql, attempt: string, browserToken: string): Promise<boolean> {
  const { rowCount } = await sql.query('SELECT FROM sso_attempts WHERE state_digest = $1 AND cookie_digest = $2', [
    attempt,
    tokenDigest(browserToken),
  ]);
  return rowCount === 1;
}

/** An attempt as owners see it: no person is named. */
export interface ShownAttempt {
  readonly beganAt: Date;
  readonly purpose: AttemptPurpose;
  readonly outcome: 'under-way' | 'accepted' | 'refused';
  readonly check: string | undefined;
}

/** The last twenty of a connection. */
export async function attemptsOf(sql: Sql, connectionId: string): Promise<readonly ShownAttempt[]> {
  const { rows } = await sql.query<{ began_at: Date; purpose: AttemptPurpose; refused_for: string | null }>(
    'SELECT began_at, purpose, refused_for FROM sso_attempts WHERE connection_id = $1 ORDER BY began_at DESC LIMIT $2',
    [connectionId, SHOWN],
  );
  return rows.map(({ began_at: beganAt, purpose, refused_for: check }) => ({
    beganAt,
    purpose,
    outcome: check === null ? 'under-way' : check === '' ? 'accepted' : 'refused',
    check: check === null || check === '' ? undefined : check,
  }));
}

/** Whether an assertion is new. In the transaction of what it leads to: of two at once one is. */
export async function useAssertion(sql: Sql, connectionId: string, assertionId: string, now: Date): Promise<boolean> {
  const { rowCount } = await sql.query(
    'INSERT INTO sso_assertions (connection_id, assertion_digest, used_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [connectionId, tokenDigest(assertionId), now],
  );
  return rowCount === 1;
}

/** Forgets attempts of a week ago. At most `limit`; answers how many. */
export const forgetAttempts = forgetting({
  table: 'sso_attempts',
  key: 'state_digest',
  at: 'began_at',
  afterMs: KEPT_DAYS * DAY_MS,
});

/** Forgets assertions that are too old to be accepted anyway. At most `limit`; answers how many. */
export const forgetAssertions = forgetting({
  table: 'sso_assertions',
  key: 'assertion_digest',
  at: 'used_at',
  afterMs: KEPT_DAYS * DAY_MS,
});

const bound = (stateDigest: string) => `sso-attempt|${stateDigest}`;
