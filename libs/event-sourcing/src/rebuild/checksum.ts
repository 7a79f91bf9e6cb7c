import { escapeIdentifier } from 'pg';
import type { Sql } from '../decision/event-store.ts';
import type { TableChecksum } from './build.ts';

const KEYS_MAX = 20;

/** Rows that one side has and the other has not, by table. */
export interface Difference {
  readonly table: string;
  /** Rows that differ, are missing, or are too many: each side's count once. */
  readonly rows: number;
  /** Keys of the first of them, as `column=value`. */
  readonly keys: readonly string[];
}

/**
 * Checksums of tables: of every column with its type, and of the rows in any order. Each row is hashed as its text: PostgreSQL's
 * own hash of a record adds up its columns, so that a flag set here and cleared there would cancel out in the sum.
 */
export async function checksums(sql: Sql, schema: string, tables: readonly string[]): Promise<TableChecksum[]> {
  const all: TableChecksum[] = [];
  for (const table of tables) {
    const name = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
    const { rows } = await sql.query<{ rows: string; checksum: string }>(
      `SELECT count(*)::text AS rows, md5(concat_ws('|', (
                SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped),
              count(*), sum(hashtextextended(r, 0)::numeric), sum(hashtextextended(r, 1)::numeric))) AS checksum FROM (SELECT t::text AS r FROM ${name} AS t OFFSET 0) AS rows`,
      [name],
    );
    all.push({ table, rows: Number(rows[0]?.rows), checksum: rows[0]?.checksum ?? '' });
  }
  return all;
}

/** Compares table by table, and looks for the rows only where the checksums differ. Both sides must be seen in one snapshot. */
export async function compare(
  sql: Sql,
  tables: readonly string[],
  live: string,
  build: string,
): Promise<{ checksums: TableChecksum[]; differences: Difference[] }> {
  const [theirs, ours] = [await checksums(sql, live, tables), await checksums(sql, build, tables)];
  const differences: Difference[] = [];
  for (const [i, table] of tables.entries())
    if (theirs[i]?.checksum !== ours[i]?.checksum) differences.push(await difference(sql, table, live, build));
  return { checksums: ours, differences };
}

async function difference(sql: Sql, table: string, live: string, build: string): Promise<Difference> {
  const [a, b] = [live, build].map((schema) => `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`);
  const { rows: key } = await sql.query<{ attname: string }>(
    `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)`,
    [a],
  );
  const shown =
    key.map(({ attname }) => `'${attname}=' || ${escapeIdentifier(attname)}::text`).join(` || ' ' || `) || `'a row'`;
  const { rows } = await sql.query<{ rows: string; keys: string[] | null }>(
    `WITH d AS ((TABLE ${a} EXCEPT ALL TABLE ${b}) UNION ALL (TABLE ${b} EXCEPT ALL TABLE ${a}))
     SELECT (SELECT count(*) FROM d)::text AS rows, (SELECT array_agg(k) FROM (SELECT DISTINCT ${shown} AS k FROM d ORDER BY k LIMIT ${KEYS_MAX}) AS first) AS keys`,
  );
  return { table, rows: Number(rows[0]?.rows), keys: rows[0]?.keys ?? [] };
}
