import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Product, type SignedUp } from '#testing';
import { Pool } from 'pg';
import { hasPgbench, insertFromPgbench } from './append-floor.ts';
import { oneRow, oneRowFromNode, oneRowSchema } from './command-floor.ts';
import { processorMs, tree } from './processes.ts';
import { databaseUrl } from './product-database.ts';
import type { ResultRow, Run } from './result.ts';
import { bodyOf } from './answer-body.ts';
import { type Contender, rate, ratio, type Rounds, takeTurns, type Window, wrongAnswers } from './rounds.ts';

const IN_FLIGHT = 64;
const FLOOR_IN_FLIGHT = 16;
const SIGN_UPS_AT_ONCE = 4;
const WINDOW_MS = 2_000;

/** P7: change of a name over HTTP until it is acknowledged, 64 accounts at once, beside a one-row insert on the same server. Durable: fsync and synchronous_commit are on. */
export const run: Run = async ({ rounds }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const product = await Product.start({ SIGN_UPS_PER_NETWORK_AND_HOUR: String(IN_FLIGHT) });
  const owner = new Pool({ connectionString: databaseUrl(product, 'postgres'), max: FLOOR_IN_FLIGHT });
  const identity = new Pool({ connectionString: databaseUrl(product, 'identity'), max: 1 });
  for (const pool of [owner, identity]) pool.on('error', () => undefined);
  try {
    await owner.query(oneRowSchema);
    const people = await signUps(product);
    const ours = renaming(product, people);
    const fast = { ours, node: oneRowFromNode(owner, FLOOR_IN_FLIGHT) };
    const withPgbench = await hasPgbench();
    const windows: Rounds<'ours' | 'node' | 'pgbench'> = withPgbench
      ? await takeTurns(
          { ...fast, pgbench: insertFromPgbench(databaseUrl(product, 'postgres'), folder, FLOOR_IN_FLIGHT, oneRow) },
          rounds,
          WINDOW_MS,
        )
      : { ...(await takeTurns(fast, rounds, WINDOW_MS)), pgbench: [] };
    const lost = await missing(identity, people, ours.acknowledged());
    return {
      setting: `change of a name over HTTP until acknowledged, ${IN_FLIGHT} in flight, beside a one-row insert, ${FLOOR_IN_FLIGHT} in flight; fsync on, ${WINDOW_MS / 1000} s windows, load and all servers on the same cores`,
      rows: rows(windows, lost, withPgbench),
      note: ours.spent(),
    };
  } finally {
    await Promise.all([owner.end(), identity.end()]);
    await product.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
};

async function signUps(product: Product): Promise<SignedUp[]> {
  const people: SignedUp[] = [];
  while (people.length < IN_FLIGHT) {
    people.push(
      ...(await Promise.all(
        Array.from({ length: SIGN_UPS_AT_ONCE }, (_, n) => product.signUp(`person-${people.length + n}@example.com`)),
      )),
    );
  }
  return people;
}

/** Every account changes its name, again and again; each answer must show the new one. */
function renaming(product: Product, people: readonly SignedUp[]) {
  let acknowledged = 0;
  let sent = 0;
  const refused = new Map<string, number>();
  const spentMs = { rollcall: 0, postgres: 0, client: 0 };
  const contender: Contender = async (windowMs) => {
    const from = performance.now();
    const before = acknowledged;
    const spent = meter(product.pid);
    let wrong = 0;
    await Promise.all(
      people.map(async ({ visitor }) => {
        while (performance.now() - from < windowMs) {
          const name = `Ada ${++sent}`;
          const answer = await visitor.put('/v1/account/name', { name });
          if (answer.status === 200) acknowledged++;
          else
            refused.set(
              `${answer.status} ${bodyOf(answer).code}`,
              (refused.get(`${answer.status} ${bodyOf(answer).code}`) ?? 0) + 1,
            );
          if (answer.status !== 200 || bodyOf(answer).name !== name) wrong++;
        }
      }),
    );
    for (const [who, ms] of Object.entries(spent())) spentMs[who as keyof typeof spentMs] += ms;
    return {
      perSecond: (acknowledged - before) / ((performance.now() - from) / 1000),
      wrongAnswers: wrong,
    } satisfies Window;
  };
  const perCommand = (ms: number) => (ms / Math.max(acknowledged, 1)).toFixed(2);
  return Object.assign(contender, {
    acknowledged: () => acknowledged,
    spent: () =>
      `processor time of one command: ${perCommand(spentMs.rollcall)} ms in Rollcall's Node process (gateway, gRPC to identity, the decision, sealing, pg), ${perCommand(spentMs.postgres)} ms in PostgreSQL, ${perCommand(spentMs.client)} ms in the client of the benchmark${[...refused].map(([what, count]) => `; ${count} of ${sent} answers were ${what}`).join('')}`,
  });
}

function meter(pid: number) {
  const others = tree(pid).slice(1);
  const now = () => ({
    rollcall: processorMs([pid]),
    postgres: processorMs(others),
    client: processorMs([process.pid]),
  });
  const before = now();
  return () => {
    const after = now();
    return {
      rollcall: after.rollcall - before.rollcall,
      postgres: after.postgres - before.postgres,
      client: after.client - before.client,
    };
  };
}

/** How many acknowledged renames the log lacks. One without an answer may be there. */
async function missing(identity: Pool, people: readonly SignedUp[], acknowledged: number): Promise<number> {
  const { rows: found } = await identity.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM events WHERE type = 'AccountRenamed' AND stream_id = ANY ($1)`,
    [people.map(({ accountId }) => `account-${accountId}`)],
  );
  return Math.max(acknowledged - (found[0]?.count ?? 0), 0);
}

function rows(windows: Rounds<'ours' | 'node' | 'pgbench'>, lost: number, withPgbench: boolean): ResultRow[] {
  const wrong = wrongAnswers(windows.ours) + lost;
  const beside = (against: string, theirs: 'node' | 'pgbench'): ResultRow => {
    const measured = ratio(windows.ours, windows[theirs]);
    return {
      id: 'P7',
      against,
      ours: rate(windows.ours),
      theirs: rate(windows[theirs]),
      ratio: measured,
      target: '>= 0.5',
      met: measured.median >= 0.5 && wrong === 0,
      wrongAnswers: wrong,
    };
  };
  return [
    beside('a one-row insert, from Node', 'node'),
    withPgbench
      ? beside('a one-row insert, from pgbench', 'pgbench')
      : {
          id: 'P7',
          against: 'a one-row insert, from pgbench',
          target: '>= 0.5',
          met: false,
          wrongAnswers: 0,
          notMeasured: 'pgbench (postgresql-contrib) is not on the PATH',
        },
  ];
}
