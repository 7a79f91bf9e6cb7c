import { openAny, seal, type SealingKeys, type Sql } from '#event-sourcing';
import { HOUR_MS, type Housework } from './housekeeping.ts';

/** Keys that seal for one purpose, and the name of the installation's key that the first of them is made of. */
export interface Seals {
  readonly keys: SealingKeys;
  readonly first: string;
}

/** Sealed rows that stay: where they are, what each is bound to, and by which keys. */
export interface SealedRows {
  /** Of the keys. */
  readonly purpose: 'seals' | 'master';
  readonly table: string;
  /** The columns of its primary key. */
  readonly id: readonly string[];
  /** The column that is sealed, and the one with the name of the key that did it; NULL there: nobody knows. */
  readonly sealed?: string;
  readonly sealedBy?: string;
  readonly bound: (id: readonly string[]) => string;
  readonly seals: Seals;
  /** Where they are in no database of the service's own. */
  readonly elsewhere?: Sql;
}

/** What stays, and so would the oldest key of the ring: what an older one has sealed is sealed again by the first. */
export function resealing(rows: SealedRows): Housework {
  const { table, id, bound, elsewhere, sealed = 'sealed', sealedBy = 'sealed_by' } = rows;
  const { keys, first } = rows.seals;
  const where = id.map((column, n) => `${column} = $${n + 4}`).join(' AND ');
  return {
    name: `${table}_seals`,
    everyMs: HOUR_MS,
    work: async (own, _now, limit) => {
      const sql = elsewhere ?? own;
      const { rows: found } = await sql.query<{ sealed: Buffer; id: string[] }>(
        `SELECT ${sealed} AS sealed, ARRAY[${id.map((column) => `${column}::text`).join(', ')}] AS id FROM ${table}
          WHERE ${sealed} IS NOT NULL AND ${sealedBy} IS DISTINCT FROM $1 LIMIT $2`,
        [first, limit],
      );
      for (const row of found)
        // One that was written over meanwhile has been sealed by the first.
        await sql.query(`UPDATE ${table} SET ${sealed} = $1, ${sealedBy} = $2 WHERE ${sealed} = $3 AND ${where}`, [
          seal(keys[0], bound(row.id), openAny(keys, bound(row.id), row.sealed)),
          first,
          row.sealed,
          ...row.id,
        ]);
      return found.length;
    },
  };
}

/** How many of them another key than the first has sealed. */
export async function sealedBefore(rows: SealedRows, own: Sql): Promise<number> {
  const { table, elsewhere, sealed = 'sealed', sealedBy = 'sealed_by' } = rows;
  const { rows: counted } = await (elsewhere ?? own).query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} WHERE ${sealed} IS NOT NULL AND ${sealedBy} IS DISTINCT FROM $1`,
    [rows.seals.first],
  );
  return counted[0]?.count ?? 0;
}
