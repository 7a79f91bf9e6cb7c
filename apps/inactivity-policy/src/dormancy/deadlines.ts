import type { Sql, Tx } from '#event-sourcing';

/** A place in the order of what is due. */
export interface DuePlace { readonly nextAt: Date; readonly accountId: string }

export const FIRST: DuePlace = { nextAt: new Date(0), accountId: '00000000-0000-0000-0000-000000000000' };

/** Whether there is anything to look at, or to let go. */
export async function isAnythingDue(sql: Sql, at: Date): Promise<boolean> {
  const { rows } = await sql.query<{ any: boolean }>({
    name: 'anything-due', text: 'SELECT EXISTS (SELECT FROM deadlines WHERE next_at <= $1) OR EXISTS (SELECT FROM deadlines WHERE waits_for IS NOT NULL) AS any', values: [at],
  });
  return rows[0]?.any === true;
}

/** Accounts due by an instant, after a place, earliest first. */
export async function dueAccounts(sql: Sql, at: Date, after: DuePlace, limit: number): Promise<DuePlace[]> {
  const { rows } = await sql.query<{ account_id: string; next_at: Date }>({
    name: 'due-accounts',
    text: 'SELECT account_id, next_at FROM deadlines WHERE next_at <= $1 AND (next_at, account_id) > ($2::timestamptz, $3::uuid) ORDER BY next_at, account_id LIMIT $4',
    values: [at, after.nextAt, after.accountId, limit],
  });
  return rows.map((row) => ({ nextAt: row.next_at, accountId: row.account_id }));
}

/** Takes an account that is still due, until the transaction ends. False when it is not, or when somebody else has it. */
export async function takeDue(tx: Tx, accountId: string, at: Date): Promise<boolean> {
  const { rowCount } = await tx.query('SELECT FROM deadlines WHERE account_id = $1 AND next_at <= $2 FOR UPDATE SKIP LOCKED', [accountId, at]);
  return rowCount === 1;
}

/** Waits for an account's row, as whoever writes its stream does: row first, stream second, so that nobody waits in a circle. */
export async function lockDeadline(tx: Tx, accountId: string): Promise<void> {
  await tx.query('SELECT FROM deadlines WHERE account_id = $1 FOR UPDATE', [accountId]);
}

/** Puts down when to look at the account again; undefined: never, until its clock starts. With `waitsFor` also once everything up to that instant is known. */
export async function schedule(tx: Tx, accountId: string, nextAt: string | undefined, waitsFor: string | null = null): Promise<void> {
  if (nextAt === undefined) await tx.query('DELETE FROM deadlines WHERE account_id = $1', [accountId]);
  else {
    await tx.query(
      `INSERT INTO deadlines (account_id, next_at, waits_for) VALUES ($1, $2, $3)
       ON CONFLICT (account_id) DO UPDATE SET next_at = excluded.next_at, waits_for = excluded.waits_for`, [accountId, nextAt, waitsFor]);
  }
}

/** Makes due now what waited for an instant that is past. */
export async function letGo(sql: Sql, watermark: Date, at: Date): Promise<void> {
  await sql.query({ name: 'let-go', text: 'UPDATE deadlines SET next_at = least(next_at, $2), waits_for = NULL WHERE waits_for <= $1', values: [watermark, at] });
}
