import { setTimeout as pause } from 'node:timers/promises';
import { Doorbell, LogWatch, PostgresEventStore, type Projection, Subscription } from '#event-sourcing';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { keyDirectory } from '../../apps/key-management/src/key/key-directory.projection.ts';
import { startKeyLog } from './key-log.ts';
import type { Run } from './result.ts';
import { type Contender, rate, ratio, takeTurns, wrongAnswers } from './rounds.ts';

const KEYS = 160_000;
const WINDOW_MS = 2_000;
const BATCH = 500;
const TARGET = 50_000;

/** P9, live: a subscription that is far behind catches up with a log of keys, beside rows of the same shape written by plain unnest. */
export const run: Run = async ({ rounds }) => {
  const log = await startKeyLog(KEYS);
  try {
    const windows = await takeTurns({ ours: following(log.pool), floor: unnest(log.pool) }, rounds, WINDOW_MS);
    const wrong = wrongAnswers(windows.ours);
    const ours = rate(windows.ours);
    return {
      setting: `a subscription over ${KEYS * 2.5} events of keys, batches of ${BATCH}, fsync on, ${WINDOW_MS / 1000} s windows`,
      rows: [
        {
          id: 'P9',
          against: 'live projection: events, beside rows written by unnest',
          ours,
          theirs: rate(windows.floor),
          ratio: ratio(windows.ours, windows.floor),
          target: `>= ${TARGET} events/s`,
          met: ours >= TARGET && wrong === 0,
          wrongAnswers: wrong,
        },
      ],
    };
  } finally {
    await log.stop();
  }
};

/** From the beginning of the log, for a window; then what stands must be what the log says. */
function following(pool: Pool): Contender {
  return async (windowMs) => {
    await empty(pool);
    let events = 0;
    const counted: Projection = {
      ...keyDirectory,
      apply: async (tx, batch) => {
        await keyDirectory.apply(tx, batch);
        events += batch.length;
      },
    };
    const watch = new LogWatch(pool, new Doorbell());
    watch.start();
    const subscription = new Subscription(new PostgresEventStore(pool), pool, watch, counted, (_name, error) => {
      throw error;
    });
    const from = performance.now();
    await subscription.start();
    await pause(windowMs);
    await subscription.stop();
    const perSecond = events / ((performance.now() - from) / 1000);
    await watch.stop();
    return { perSecond, wrongAnswers: await wrong(pool) };
  };
}

/** Rows that differ from the newest event of their key up to the checkpoint. */
async function wrong(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ wrong: number }>(
    `SELECT count(*)::int AS wrong FROM (
       SELECT 'key-' || key_id AS id, revoked_at IS NOT NULL AS revoked FROM key_directory
       EXCEPT
       SELECT e.stream_id, bool_or(e.type = 'KeyRevoked') FROM events e, checkpoints c
        WHERE c.name = $1 AND (e.log_epoch, e.txid, e.pos) <= (c.epoch, c.txid, c.pos) GROUP BY 1) AS d`,
    [keyDirectory.name],
  );
  return rows[0]?.wrong ?? 0;
}

const empty = async (pool: Pool) => {
  await pool.query('TRUNCATE key_directory');
  await pool.query('DELETE FROM checkpoints');
};

/** The same table by hand: a checkpoint and a batch of rows a transaction, made before the clock runs. */
function unnest(pool: Pool): Contender {
  const text = `INSERT INTO key_directory (key_id, digest, account_id, project_id, organization_id, name, start, scopes, created_at)
    SELECT i, d, a, a, a, 'laptop', 'rc_1', '{jobs:read,jobs:write}', now() FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS n(i, d, a)
    ON CONFLICT (key_id) DO UPDATE SET name = excluded.name`;
  return async (windowMs) => {
    await empty(pool);
    const client = await pool.connect();
    const from = performance.now();
    let rows = 0;
    for (; performance.now() - from < windowMs; rows += BATCH) {
      const ids = Array.from({ length: BATCH }, () => uuid());
      await client.query('BEGIN; SET LOCAL synchronous_commit = off');
      await client.query(
        `INSERT INTO checkpoints (name, epoch, txid, pos) VALUES ('floor', 1, '1', $1) ON CONFLICT (name) DO UPDATE SET pos = excluded.pos`,
        [rows],
      );
      await client.query({ name: 'floor', text, values: [ids, ids, ids] });
      await client.query('COMMIT');
    }
    client.release();
    return { perSecond: rows / ((performance.now() - from) / 1000), wrongAnswers: 0 };
  };
}
