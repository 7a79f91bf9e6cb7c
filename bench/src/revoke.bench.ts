import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD } from '#testing';
import pg from 'pg';
import { Hunt, type Revoker, revoker } from './hunt.ts';
import { closedLoop, openLoop, percentile } from './open-loop.ts';
import { databaseUrl } from './product-database.ts';
import type { Run } from './result.ts';
import { median } from './rounds.ts';
import { HOLDER, prepareGate } from './prepared-gate.ts';

const KEYS = 12_000;
const STAYING = 1_000;
const WINDOW_MS = 3_000;
const PACE_MS = 20;
const CONNECTIONS = 32;
const LOAD = 0.6;
const REQUESTS = 1_000_000;
const HAMMER_MAX_MS = 300_000;

/** P4: from the call that revokes a key to its return, while two gateways verify at 60 % load; and whether anything sent later is accepted. */
export const run: Run = async ({ rounds }) => {
  const ground = await prepareGate({ keys: KEYS, gateways: 2 });
  const hunt = new Hunt(ground, STAYING);
  const floor = await insertAndNotify(databaseUrl(ground.product, 'postgres'));
  const owner = await revoker(ground, 0, PASSWORD, HOLDER);
  try {
    const aims = hunt.aims(CONNECTIONS);
    const both = (windowMs: number) => Promise.all(aims.map((aim) => closedLoop(aim, windowMs)));
    await both(2_000);
    const perSecond = (await both(3_000)).map((fired) => Math.round(fired.perSecond * LOAD));
    const [ours, theirs]: [number[], number[]] = [[], []];
    const ratios: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const window = async (work: () => Promise<number>) => {
        const under = Promise.all(aims.map((aim, n) => openLoop(aim, perSecond[n] ?? 1, WINDOW_MS)));
        const took = await paced(WINDOW_MS, work);
        await under;
        return took;
      };
      const [called, inserted] = [await window(() => hunt.revoke(owner)), await window(floor.once)];
      if (round === 0) continue;
      ours.push(...called);
      theirs.push(...inserted);
      ratios.push(median(called) / median(inserted));
    }
    await hammered(hunt, owner);
    const { seen } = hunt;
    const [p50, p99, max] = [percentile(ours, 0.5), percentile(ours, 0.99), Math.max(...ours)].map(round2);
    const wrong = seen.wrong + seen.accepted;
    const ratio = {
      median: round2(median(ratios)),
      min: round2(Math.min(...ratios)),
      max: round2(Math.max(...ratios)),
    };
    return {
      setting: `a key revoked every ${PACE_MS} ms through one gateway while two verify ${perSecond.reduce((sum, each) => sum + each, 0)} requests/s (${LOAD * 100} % of what they can); both gateways on one core, all else on the other; fsync on, ${WINDOW_MS / 1000} s windows`,
      rows: [
        {
          id: 'P4',
          against: 'p50 in ms, beside a durable insert and its NOTIFY',
          ours: p50 ?? NaN,
          theirs: round2(median(theirs)),
          ratio,
          target: '<= 3 ms',
          met: (p50 ?? NaN) <= 3 && wrong === 0,
          wrongAnswers: wrong,
        },
        {
          id: 'P4',
          against: 'p99 in ms',
          value: p99 ?? NaN,
          target: '<= 15',
          met: (p99 ?? NaN) <= 15 && wrong === 0,
          wrongAnswers: wrong,
        },
        {
          id: 'P4',
          against: `acceptances of requests sent after the return, of ${seen.requests} requests`,
          value: seen.accepted,
          target: '0',
          met: wrong === 0 && seen.requests >= REQUESTS,
          wrongAnswers: wrong,
        },
      ],
      note:
        `${ours.length} revocations: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; the insert with its NOTIFY: p50 ${round2(percentile(theirs, 0.5))} ms, p99 ${round2(percentile(theirs, 0.99))} ms. ` +
        `Of ${seen.requests} requests ${seen.afterReturn} carried one of ${seen.revoked} revoked keys and were sent after the return; ${seen.undecided} were answered with 503${seen.example === '' ? '' : `; ${seen.example}`}`,
    };
  } finally {
    owner.close();
    hunt.close();
    await floor.stop();
    await ground.dispose();
  }
};

/** As many more requests as are missing, as fast as they are answered, with revocations all the time. */
async function hammered(hunt: Hunt, owner: Revoker) {
  let isOver = false;
  const enough = () => hunt.seen.requests >= REQUESTS;
  const revoking = (async () => {
    while (!isOver && hunt.left > CONNECTIONS) {
      await hunt.revoke(owner);
      await pause(PACE_MS);
    }
  })();
  await Promise.all(hunt.aims(CONNECTIONS).map((aim) => closedLoop(aim, HAMMER_MAX_MS, enough)));
  isOver = true;
  await revoking;
}

/** Does something again and again, but not sooner than after a while. */
async function paced(windowMs: number, work: () => Promise<number>): Promise<number[]> {
  const took: number[] = [];
  for (const from = performance.now(); performance.now() - from < windowMs;) {
    took.push(await work());
    await pause(PACE_MS);
  }
  return took;
}

/** The least that a revocation takes: a row on disk, and another process that has heard of it. */
async function insertAndNotify(connectionString: string) {
  const [writer, listener] = [new pg.Client({ connectionString }), new pg.Client({ connectionString })];
  await Promise.all([writer.connect(), listener.connect()]);
  for (const client of [writer, listener]) client.on('error', () => undefined);
  await writer.query(
    'CREATE TABLE floor_withdrawals (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL)',
  );
  await listener.query('LISTEN floor');
  let heard: () => void = () => undefined;
  listener.on('notification', () => {
    heard();
  });
  return {
    once: async () => {
      const from = performance.now();
      const isHeard = new Promise<void>((done) => {
        heard = done;
      });
      await writer.query(`INSERT INTO floor_withdrawals (subject) VALUES ('key'); NOTIFY floor`);
      await isHeard;
      return performance.now() - from;
    },
    stop: () => Promise.all([writer.end(), listener.end()]),
  };
}
const round2 = (value: number) => Math.round(value * 100) / 100;
