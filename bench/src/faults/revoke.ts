import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD } from '#testing';
import { Hunt, type Revoker, revoker } from '../hunt.ts';
import { closedLoop } from '../open-loop.ts';
import { gatewayName, type PreparedGate, HOLDER, prepareGate } from '../prepared-gate.ts';
import { seeded } from './random.ts';

const MAX_MS = 3_600_000;
const GATEWAYS = 2;
const KEYS = 120_000;
const STAYING = 2_000;
const CONNECTIONS = 32;
const PACE_MS = 20;
const REVOKE_MAX_MS = 30_000;
const CALM_MS = { min: 3_000, max: 15_000 };
/** Shorter than a lease, and longer. */
const PAUSE_MS = { min: 500, max: 14_000 };
const TELL_EVERY_MS = 30_000;

/**
 * Ten million requests to two gateways, with revocations all the time, while gateways are paused and killed and key-management
 * is killed: whether anything that was sent after a revocation had returned is accepted. Whether nothing was.
 */
export async function revoke({
  requests,
  seed,
}: {
  readonly requests: number;
  readonly seed: number;
}): Promise<boolean> {
  const ground = await prepareGate({ keys: KEYS, gateways: GATEWAYS });
  const hunt = new Hunt(ground, STAYING);
  const revokers = await Promise.all(
    Array.from({ length: GATEWAYS }, (_gateway, n) => revoker(ground, n, PASSWORD, HOLDER)),
  );
  let isOver = false;
  const enough = () => isOver || hunt.seen.requests >= requests;
  const from = performance.now();
  const told = setInterval(() => {
    tell(hunt, from);
  }, TELL_EVERY_MS);
  try {
    const firing = Promise.all(hunt.aims(CONNECTIONS).map((aim) => closedLoop(aim, MAX_MS, enough))).finally(() => {
      isOver = true;
    });
    const [slowestMs, disturbed] = await Promise.all([
      revoking(hunt, revokers, enough),
      disturbing(ground, seeded(seed), enough),
      firing,
    ]);
    const { seen } = hunt;
    const held = seen.accepted + seen.wrong === 0 && seen.requests >= requests;
    if (seen.example !== '') console.log(`  ${seen.example}`);
    console.log(
      `faults revoke: requests ${seen.requests}, revocations ${seen.revoked} (the slowest returned after ${(slowestMs / 1_000).toFixed(1)} s), sent after a return ${seen.afterReturn}, accepted of these ${seen.accepted}, ` +
        `other wrong answers ${seen.wrong}, undecided ${seen.undecided}, ${disturbed}, seed ${seed}`,
    );
    return held;
  } finally {
    isOver = true;
    clearInterval(told);
    for (const each of revokers) each.close();
    hunt.close();
    await ground.dispose();
  }
}

/** One after the other, now by this gateway, now by that; until it is confirmed, a key's turn is not over. */
async function revoking(hunt: Hunt, revokers: readonly Revoker[], enough: () => boolean): Promise<number> {
  let slowestMs = 0;
  for (let turn = 0; !enough() && hunt.left > 1; turn++) {
    const by = revokers[turn % revokers.length];
    // A client that gets no answer asks another gateway; the first one may still be at it.
    const took = by && (await Promise.race([hunt.revoke(by).catch(() => undefined), pause(REVOKE_MAX_MS)]));
    slowestMs = Math.max(slowestMs, took ?? 0);
    await pause(PACE_MS);
  }
  return slowestMs;
}

const COUNTED = { 'gateways paused': 0, 'gateways killed': 0, 'key-management killed': 0 };

/** Calm, a disturbance, calm: in an order that the seed decides. */
async function disturbing(ground: PreparedGate, random: () => number, enough: () => boolean): Promise<string> {
  const { processes } = ground;
  const counted = { ...COUNTED };
  const between = ({ min, max }: { min: number; max: number }) => min + random() * (max - min);
  const kinds = Object.keys(counted) as (keyof typeof counted)[];
  while (!enough()) {
    await pause(between(CALM_MS));
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'gateways paused';
    const name = kind === 'key-management killed' ? 'key-management' : gatewayName(Math.floor(random() * GATEWAYS));
    if (enough()) break;
    if (kind === 'gateways paused') {
      processes.signal(name, 'SIGSTOP');
      await pause(between(PAUSE_MS));
      processes.signal(name, 'SIGCONT');
    } else {
      const before = processes.pid(name);
      processes.signal(name, 'SIGKILL');
      await processes.restarted(name, before);
      ground.settle();
    }
    counted[kind]++;
  }
  return Object.entries(counted)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

function tell({ seen }: Hunt, from: number) {
  console.log(
    `${Math.round((performance.now() - from) / 1_000)} s: ${seen.requests} requests, ${seen.revoked} revocations, accepted after the return ${seen.accepted}, other wrong answers ${seen.wrong}`,
  );
}
