import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD, type Product } from '#testing';
import { Pool } from 'pg';
import { processorMs } from './processes.ts';
import { Connections, type Shot } from './connections.ts';
import { closedLoop, openLoop, percentile } from './open-loop.ts';
import { databaseUrl } from './product-database.ts';
import type { ResultRow, Run } from './result.ts';
import { median } from './rounds.ts';
import { shotsOf, type VerifyShot } from './shots.ts';
import { type PreparedGate, HOLDER, prepareGate } from './prepared-gate.ts';

const KEYS = 89_000;
const DUE = 10_000;
const WINDOW_MS = 3_000;
const CONNECTIONS = 64;
const LOAD = 0.3;
const SIGN_INS_IN_FLIGHT = 16;
const AT_MOST = 2;
const SWEEP_BEGINS_MAX_MS = 10_000;

/** Something that goes on while others verify: begun, and ended by what it returns, which says how much was done. */
type Trouble = () => Promise<() => Promise<number>>;

/** P12: how long verifying takes at 30 % load, alone and beside what else a busy day brings. */
export const run: Run = async ({ rounds }) => {
  const ground = await prepareGate({ keys: KEYS });
  const pool = new Pool({ connectionString: databaseUrl(ground.product, 'inactivity_policy'), max: 1 });
  pool.on('error', () => undefined);
  try {
    await stockClocks(pool);
    const troubles = {
      'alone': peace,
      'a sign-in storm': signInStorm(ground),
      'a rebuild of the directory of keys': rebuilding(ground.product),
      'an inactivity sweep': sweeping(pool),
    } as const satisfies Record<string, Trouble>;
    const port = ground.ports[0] ?? 0;
    let wrong = 0;
    const aim = {
      port,
      connections: CONNECTIONS,
      ...shotsOf(port, ground, () => {
        wrong++;
      }),
    };
    await closedLoop<VerifyShot>(aim, 2 * WINDOW_MS);
    const perSecond = Math.round((await closedLoop<VerifyShot>(aim, WINDOW_MS)).perSecond * LOAD);
    const names = Object.keys(troubles) as (keyof typeof troubles)[];
    const seen = new Map(
      names.map((name) => [name, { p99: [] as number[], done: [] as number[], busy: [] as number[] }]),
    );
    for (let round = 0; round <= rounds; round++) {
      for (const name of names) {
        const end = await troubles[name]();
        const [from, before] = [performance.now(), processorMs([process.pid])];
        const fired = await openLoop<VerifyShot>(aim, perSecond, WINDOW_MS);
        wrong += fired.lost;
        const of = seen.get(name);
        if (round > 0) {
          of?.p99.push(percentile(fired.latencies, 0.99));
          of?.busy.push((processorMs([process.pid]) - before) / (performance.now() - from));
        }
        const done = await end();
        if (round > 0) of?.done.push(done);
      }
    }
    const alone = seen.get('alone')?.p99 ?? [];
    const rows = names
      .filter((name) => name !== 'alone')
      .map((name): ResultRow => {
        const { p99 = [], done = [] } = seen.get(name) ?? {};
        const ratios = p99.map((value, n) => value / (alone[n] ?? NaN));
        const ratio = {
          median: round2(median(ratios)),
          min: round2(Math.min(...ratios)),
          max: round2(Math.max(...ratios)),
        };
        // A trouble that did not happen proves nothing.
        return {
          id: 'P12',
          against: `p99 in ms beside ${name} (${Math.round(median(done))} a window), and alone`,
          ours: round2(median(p99)),
          theirs: round2(median(alone)),
          ratio,
          target: `<= ${AT_MOST}`,
          met: ratio.median <= AT_MOST && median(done) > 0 && wrong === 0,
          wrongAnswers: wrong,
        };
      });
    return {
      setting: `verify at ${perSecond} requests/s (${LOAD * 100} % of what one gateway can) in an open loop; the gateway on one core, all other services, databases and the client on the other; ${KEYS} keys, ${WINDOW_MS / 1000} s windows`,
      rows,
    };
  } finally {
    await pool.end();
    await ground.dispose();
  }
};

const peace: Trouble = async () => async () => 0;

/** People who sign in, as many at once as wait for each other. */
const signInStorm =
  ({ ports }: PreparedGate): Trouble =>
  async () => {
    const port = ports[0] ?? 0;
    const body = JSON.stringify({ email: HOLDER, password: PASSWORD });
    const bytes = Buffer.from(
      `POST /v1/sessions HTTP/1.1\r\nHost: localhost:${port}\r\nRollcall-Client: bench\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let [signedIn, isOver] = [0, false];
    const lines = new Connections<Shot>(
      port,
      SIGN_INS_IN_FLIGHT,
      (_shot, status) => {
        if (status === 201) signedIn++;
      },
      () => {
        if (!isOver) lines.fire({ bytes }, performance.now());
      },
    );
    return async () => {
      isOver = true;
      while (lines.busy > 0) await pause(5);
      lines.close();
      return signedIn;
    };
  };

/** The read model that verdicts come from is made anew, again and again. */
const rebuilding =
  (product: Product): Trouble =>
  async () => {
    let [rebuilt, isOver] = [0, false];
    const working = (async () => {
      while (!isOver) {
        const { code, stderr } = await product.rollcall(
          'projections',
          'rebuild',
          'key-directory',
          '--even-if-different',
          '--apply',
          '--reason',
          'a benchmark',
        );
        if (code !== 0) throw new Error(`the rebuild failed: ${stderr}`);
        rebuilt++;
      }
    })();
    return async () => {
      isOver = true;
      await working;
      return rebuilt;
    };
  };

/** Accounts come up to be looked at, all at once. */
const sweeping =
  (pool: Pool): Trouble =>
  async () => {
    await pool.query(
      `UPDATE deadlines SET next_at = '2026-01-01T00:00:00Z' WHERE account_id IN (SELECT account_id FROM bench_clocks)`,
    );
    for (
      const deadline = performance.now() + SWEEP_BEGINS_MAX_MS;
      (await comingUp(pool)) === DUE && performance.now() < deadline;
    )
      await pause(20);
    return async () => {
      const looked = DUE - (await comingUp(pool));
      while ((await comingUp(pool)) > 0) await pause(100);
      return looked;
    };
  };

const comingUp = async (pool: Pool) =>
  (
    await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM deadlines WHERE next_at <= '2026-01-01T00:00:00Z'`,
    )
  ).rows[0]?.count ?? 0;

/** Accounts whose clocks run, and which are not due for months. */
async function stockClocks(pool: Pool): Promise<void> {
  await pool.query('CREATE TABLE bench_clocks AS SELECT uuidv7() AS account_id FROM generate_series(1, $1::int)', [
    DUE,
  ]);
  await pool.query(
    `WITH log AS (SELECT epoch FROM log_meta),
     s AS (INSERT INTO streams (id, category, version, last_epoch, last_txid) SELECT 'dormancy-' || account_id, 'dormancy', 1, epoch, pg_current_xact_id() FROM bench_clocks, log),
     d AS (INSERT INTO deadlines (account_id, next_at) SELECT account_id, now() + interval '100 days' FROM bench_clocks)
     INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
       SELECT pg_current_xact_id(), 'dormancy-' || account_id, 1, 'ClockStarted', 1, uuidv7(), jsonb_build_object('at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'reason', 'registered'),
              '{"correlationId": "bench", "actor": "service:bench"}', now(), epoch FROM bench_clocks, log`,
  );
}
const round2 = (value: number) => Math.round(value * 100) / 100;
