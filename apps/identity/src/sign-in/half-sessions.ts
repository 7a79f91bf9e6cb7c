import { DETAILS } from '#contracts';
import type { Sql, Tx } from '#event-sourcing';
import { forgetting, Problem } from '#platform';
import { newToken, tokenDigest } from '../session/sessions.query.ts';
import type { Proof, Purpose } from './next.ts';

const LIFE_MS = 10 * 60_000;
const WRONG_MAX = 5;

/** What somebody has proved of an account who is not signed in yet. */
export interface HalfSession {
  readonly tokenDigest: string;
  readonly accountId: string;
  readonly purpose: Purpose;
  /** The account's number of credentials when it began. */
  readonly credentials: number;
  readonly proofs: readonly Proof[];
  /** Of the mailed link that it began with. */
  readonly linkId: string | undefined;
  /** The sign-in at a provider that it goes on from, by the digest of its state. */
  readonly attempt: string | undefined;
  readonly endsAt: Date;
}

interface Row {
  token_digest: string;
  account_id: string;
  purpose: Purpose;
  credentials: number;
  proofs: Proof[];
  link_id: string | null;
  attempt: string | null;
  began_at: Date;
}

const COLUMNS = 'token_digest, account_id, purpose, credentials, proofs, link_id, attempt, began_at';
const OPEN = `token_digest = $1 AND began_at > $2::timestamptz - interval '${LIFE_MS} ms'`;

/** Said of one that never was, has ended, or has seen other credentials: what helps is the same. */
export const halfRequired = () => new Problem('sign-in/half-required', DETAILS['sign-in/half-required']);

/** Answers its secret: this once. */
export async function beginHalf(
  sql: Sql,
  half: Pick<HalfSession, 'accountId' | 'purpose' | 'credentials' | 'proofs'> &
    Partial<Pick<HalfSession, 'linkId' | 'attempt'>>,
  now: Date,
): Promise<{ token: string; endsAt: Date }> {
  const token = newToken();
  await sql.query(`INSERT INTO half_sessions (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, [
    tokenDigest(token),
    half.accountId,
    half.purpose,
    half.credentials,
    half.proofs,
    half.linkId ?? null,
    half.attempt ?? null,
    now,
  ]);
  return { token, endsAt: new Date(now.getTime() + LIFE_MS) };
}

/** @throws Problem where there is none that is open. */
export async function findHalf(sql: Sql, token: string, now: Date): Promise<HalfSession> {
  const { rows } = await sql.query<Row>(`SELECT ${COLUMNS} FROM half_sessions WHERE ${OPEN} AND wrong < ${WRONG_MAX}`, [
    tokenDigest(token),
    now,
  ]);
  return halfOf(rows[0]);
}

/** Takes one of its five answers before it is judged. @throws Problem where none is left. */
export async function takeAnswer(sql: Sql, token: string, now: Date): Promise<HalfSession> {
  const { rows } = await sql.query<Row>(
    `UPDATE half_sessions SET wrong = wrong + 1 WHERE ${OPEN} AND wrong < ${WRONG_MAX} RETURNING ${COLUMNS}`,
    [tokenDigest(token), now],
  );
  return halfOf(rows[0]);
}

/** What was taken was not wrong, or was not judged. */
export const giveAnswerBack = (sql: Sql, half: HalfSession) =>
  sql.query('UPDATE half_sessions SET wrong = greatest(wrong - 1, 0) WHERE token_digest = $1', [half.tokenDigest]);

/** The half session, for the transaction that ends it or brings it further. @throws Problem where it has ended meanwhile. */
export async function lockHalf(tx: Tx, { tokenDigest: digest }: HalfSession, now: Date): Promise<HalfSession> {
  const { rows } = await tx.query<Row>(`SELECT ${COLUMNS} FROM half_sessions WHERE ${OPEN} FOR UPDATE`, [digest, now]);
  return halfOf(rows[0]);
}

/** What was taken for it was no wrong answer: whoever needed all five still comes to the end. */
export const addProof = (tx: Tx, half: HalfSession, proof: Proof) =>
  tx.query(
    'UPDATE half_sessions SET proofs = array_append(proofs, $2), wrong = greatest(wrong - 1, 0) WHERE token_digest = $1',
    [half.tokenDigest, proof],
  );

export const endHalf = (sql: Sql, { tokenDigest: digest }: Pick<HalfSession, 'tokenDigest'>) =>
  sql.query('DELETE FROM half_sessions WHERE token_digest = $1', [digest]);

/** Forgets what has expired. At most `limit`; answers how many. */
export const forgetHalves = forgetting({
  table: 'half_sessions',
  key: 'token_digest',
  at: 'began_at',
  afterMs: LIFE_MS,
});

function halfOf(row: Row | undefined): HalfSession {
  if (!row) throw halfRequired();
  return {
    tokenDigest: row.token_digest,
    accountId: row.account_id,
    purpose: row.purpose,
    credentials: row.credentials,
    proofs: row.proofs,
    linkId: row.link_id ?? undefined,
    attempt: row.attempt ?? undefined,
    endsAt: new Date(row.began_at.getTime() + LIFE_MS),
  };
}
