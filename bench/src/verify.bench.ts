import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#local-servers';
import { pin } from './cores.ts';
import { openLoop, percentile } from './open-loop.ts';
import { processorMs, tree } from './processes.ts';
import { postmaster } from './product-database.ts';
import { asks, mixed } from './questions.ts';
import type { ResultRow, Run } from './result.ts';
import { type Contender, median, rate, ratio, takeTurns, type Window, wrongAnswers } from './rounds.ts';
import { startServer } from './server-process.ts';
import { shotsOf, type VerifyShot } from './shots.ts';
import { betterAuth, installPeers, oidcProvider, type Peer } from './verify-peers.ts';
import { type PreparedGate, prepareGate, oneMoreGateway, VERIFY_PATH } from './prepared-gate.ts';
import { requireWrk, wrk } from './wrk.ts';

const WINDOW_MS = 2_000;
const CONNECTIONS = 64;
const LOAD = 0.6;

/** P1, P2, P3: whether a key works, over HTTP, beside the least that this can be and beside others who answer it. */
export const run: Run = async ({ rounds }) => {
  requireWrk();
  const peersMissing = installPeers();
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const ground = await prepareGate();
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const { server: alone, port: alonePort } = await oneMoreGateway(ground, { VERDICTS_MAX: '0' });
    stops.push(() => alone.stop());
    const floor = await startFloor(ground, folder);
    stops.push(() => floor.stop());
    const peers =
      peersMissing === undefined
        ? await startPeers(folder, stops)
        : {
            'better-auth-postgres': { missing: peersMissing },
            'better-auth-memory': { missing: peersMissing },
            'oidc-provider': { missing: peersMissing },
          };
    const port = ground.ports[0] ?? 0;
    const good = ground.good.map(({ secret, keyId }) => ({ secret, holds: keyId }));
    const questions = (at: number, invented = ground.invented) =>
      mixed({ good, bad: ground.bad, invented }, asks(at, VERIFY_PATH));
    const behind = {
      'key-management': () => [ground.processes.pid('key-management')],
      'PostgreSQL': () => tree(postmaster(join(ground.product.dataFolder, 'data')).pid),
    };
    const gateway = { gateway: () => [ground.processes.pid('gateway')], ...behind };
    const ours = watched(gateway, wrk(folder, 'ours', port, questions(port)));
    const checkWrong = watched(
      gateway,
      wrk(folder, 'check-wrong', port, questions(port, ground.invented.map(misspelt))),
    );
    const least = watched(
      { floor: () => [floor.pid] },
      wrk(folder, 'floor', floor.said.port, questions(floor.said.port)),
    );
    const noLease = watched(
      { gateway: () => [alone.pid], ...behind },
      wrk(folder, 'no-lease', alonePort, questions(alonePort)),
    );
    const contenders: Record<string, Contender> = {
      ours,
      'check-wrong': checkWrong,
      'floor': least,
      'no-lease': noLease,
    };
    for (const [name, peer] of Object.entries(peers)) if ('contender' in peer) contenders[name] = peer.contender;
    const windows = await takeTurns(contenders, rounds, WINDOW_MS);
    const latency = await latencies(ground, port, floor.said.port, Math.round(rate(windows.ours ?? []) * LOAD), rounds);
    return {
      setting: `GET ${VERIFY_PATH}, 8,900 keys, ${CONNECTIONS} connections, 10 % unknown keys and 1 % revoked or expired; whoever answers on one core, wrk, databases and all other services on the other; ${WINDOW_MS / 1000} s windows, each answer compared`,
      rows: [...throughput(windows, peers), ...latency.rows],
      note: `Processor time a request. ${[told('Ours', ours), told('where unknown keys have a wrong check', checkWrong), told('without lease', noLease), told('the floor', least)].join('; ')}. ${latency.note}`,
    };
  } finally {
    for (const stop of stops.reverse()) await stop();
    await ground.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A key that a stranger invents without the installation's key: its check is wrong. */
const misspelt = (secret: string) =>
  `${secret.slice(0, -6)}${[...secret.slice(-6)].map((sign) => (sign === '0' ? '1' : '0')).join('')}`;

/** What the processes behind a contender have used while it was asked. */
interface Spent {
  /** Processor time a request, in microseconds, by process. */
  readonly perRequest: Readonly<Record<string, number>>;
  /** The share of its core that the server has used: a client that is too slow shows here. */
  readonly busy: number;
}

/** A contender whose processes are looked at, window by window; the first of them is the server. */
function watched(
  processes: Readonly<Record<string, () => readonly number[]>>,
  contender: Contender,
): Contender & { spent: Spent[] } {
  const used = () => Object.entries(processes).map(([name, pids]) => [name, processorMs(pids())] as const);
  const spent: Spent[] = [];
  const asked: Contender = async (windowMs) => {
    const [from, before] = [performance.now(), used()];
    const window = await contender(windowMs);
    const took = performance.now() - from;
    const spentMs = used().map(([name, after], n) => [name, after - (before[n]?.[1] ?? 0)] as const);
    spent.push({
      perRequest: Object.fromEntries(
        spentMs.map(([name, ms]) => [name, (ms * 1_000) / ((window.perSecond * windowMs) / 1_000)]),
      ),
      busy: (spentMs[0]?.[1] ?? 0) / took,
    });
    return window;
  };
  return Object.assign(asked, { spent });
}

/** In words, but for the warm-up. */
function told(what: string, { spent }: { readonly spent: readonly Spent[] }): string {
  const counted = spent.slice(1);
  const names = Object.keys(counted[0]?.perRequest ?? {});
  const each = names.map(
    (name) => `${Math.round(median(counted.map(({ perRequest }) => perRequest[name] ?? NaN)) * 10) / 10} us ${name}`,
  );
  return `${what}: ${each.join(', ')}; its core ${Math.round(median(counted.map(({ busy }) => busy)) * 100)} % busy`;
}

/** The least that it can be, knowing the same keys. */
export async function startFloor({ good, owner }: Pick<PreparedGate, 'good' | 'owner'>, folder: string) {
  const file = join(folder, 'floor.json');
  writeFileSync(file, JSON.stringify(good.map((key) => ({ ...key, projectId: owner.projectId }))), { mode: 0o600 });
  const server = await startServer<{ port: number }>(join(import.meta.dirname, 'verify-floor.program.js'), [file]);
  pin('server', server.pid);
  return server;
}

async function startPeers(folder: string, stops: (() => Promise<unknown>)[]): Promise<Record<PeerName, Peer>> {
  const postgres = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    password: 'bench',
    flags: ['max_wal_size=8GB', 'checkpoint_timeout=1h'],
  });
  stops.push(() => postgres.stop());
  const peers = {
    'better-auth-postgres': await betterAuth(folder, 'postgres', postgres.url('postgres')),
    'better-auth-memory': await betterAuth(folder, 'memory', postgres.url('template1')),
    'oidc-provider': await oidcProvider(folder),
  };
  for (const peer of Object.values(peers)) if ('contender' in peer) stops.push(() => peer.stop());
  return peers;
}

