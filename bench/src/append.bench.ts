import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logSchema, PostgresEventStore } from '#event-sourcing';
import { startEmbeddedPostgres } from '#local-servers';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { DATA, floorSchema, hasPgbench, insertFromNode, insertFromPgbench } from './append-floor.ts';
import type { ResultRow, Run } from './result.ts';
import { type Contender, rate, ratio, type Rounds, takeTurns, wrongAnswers } from './rounds.ts';

const IN_FLIGHT = 16;
const WINDOW_MS = 2_000;
const EVENTS_PER_STREAM = 10;

/** P6: one event at an expected version under a command id, 16 in flight, beside the same three rows in plain SQL. Durable: fsync and synchronous_commit are on. */
export const run: Run = async ({ rounds }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  // No checkpoint may fall into one contender's window only.
  const server = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    password: 'bench',
    flags: ['max_wal_size=8GB', 'checkpoint_timeout=1h'],
  });
  const pool = new Pool({ connectionString: server.url('postgres'), max: IN_FLIGHT });
  // The server may be gone before the last connection has closed.
  pool.on('error', () => undefined);
  try {
    for (const statement of [...logSchema, ...floorSchema]) await pool.query(statement);
    const fast = { ours: appending(pool), node: insertFromNode(pool, IN_FLIGHT) };
    const withPgbench = await hasPgbench();
    const windows: Rounds<'ours' | 'node' | 'pgbench'> = withPgbench
      ? await takeTurns(
          { ...fast, pgbench: insertFromPgbench(server.url('postgres'), folder, IN_FLIGHT) },
          rounds,
          WINDOW_MS,
        )
      : { ...(await takeTurns(fast, rounds, WINDOW_MS)), pgbench: [] };
    const lost = await missing(pool, fast.ours.acknowledged());
    return {
      setting: `one event at an expected version, ${IN_FLIGHT} in flight, fsync on, ${WINDOW_MS / 1000} s windows`,
      rows: rows(windows, lost, withPgbench),
    };
  } finally {
    await pool.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Appends as a service does: in the order of each stream, each under a command id of its own. */
function appending(pool: Pool): Contender & { acknowledged: () => number } {
  const store = new PostgresEventStore(pool);
  let acknowledged = 0;
  const contender: Contender = async (windowMs) => {
    const from = performance.now();
    const before = acknowledged;
    let wrong = 0;
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        for (let n = 0, streamId = ''; performance.now() - from < windowMs; n++) {
          const expectedVersion = n % EVENTS_PER_STREAM;
          if (expectedVersion === 0) streamId = `thing-${uuid()}`;
          const { version, repeated } = await store.append({
            streamId,
            expectedVersion,
            events: [{ type: 'Happened', data: DATA }],
            cause: { at: new Date(), correlationId: 'c', actor: 'service:bench', commandId: uuid(), fingerprint: 'f' },
          });
          acknowledged++;
          if (version !== expectedVersion + 1 || repeated) wrong++;
        }
      }),
    );
    return { perSecond: (acknowledged - before) / ((performance.now() - from) / 1000), wrongAnswers: wrong };
  };
  return Object.assign(contender, { acknowledged: () => acknowledged });
}

/** Acknowledged appends that are not in the log, or are there without a stream or command of their own. */
async function missing(pool: Pool, acknowledged: number): Promise<number> {
  const { rows } = await pool.query<{ events: number; streams: number; commands: number }>(
    `SELECT (SELECT count(*)::int FROM events) AS events, (SELECT sum(version)::int FROM streams) AS streams, (SELECT count(*)::int FROM commands) AS commands`,
  );
  const found = rows[0];
  return found
    ? Math.max(...[found.events, found.streams, found.commands].map((count) => Math.abs(count - acknowledged)))
    : acknowledged;
}

function rows(windows: Rounds<'ours' | 'node' | 'pgbench'>, lost: number, withPgbench: boolean): ResultRow[] {
  const wrong = wrongAnswers(windows.ours) + lost;
  const beside = (against: string, theirs: 'node' | 'pgbench'): ResultRow => {
    const measured = ratio(windows.ours, windows[theirs]);
    return {
      id: 'P6',
      against,
      ours: rate(windows.ours),
      theirs: rate(windows[theirs]),
      ratio: measured,
      target: '>= 0.5',
      met: measured.median >= 0.5 && wrong === 0,
      wrongAnswers: wrong,
    };
  };
  const notMeasured = (against: string, target: string, reason: string): ResultRow => ({
    id: 'P6',
    against,
    target,
    met: false,
    wrongAnswers: 0,
    notMeasured: reason,
  });
  return [
    beside('the same three rows in plain SQL, from Node', 'node'),
    withPgbench
      ? beside('the same three rows in plain SQL, from pgbench', 'pgbench')
      : notMeasured(
          'the same three rows in plain SQL, from pgbench',
          '>= 0.5',
          'pgbench (postgresql-contrib) is not on the PATH',
        ),
    notMeasured(
      '@event-driven-io/emmett-postgresql',
      '>= 2',
      'it is published, but it is not among the dependencies of this repository',
    ),
    notMeasured('message-db', '>= 4', 'it is not among the dependencies of this repository'),
  ];
}
