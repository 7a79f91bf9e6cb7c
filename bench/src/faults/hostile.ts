import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually, Processes, Product } from '#testing';
import { bodyOf } from '../answer-body.ts';
import { invariants } from './all.ts';
import type { Attack, Attacked } from './attack.program.ts';
import { publish } from './disturbances.ts';
import { RECORDS } from './hostile-inputs.ts';
import { startWorker, rest, RequestGate } from './kill.ts';
import { Ledger } from './ledger.ts';
import type { Tally, Worker } from './load.ts';
import { seeded } from './random.ts';
import type { Watch, Watched } from './watch.program.ts';

const KEYS = 20;
const PEOPLE = 2;
const ALONE_MS = { timed: 20_000, untimed: 3_000 };
const POISON_EVERY_MS = 20_000;
const LIMITS_EVERY_MS = 15_000;
const MEMORY_MAX_MB = 50;
const BACK_MAX_MS = 120_000;
const P99_MS = { alone: 20, beside: 100 };
/** A shorter run has too few figures for a judgement: machines are shared and noisy. */
const TIMED_FROM_MINUTES = 5;
const TOPICS = [
  'identity.accounts',
  'identity.logins',
  'organization.organizations',
  'key-management.keys',
  'job-queue.jobs',
  'inactivity-policy.decisions',
  'mailer.mails',
];

/**
 * The most hostile bodies, headers and addresses to every route, poison in every topic, full queues and parallel limits, while
 * people tell their story and keys are verified: whether no process stops, no good request is refused, and all is as before.
 */
