import type { Sql } from '#event-sourcing';

export const DAY_MS = 86_400_000;

/** The work of forgetting a table's rows by an instant that each has (`at`), so long after it. Rows that somebody holds are left for the next time. */
export const forgetting =
  ({ table, key, at, afterMs }: Record<'table' | 'key' | 'at', string> & { readonly afterMs: number }) =>
  async (sql: Sql, now: Date, limit: number): Promise<number> => {
    const { rowCount } = await sql.query(
      `DELETE FROM ${table} WHERE ${key} = ANY(ARRAY(SELECT ${key} FROM ${table} WHERE ${at} <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [new Date(now.getTime() - afterMs), limit],
    );
    return rowCount ?? 0;
  };
