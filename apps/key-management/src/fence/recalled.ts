import type { Sql } from '#event-sourcing';

/** The newest epoch that a gateway has followed which knew more than this log. */
export async function heardOf(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ epoch: number | null }>('SELECT max(epoch) AS epoch FROM floors');
  return rows[0]?.epoch ?? 0;
}