type PeerName = keyof typeof BESIDE;
const BESIDE = {
  'better-auth-postgres': { against: 'better-auth verifyApiKey, PostgreSQL', least: 20 },
  'better-auth-memory': { against: 'better-auth verifyApiKey, memory', least: 8 },
  'oidc-provider': { against: 'oidc-provider introspection, memory', least: 5 },
} as const;

function throughput(
  windows: Readonly<Record<string, readonly Window[]>>,
  peers: Readonly<Record<PeerName, Peer>>,
): ResultRow[] {
  const row = (
    id: string,
    against: string,
    ours: readonly Window[],
    theirs: readonly Window[],
    least: number,
  ): ResultRow => {
    const measured = ratio(ours, theirs);
    const wrong = wrongAnswers(ours);
    return {
      id,
      against,
      ours: rate(ours),
      theirs: rate(theirs),
      ratio: measured,
      target: `>= ${least}`,
      met: measured.median >= least && wrong === 0,
      wrongAnswers: wrong,
    };
  };
  const { ours = [], floor = [], 'no-lease': alone = [], 'check-wrong': checkWrong = [] } = windows;
  return [
    row('P1', 'floor: hash, Map and JSON on node:http', ours, floor, 0.9),
    row('P1', 'floor, where unknown keys have a wrong check', checkWrong, floor, 0.9),
    ...(Object.keys(BESIDE) as PeerName[]).map((name): ResultRow => {
      const { against, least } = BESIDE[name];
      const peer = peers[name];
      return 'missing' in peer
        ? { id: 'P1', against, target: `>= ${least}`, met: false, wrongAnswers: 0, notMeasured: peer.missing }
        : row('P1', against, ours, windows[name] ?? [], least);
    }),
    row('P2', 'without lease: floor', alone, floor, 0.4),
  ];
}

/** P3: from the instant when a request was due, at the same even pace for both. */
async function latencies(
  { good, bad, invented }: PreparedGate,
  port: number,
  floorPort: number,
  perSecond: number,
  rounds: number,
): Promise<{ rows: ResultRow[]; note: string }> {
  const [ours, floor]: [number[], number[]] = [[], []];
  const medians: number[] = [];
  let wrong = 0;
  const once = async (at: number) => {
    const { next, judge } = shotsOf(at, { good, bad, invented }, () => {
      wrong++;
    });
    const fired = await openLoop<VerifyShot>({ port: at, connections: CONNECTIONS, next, judge }, perSecond, WINDOW_MS);
    wrong += fired.lost;
    return fired.latencies;
  };
  for (let round = 0; round <= rounds; round++) {
    const [of, beside] = [await once(port), await once(floorPort)];
    if (round === 0) continue;
    ours.push(percentile(of, 0.99));
    floor.push(percentile(beside, 0.99));
    medians.push(percentile(of, 0.5));
  }
  const ratios = ours.map((value, n) => value / (floor[n] ?? NaN));
  const measured = {
    median: round2(median(ratios)),
    min: round2(Math.min(...ratios)),
    max: round2(Math.max(...ratios)),
  };
  const p99 = round2(median(ours));
  return {
    rows: [
      {
        id: 'P3',
        against: `p99 in ms at ${perSecond} requests/s`,
        value: p99,
        target: '<= 3',
        met: p99 <= 3 && wrong === 0,
        wrongAnswers: wrong,
      },
      {
        id: 'P3',
        against: 'p99 in ms, beside the floor at the same rate',
        ours: p99,
        theirs: round2(median(floor)),
        ratio: measured,
        target: '<= 2',
        met: measured.median <= 2 && wrong === 0,
        wrongAnswers: wrong,
      },
    ],
    note: `At ${Math.round(LOAD * 100)} % load, in an open loop: p50 ${round2(median(medians))} ms, p99 ${p99} ms (${round2(Math.min(...ours))}-${round2(Math.max(...ours))}), the floor's p99 ${round2(median(floor))} ms`,
  };
}

const round2 = (value: number) => Math.round(value * 100) / 100;
