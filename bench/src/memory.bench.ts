import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GRPC_PACKAGES, type GrpcOwner } from '#contracts';
import { freePort } from '#local-servers';
import { Processes, Product } from '#testing';
import { tree } from './processes.ts';
import type { ResultRow, Run } from './result.ts';
import { median } from './rounds.ts';

const TARGET = { bytes: 700, megabytes: 600, startSeconds: 8, serviceSeconds: 1.5 };
const IDLE_MS = 15_000;
const START_MAX_MS = 60_000;
const STARTS_MAX = 3;

/** P11: what a key costs at the gate, what all services take when idle, and how soon they answer. */
export const run: Run = async ({ rounds }) => {
  const rows = [await perKey(100_000), await perKey(1_000_000)];
  const starts = Math.min(rounds, STARTS_MAX);
  const together = await startTogether(starts);
  const apart = await startApart(starts);
  const [slowest = ['', NaN]] = Object.entries(apart.seconds).sort((a, b) => b[1] - a[1]);
  rows.push(
    atMost('all services in one process (npm start), idle: MB (Pss)', together.megabytes, TARGET.megabytes),
    atMost('all services, a process each (start:services), idle: MB (Pss)', apart.megabytes, TARGET.megabytes),
    atMost('npm start to the first answer, warm: s', together.seconds, TARGET.startSeconds),
    atMost(`the slowest service to start (${slowest[0]}): s`, slowest[1], TARGET.serviceSeconds),
  );
  return {
    setting: `verdicts with names, ids and two scopes, three keys an account; services after ${IDLE_MS / 1000} s of rest, without broker, PostgreSQL and starter; starts: the median of ${starts}`,
    rows,
    note: `npm start with its PostgreSQL: ${together.withDatabase} MB. Apart: ${apart.note}. Services, from being spawned to being ready: ${Object.entries(
      apart.seconds,
    )
      .map(([name, seconds]) => `${name} ${seconds} s`)
      .join(', ')}`,
  };
};

const atMost = (against: string, value: number, most: number): ResultRow => ({
  id: 'P11',
  against,
  value,
  target: `<= ${most}`,
  met: value <= most,
  wrongAnswers: 0,
});

async function perKey(keys: number): Promise<ResultRow> {
  const against = `bytes a key at the gate, ${keys.toLocaleString('en')} keys`;
  const child = fork(join(import.meta.dirname, 'gate-memory.program.js'), [String(keys)], {
    execArgv: ['--expose-gc', '--max-old-space-size=4096', '--no-warnings'],
  });
  const said = await new Promise<{ missing?: string; bytes?: number; capped?: boolean }>((done, failed) => {
    child.once('message', (message) => {
      done(message as { bytes?: number });
    });
    child.once('exit', () => {
      failed(new Error('the memory of a gate was not measured: see above'));
    });
  });
  if (said.missing !== undefined)
    return {
      id: 'P11',
      against,
      target: `<= ${TARGET.bytes}, capped`,
      met: false,
      wrongAnswers: 0,
      notMeasured: said.missing,
    };
  const value = Math.round(said.bytes ?? NaN);
  return {
    id: 'P11',
    against,
    value,
    target: `<= ${TARGET.bytes}, capped`,
    met: value <= TARGET.bytes && said.capped === true,
    wrongAnswers: 0,
  };
}

/** `npm start` as people type it: cold once, then warm. */
async function startTogether(starts: number): Promise<{ seconds: number; megabytes: number; withDatabase: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const port = await freePort();
  const seconds: number[] = [];
  let [megabytes, withDatabase] = [0, 0];
  for (let n = 0; n <= starts; n++) {
    const from = performance.now();
    const child = spawn('npm', ['start'], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, PORT: String(port), ROLLCALL_DATA: folder, LOG_LEVEL: 'warn' },
    });
    const ended = new Promise((done) => child.once('exit', done));
    await answers(port);
    if (n > 0) seconds.push((performance.now() - from) / 1_000);
    if (n === starts) {
      await pause(IDLE_MS);
      const main = Number(readFileSync(join(folder, 'rollcall.pid'), 'utf8').split(/\s/)[0]);
      [megabytes, withDatabase] = [pss([main]), pss(tree(main))];
    }
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await ended;
    await closed(port);
  }
  rmSync(folder, { recursive: true, force: true });
  return { seconds: round2(median(seconds)), megabytes, withDatabase };
}

async function startApart(
  starts: number,
): Promise<{ megabytes: number; seconds: Record<string, number>; note: string }> {
  const product = await Product.start({ LOG_LEVEL: 'warn' }, { script: 'start:services' });
  try {
    // The first start brings the schemas up to date; those after it are what runs day by day.
    await product.end();
    await product.begin();
    const processes = new Processes(product);
    await pause(IDLE_MS);
    const each = processes.names.map((name) => [name, pss([processes.pid(name)])] as const);
    const seconds: Record<string, number> = {};
    for (const name of Object.keys(GRPC_PACKAGES) as GrpcOwner[])
      seconds[name] = await startOne(processes, name, starts);
    return {
      megabytes: Math.round(each.reduce((sum, [, megabytes]) => sum + megabytes, 0)),
      seconds,
      note: `${each.map(([name, megabytes]) => `${name} ${megabytes} MB`).join(', ')}; beside them the starter ${pss([product.pid])} MB, the broker ${pss([processes.broker])} MB`,
    };
  } finally {
    await product.dispose();
  }
}

/** One more process of a service beside the others, as an operator would start it. */
async function startOne(processes: Processes, name: GrpcOwner, starts: number): Promise<number> {
  const seconds: number[] = [];
  for (let n = 0; n < starts; n++) {
    const from = performance.now();
    const other = await processes.join(name);
    seconds.push((performance.now() - from) / 1_000);
    await other.leave();
  }
  return round2(median(seconds));
}

/** Memory of processes in MB; what several share is counted once. */
const pss = (pids: readonly number[]) =>
  Math.round(
    pids.reduce(
      (sum, pid) => sum + Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
      0,
    ) / 1_024,
  );

const isReady = (port: number) =>
  fetch(`http://localhost:${port}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );

async function answers(port: number) {
  for (const deadline = performance.now() + START_MAX_MS; !(await isReady(port)); await pause(20))
    if (performance.now() > deadline) throw new Error('npm start did not answer in time');
}

async function closed(port: number) {
  while (
    await fetch(`http://localhost:${port}/livez`).then(
      () => true,
      () => false,
    )
  )
    await pause(100);
  // Its PostgreSQL ends with it, a moment later.
  await pause(1_000);
}
const round2 = (value: number) => Math.round(value * 100) / 100;
