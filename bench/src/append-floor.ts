import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { Contender } from './rounds.ts';

/** The same tables and indexes, without the log's functions, guards and triggers. */
export const floorSchema: readonly string[] = [
  'CREATE TABLE floor_streams (LIKE streams INCLUDING ALL)',
  'CREATE TABLE floor_events (LIKE events INCLUDING ALL)',
  'CREATE TABLE floor_commands (LIKE commands INCLUDING ALL)',
];

/** Three plain inserts in one statement, and so in one round trip, as the append is. */
const threeRows = (streamId: string, eventId: string, data: string, meta: string, commandId: string) => `
WITH made AS (
  SELECT ${streamId} AS id
), stream AS (
  INSERT INTO floor_streams (id, category, version, last_epoch, last_txid) SELECT id, 'thing', 1, 1, '1' FROM made
), event AS (
  INSERT INTO floor_events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
  SELECT pg_current_xact_id(), id, 1, 'Happened', 1, ${eventId}, ${data}, ${meta}, now(), 1 FROM made
)
INSERT INTO floor_commands (id, fingerprint, stream_id, version) SELECT ${commandId}, 'f', id, 1 FROM made`;

export const DATA = { kind: 'benchmark', amount: 1 };
const META = { correlationId: 'c', actor: 'service:bench' };

/** Plain SQL from Node, over as many connections as the append has. */
export const insertFromNode =
  (pool: Pool, connections: number): Contender =>
  async (windowMs) => {
    const text = threeRows('$1::text', '$2::uuid', '$3::jsonb', '$4::jsonb', '$5::text');
    const from = performance.now();
    const counts = await Promise.all(
      Array.from({ length: connections }, async () => {
        let count = 0;
        for (; performance.now() - from < windowMs; count++) {
          await pool.query({
            name: 'floor',
            text,
            values: [`thing-${uuid()}`, uuid(), JSON.stringify(DATA), JSON.stringify(META), uuid()],
          });
        }
        return count;
      }),
    );
    return { perSecond: counts.reduce((a, b) => a + b, 0) / ((performance.now() - from) / 1000), wrongAnswers: 0 };
  };

/** Whether PostgreSQL's own load generator is there (postgresql-contrib). */
export const hasPgbench = (): Promise<boolean> =>
  run('pgbench', ['--version']).then(
    () => true,
    () => false,
  );

/** A statement (the same, unless it is given) from pgbench: what the server can do when its client costs nearly nothing. */
export function insertFromPgbench(
  url: string,
  folder: string,
  connections: number,
  statement = threeRows("'thing-' || uuidv7()", 'uuidv7()', literal(DATA), literal(META), 'uuidv7()::text'),
): Contender {
  const script = join(folder, 'insert.sql');
  const { hostname, port, username, password, pathname } = new URL(url);
  writeFileSync(script, `${statement};\n`);
  return async (windowMs) => {
    const { stdout } = await run(
      'pgbench',
      [
        '--no-vacuum',
        '--protocol=prepared',
        `--client=${connections}`,
        '--jobs=1',
        `--time=${Math.round(windowMs / 1000)}`,
        `--file=${script}`,
        `--host=${hostname}`,
        `--port=${port}`,
        `--username=${username}`,
        pathname.slice(1),
      ],
      { env: { ...process.env, PGPASSWORD: decodeURIComponent(password) } },
    );
    return {
      perSecond: Number(/tps = ([\d.]+)/.exec(stdout)?.[1]),
      wrongAnswers: Number(/failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0),
    };
  };
}

/** pgbench takes ":1" for a parameter, so a blank goes behind each colon. */
const literal = (value: object) => `'${JSON.stringify(value).replaceAll(':', ': ')}'`;

const run = promisify(execFile);
