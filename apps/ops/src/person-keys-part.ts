import type { Client } from 'pg';

/** Files of the cluster that hold person keys, or samples of them: the table and the statistics of its database. What indexes hold is no secret. */
const FILES = `
  SELECT pg_relation_filepath(file) AS path
    FROM pg_class, unnest(array_remove(ARRAY[oid, reltoastrelid], 0::oid)) AS file
   WHERE oid IN ('person_keys'::regclass, 'pg_statistic'::regclass) ORDER BY path`;

/** Without them the rest of a copy is no copy of the keys. Each may go on in `.1`, `_fsm` and so on. */
export async function personKeyFiles(client: Client): Promise<string[]> {
  return (await client.query<{ path: string }>(FILES)).rows.map(({ path }) => path);
}

const PAGE = 10_000;

/** The rows as they stand at one moment, a line of JSON each; they are wrapped by the master key. */
export async function* personKeyRows(client: Client, counted: (rows: number) => void): AsyncGenerator<Buffer> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  for (let after = ''; ;) {
    const { rows } = await client.query<{ id: string; line: string }>(
      'SELECT person_id AS id, to_jsonb(k)::text AS line FROM person_keys AS k WHERE person_id > $1 ORDER BY person_id LIMIT $2',
      [after, PAGE],
    );
    if (rows.length > 0) yield Buffer.from(rows.map(({ line }) => `${line}\n`).join(''));
    counted(rows.length);
    after = rows.at(-1)?.id ?? '';
    if (rows.length < PAGE) break;
  }
  await client.query('COMMIT');
}

/**
 * Fills the table of a copy that lacks its files. All of it or nothing.
 * @returns how many rows
 */
export async function loadPersonKeys(client: Client, content: AsyncIterable<Buffer>): Promise<number> {
  await client.query('BEGIN');
  // The files of both are not there: they are made anew.
  await client.query('SET LOCAL allow_system_table_mods = on');
  await client.query('TRUNCATE pg_statistic');
  await client.query('TRUNCATE person_keys');
  let rows = 0;
  for await (const lines of linesOf(content)) {
    const { rowCount } = await client.query(
      'INSERT INTO person_keys SELECT * FROM jsonb_populate_recordset(NULL::person_keys, $1::jsonb)',
      [`[${lines.join(',')}]`],
    );
    rows += rowCount ?? 0;
  }
  await client.query('COMMIT');
  return rows;
}

async function* linesOf(content: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const text = new TextDecoder();
  let rest = '';
  for await (const piece of content) {
    const lines = (rest + text.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
}
