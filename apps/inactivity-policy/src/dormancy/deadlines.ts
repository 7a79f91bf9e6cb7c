import type { Sql, Tx } from '#event-sourcing';

/** A place in the order of what is due. */
export interface DuePlace {
  readonly nextAt: Date;
  readonly accountId: string;
}

export const FIRST: DuePlace = { nextAt: new Date(0), accountId: '00000000-0000-0000-0000-000000000000' };

/** Whether there is anything to look at, or to let go. */
export async function isAnythingDue(sql: Sql, at: Date): Promise<boolean> {
  const { rows } = await sql.query<{ any: boolean }>({
    name: 'anything-due',
    text: 'SELECT EXISTS (SELECT FROM deadlines WHERE next_at <= $1) OR EXISTS (SELECT FROM deadlines WHERE waits_for IS NOT NULL) AS any',
    values: [at],
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

/** Takes those accounts that are still due and that no other replica has locked, until the transaction ends. */
export async function takeDue(tx: Tx, accountIds: readonly string[], at: Date): Promise<string[]> {
  const { rows } = await tx.query<{ account_id: string }>(
    'SELECT account_id FROM deadlines WHERE account_id = ANY($1) AND next_at <= $2 FOR UPDATE SKIP LOCKED',
    [accountIds, at],
  );
  return rows.map((row) => row.account_id);
}

/** Waits for an account's row, as every writer of its stream does: row first, stream second, so that two of them cannot deadlock. */
export async function lockDeadline(tx: Tx, accountId: string): Promise<void> {
  await tx.query('SELECT FROM deadlines WHERE account_id = $1 FOR UPDATE', [accountId]);
}

/** When to look at an account again; undefined: never, until its clock starts. With `waitsFor` also once everything up to that instant is known. */
export interface NextLook {
  readonly accountId: string;
  readonly nextAt: string | undefined;
  readonly waitsFor?: string | undefined;
}

/** Puts down when to look at accounts again, each of them once. */
export async function schedule(tx: Tx, looks: readonly NextLook[]): Promise<void> {
  const [again, never] = [
    looks.filter(({ nextAt }) => nextAt !== undefined),
    looks.filter(({ nextAt }) => nextAt === undefined),
  ];
  if (never.length > 0)
    await tx.query('DELETE FROM deadlines WHERE account_id = ANY($1)', [never.map(({ accountId }) => accountId)]);
  if (again.length > 0) {
    await tx.query(
      `INSERT INTO deadlines (account_id, next_at, waits_for) SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
       ON CONFLICT (account_id) DO UPDATE SET next_at = excluded.next_at, waits_for = excluded.waits_for`,
      [
        again.map(({ accountId }) => accountId),
        again.map(({ nextAt }) => nextAt),
        again.map(({ waitsFor }) => waitsFor ?? null),
      ],
    );
  }
}

/** Makes due now what waited for an instant that is past. */
export async function letGo(sql: Sql, watermark: Date, at: Date): Promise<void> {
  await sql.query({
    name: 'let-go',
    text: 'UPDATE deadlines SET next_at = least(next_at, $2), waits_for = NULL WHERE waits_for <= $1',
    values: [watermark, at],
  });
}