export async function hostile({
  minutes,
  seed,
}: {
  readonly minutes: number;
  readonly seed: number;
}): Promise<boolean> {
  const product = await Product.start(
    { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', KEY_REPORTS_PER_NETWORK_AND_HOUR: '1000000', LOG_LEVEL: 'warn' },
    { script: 'start:services' },
  );
  const processes = new Processes(product);
  const ledger = await Ledger.at(join(product.dataFolder, 'ledger.jsonl'));
  const tally: Tally = { sent: new Map(), wrong: [] };
  const broken: string[] = [];
  let held = false;
  try {
    const workers = await Promise.all(
      Array.from({ length: PEOPLE }, (_, n) =>
        startWorker(product, n, seeded(seed + n), new RequestGate(), ledger, tally),
      ),
    );
    const secrets = await keysOf(workers[0]);
    const alone = await watched(product, secrets, minutes >= TIMED_FROM_MINUTES ? ALONE_MS.timed : ALONE_MS.untimed);
    const before = memory(processes);
    let isOver = false;
    const until = () => isOver;
    const working = Promise.all(workers.map((worker) => worker.work()));
    const stranger = await product.signUp('stranger@example.com');
    const issued = await eventually(
      () => stranger.visitor.post('/v1/keys', { name: 'hostile', projectId: stranger.projectId }),
      ({ status }) => status === 201,
    );
    const { promise: over, resolve: end } = Promise.withResolvers<undefined>();
    const attacking = run<Attack, Attacked>(
      './attack.program.js',
      {
        port: product.port,
        stranger: { secret: bodyOf(issued).secret, cookie: cookieOf(stranger.visitor.cookies) },
        seed,
      },
      over,
    );
    const others = Promise.all([
      poisoning(product, until),
      limits(product, until, broken),
      flooding(product, bodyOf(issued).secret, until),
    ]);
    const beside = await watched(product, secrets, minutes * 60_000);
    isOver = true;
    end(undefined);
    const counted = await attacking;
    await others;
    for (const worker of workers) worker.stop();
    await working;
    await rest(product);
    await cancelAll(product, bodyOf(issued).secret);
    const grown = await back(processes, before, minutes >= TIMED_FROM_MINUTES ? BACK_MAX_MS : 0);
    broken.push(...tally.wrong, ...(await standingStill(product)), ...(await invariants(product)));
    for (const [what, count] of counted.ours) broken.push(`${count} times a failure of ours: ${what}`);
    if (beside.wrong > 0)
      broken.push(`${beside.wrong} verifications or probes were answered wrongly: ${beside.example}`);
    const late = [alone, beside].flatMap((seen, n) =>
      [
        ['/authz', seen.authzMs],
        ['/livez', seen.livezMs],
      ].flatMap(([name, ms]) =>
        Number(ms) > (n === 0 ? P99_MS.alone : P99_MS.beside)
          ? [`p99 of ${name ?? ''} ${Number(ms).toFixed(1)} ms ${n === 0 ? 'alone' : 'beside them'}`]
          : [],
      ),
    );
    if (minutes >= TIMED_FROM_MINUTES)
      broken.push(...late, ...(grown.mb > MEMORY_MAX_MB ? [`${grown.name} kept ${grown.mb} MB`] : []));
    for (const what of broken.slice(0, 50)) console.log(`  ${what}`);
    held = broken.length === 0;
    console.log(
      `faults hostile: ${minutes} minutes, hostile requests ${counted.requests}, verifications ${beside.count}, commands acknowledged ${ledger.entries.length}, p99 of /authz ${beside.authzMs.toFixed(1)} ms (alone ${alone.authzMs.toFixed(1)} ms), ` +
        `of /livez ${beside.livezMs.toFixed(1)} ms (alone ${alone.livezMs.toFixed(1)} ms), memory kept ${grown.mb} MB at most (${grown.name}), broken ${broken.length}, seed ${seed}`,
    );
    return held;
  } finally {
    await ledger.close();
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data and logs are kept in ${product.dataFolder}`);
  }
}

async function keysOf(worker: Worker | undefined): Promise<string[]> {
  const { visitor, projectId } =
    worker?.person ??
    (() => {
      throw new Error('nobody works');
    })();
  return Promise.all(
    Array.from(
      { length: KEYS },
      async (_, n) =>
        bodyOf(
          await eventually(
            () => visitor.post('/v1/keys', { name: `watched ${n}`, projectId }),
            ({ status }) => status === 201,
          ),
        ).secret,
    ),
  );
}

const cookieOf = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** Verifications and probes at a steady rate, in a process of its own: what this one does besides must not be taken for the server's time. */
function watched({ port }: Product, secrets: readonly string[], ms: number): Promise<Watched> {
  return run<Watch, Watched>('./watch.program.js', { port, secrets, ms });
}

/** Runs a program that is told something and answers once. */
async function run<Told extends object, Answer>(name: string, told: Told, over?: Promise<void>): Promise<Answer> {
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const answer = new Promise<Answer>((done, failed) => {
    child.once('message', (said) => {
      done(said as Answer);
    });
    child.once('exit', (code) => {
      failed(new Error(`${name} ended with ${code}`));
    });
  });
  child.send(told);
  void over?.then(() => child.send('over'));
  return answer.finally(() => {
    child.disconnect();
  });
}

/** Records that no relay wrote, into every topic. */
async function poisoning(product: Product, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    for (const topic of TOPICS) await publish(product, topic, RECORDS).catch(() => undefined);
    for (let waited = 0; waited < POISON_EVERY_MS && !isOver(); waited += 500) await pause(500);
  }
}

/** Many at once where few are allowed: no more may pass. */
async function limits(product: Product, isOver: () => boolean, broken: string[]): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    const email = `limited-${n}@example.com`;
    await Promise.all(
      Array.from({ length: 30 }, () =>
        product
          .visitor()
          .post('/v1/sign-ups', { email })
          .catch(() => undefined),
      ),
    );
    const began = performance.now();
    const tries = await Promise.all(
      Array.from({ length: 30 }, () =>
        product
          .visitor()
          .post('/v1/sessions', { email, password: 'not the right one, surely' })
          .catch(() => undefined),
      ),
    );
    const judged = tries.filter((answer) => answer?.status === 401).length;
    // Five at once, one more after a second, then after two, four …
    const allowed = 5 + Math.floor(Math.log2(1 + (performance.now() - began) / 1_000));
    if (judged > allowed) broken.push(`${judged} of 30 parallel wrong passwords were judged, ${allowed} are allowed`);
    await pause(1_000);
    const mails = bodyOf(await product.visitor().get(`/dev/mail?to=${email}`)) as unknown as { items: unknown[] };
    if (mails.items.length > 5) broken.push(`${mails.items.length} mails went to one address at once, 5 are allowed`);
    for (let waited = 0; waited < LIMITS_EVERY_MS && !isOver(); waited += 500) await pause(500);
  }
}

const BUSY = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: { gateset: 'qis', qubits: 18, circuit: Array.from({ length: 200 }, () => ({ gate: 'h', target: 0 })) },
};

/** A queue that is never empty. */
async function flooding(product: Product, secret: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await Promise.all(
      Array.from({ length: 5 }, () =>
        product
          .visitor()
          .post('/v0.4/jobs', BUSY, { authorization: `apiKey ${secret}` })
          .catch(() => undefined),
      ),
    );
    await pause(2_000);
  }
}

/** Cancels what is open of a key's project: a job that runs holds memory by right, and some of these run for minutes. */
async function cancelAll(product: Product, secret: string): Promise<void> {
  const headers = { authorization: `apiKey ${secret}` };
  const visitor = product.visitor();
  for (const status of ['submitted', 'started'])
    await eventually(
      async () => {
        const answer = await visitor.get(`/v0.4/jobs?status=${status}&limit=100`, headers);
        const ids = (answer.body as { jobs: { id: string }[] }).jobs.map(({ id }) => id);
        if (ids.length > 0) await visitor.put('/v0.4/jobs/status/cancel', { ids }, headers);
        return { status: answer.status, body: ids };
      },
      ({ body }) => body.length === 0,
    );
}

/** Megabytes of its own that each process holds. Pages of Node's program, which all of them share, are no memory that one has kept. */
const memory = (processes: Processes): Map<string, number> =>
  new Map(processes.names.map((name) => [name, ownMb(processes.pid(name))]));
const ownMb = (pid: number) =>
  Math.round(Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

/** Until every process has given back what it took, or the time is over: the one that keeps most. */
async function back(
  processes: Processes,
  before: ReadonlyMap<string, number>,
  withinMs: number,
): Promise<{ name: string; mb: number }> {
  for (const deadline = Date.now() + withinMs; ; await pause(2_000)) {
    const [most = { name: 'nobody', mb: 0 }] = [...memory(processes)]
      .map(([name, mb]) => ({ name, mb: mb - (before.get(name) ?? mb) }))
      .sort((a, b) => b.mb - a.mb);
    if (most.mb <= MEMORY_MAX_MB || Date.now() > deadline) return most;
  }
}

/** Processes that stand still or are not ready. */
async function standingStill(product: Product): Promise<string[]> {
  await eventually(
    () =>
      product
        .visitor()
        .get('/readyz')
        .catch(() => ({ status: 599, headers: new Headers(), body: {} })),
    ({ status }) => status === 200,
    60_000,
  ).catch(() => undefined);
  const { stdout, stderr } = await product.rollcall('status', '-o', 'json');
  const rows = JSON.parse(stdout === '' ? '[]' : stdout) as {
    service: string;
    state: string;
    reasons: string[];
    lags: { kind: string; of: string; behindEvents: number }[];
  }[];
  if (rows.length === 0) return [`no status: ${stderr}`];
  return rows.flatMap(({ service, state, reasons, lags }) => [
    ...(state === 'ready' ? [] : [`${service} is ${state}: ${reasons.join('; ')}`]),
    ...lags
      .filter(({ kind, behindEvents }) => kind === 'consumer' && behindEvents > 0)
      .map(({ of, behindEvents }) => `${service} stands ${behindEvents} behind in ${of}`),
  ]);
}
