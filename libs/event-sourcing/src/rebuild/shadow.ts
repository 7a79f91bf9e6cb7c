import type { Pool } from 'pg';
import { escapeIdentifier } from 'pg';
import type { Sql } from '../decision/event-store.ts';
import type { Source } from './source.ts';

const quoted = escapeIdentifier;

/** Makes a schema with the live tables' columns, constraints and grants, and without their indexes. Doing it again changes nothing. */
export async function makeShadow(sql: Sql, source: Source, schema: string): Promise<void> {
  await openSchema(sql, source, schema);
  for (const table of source.tables) {
    await sql.query(
      `CREATE TABLE IF NOT EXISTS ${quoted(schema)}.${quoted(table)} (LIKE public.${quoted(table)} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)`,
    );
    for (const { grantee, privileges } of await grantsOn(sql, table))
      await sql.query(`GRANT ${privileges} ON ${quoted(schema)}.${quoted(table)} TO ${grantee}`);
  }
  for (const { table, ddl } of source.notes) {
    await sql.query(`CREATE TABLE IF NOT EXISTS ${quoted(schema)}.${quoted(table)} ${ddl}`);
    for (const { grantee, privileges } of await grantsOn(sql, source.tables[0] ?? ''))
      await sql.query(`GRANT ${privileges} ON ${quoted(schema)}.${quoted(table)} TO ${grantee}`);
  }
}

/** A schema that those may enter who may use the live tables. */
export async function openSchema(sql: Sql, source: Source, schema: string): Promise<void> {
  await sql.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  for (const { grantee } of await grantsOn(sql, source.tables[0] ?? ''))
    await sql.query(`GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${grantee}`);
}

async function grantsOn(sql: Sql, table: string): Promise<{ grantee: string; privileges: string }[]> {
  const { rows } = await sql.query<{ grantee: string; privileges: string }>(
    `SELECT a.grantee::regrole::text AS grantee, string_agg(a.privilege_type, ', ') AS privileges
       FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = to_regclass($1) AND a.grantee <> 0 AND a.grantee <> c.relowner GROUP BY 1`,
    [`public.${quoted(table)}`],
  );
  return rows;
}

interface Index {
  readonly name: string;
  readonly definition: string;
  readonly constraint: string | null;
}

/**
 * Gives a build the live tables' indexes, and gathers its statistics, so that its first reader finds a plan. CONCURRENTLY,
 * although no reader uses the tables yet: a plain CREATE INDEX is one write transaction, which stops every follower of every log in the cluster.
 */
export async function indexShadow(pool: Pool, { tables }: Source, schema: string): Promise<void> {
  for (const table of tables) {
    for (const index of await indexesOf(pool, table)) await makeIndex(pool, schema, table, index);
    await pool.query(`VACUUM (ANALYZE) ${quoted(schema)}.${quoted(table)}`);
  }
}

async function indexesOf(sql: Sql, table: string): Promise<Index[]> {
  const { rows } = await sql.query<Index>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition, CASE con.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END AS constraint
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint con ON con.conindid = c.oid AND con.conrelid = i.indrelid
      WHERE i.indrelid = to_regclass($1) ORDER BY c.relname`,
    [`public.${quoted(table)}`],
  );
  return rows;
}

async function makeIndex(pool: Pool, schema: string, table: string, { name, definition, constraint }: Index) {
  const { rows } = await pool.query<{ valid: boolean; bound: boolean }>(
    'SELECT i.indisvalid AS valid, EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid) AS bound FROM pg_index i WHERE i.indexrelid = to_regclass($1)',
    [`${quoted(schema)}.${quoted(name)}`],
  );
  const found = rows[0];
  // A killed build leaves an index half made, which is of no use.
  if (found && !found.valid) await pool.query(`DROP INDEX ${quoted(schema)}.${quoted(name)}`);
  if (!found?.valid)
    await pool.query(
      definition.replace(
        /^CREATE (UNIQUE )?INDEX (\S+) ON (?:ONLY )?public\.(\S+)/,
        (_all, unique: string | undefined, index: string, on: string) =>
          `CREATE ${unique ?? ''}INDEX CONCURRENTLY ${index} ON ${quoted(schema)}.${on}`,
      ),
    );
  if (constraint !== null && !found?.bound)
    await pool.query(
      `ALTER TABLE ${quoted(schema)}.${quoted(table)} ADD CONSTRAINT ${quoted(name)} ${constraint} USING INDEX ${quoted(name)}`,
    );
}

/** Swaps: the live tables go to one schema, a build's come from another. The source's notes stay with the tables that are not live. */
export async function swapTables(
  tx: Sql,
  { tables, notes }: Source,
  { to, from }: { to: string; from: string },
): Promise<void> {
  const move = (table: string, here: string, there: string) =>
    `ALTER TABLE ${quoted(here)}.${quoted(table)} SET SCHEMA ${quoted(there)};`;
  await tx.query(
    [
      ...tables.flatMap((table) => [move(table, 'public', to), move(table, from, 'public')]),
      ...notes.map(({ table }) => move(table, from, to)),
      `DROP SCHEMA ${quoted(from)}`,
    ].join(''),
  );
}

export const dropSchema = (sql: Sql, schema: string): Promise<unknown> =>
  sql.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
