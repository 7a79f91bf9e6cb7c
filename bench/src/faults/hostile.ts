import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gateRoutes, ionqRoutes, type Route, routes } from '#contracts';
import { eventually, Processes, Product } from '#testing';
import { openLoop, percentile } from '../open-loop.ts';
import { asks } from '../questions.ts';
import { said } from '../said.ts';
import { publish } from './disturbances.ts';
import { BODIES, HEADERS, QUERIES, RECORDS } from './hostile-inputs.ts';
import { hire, rest, SlidingDoor } from './kill.ts';
import { Ledger } from './ledger.ts';
import type { Tally, Worker } from './load.ts';
import { seeded } from './random.ts';

const VERIFICATIONS = 100;
const PROBES = 20;
const KEYS = 20;
const PEOPLE = 2;
const ATTACKERS = 2;
const ALONE_MS = 20_000;
const POISON_EVERY_MS = 20_000;
const LIMITS_EVERY_MS = 15_000;
const ANSWER_MAX_MS = 60_000;
const MEMORY_MAX_MB = 50;
const BACK_MAX_MS = 120_000;
const P99_MS = { alone: 20, beside: 100 };
/** Whoever looks for less has no figures for a judgement: machines are shared and noisy. */
const TIMED_FROM_MINUTES = 5;
const TOPICS = ['identity.accounts', 'identity.logins', 'organization.organizations', 'key-management.keys', 'job-queue.jobs', 'inactivity-policy.decisions', 'mailer.mails'];

/** Refused because of what was asked, not because of how the service fares. */
const isOurs = (status: number) => status >= 500 && status !== 501;

/**
 * The most hostile bodies, headers and addresses to every route, poison in every topic, full queues and parallel limits, while
 * people tell their story and keys are verified: whether nobody is stopped, nothing good refused, and all is as before.
 */
export async function hostile({ minutes, seed }: { readonly minutes: number; readonly seed: number }): Promise<boolean> {
  const product = await Product.start({ SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', KEY_REPORTS_PER_NETWORK_AND_HOUR: '1000000', LOG_LEVEL: 'warn' }, { script: 'start:services' });
  const processes = new Processes(product);
  const ledger = await Ledger.at(join(product.dataFolder, 'ledger.jsonl'));
  const tally: Tally = { sent: new Map(), wrong: [] };
  const broken: string[] = [];
  let held = false;
  try {
    const workers = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => hire(product, n, seeded(seed + n), new SlidingDoor(), ledger, tally)));
    const secrets = await keysOf(workers[0]);
    const alone = await watched(product, secrets, ALONE_MS);
    const before = memory(processes);
    let isOver = false;
    const until = () => isOver;
    const working = Promise.all(workers.map((worker) => worker.work()));
    const random = seeded(seed);
    const stranger = await product.signUp('stranger@example.com');
    const issued = await eventually(() => stranger.visitor.post('/v1/keys', { name: 'hostile', projectId: stranger.projectId }), ({ status }) => status === 201);
    const counted = { requests: 0, ours: new Map<string, number>() };
    const attacking = Promise.all([
      ...Array.from({ length: ATTACKERS }, () => attack(product, { secret: said(issued).secret, cookie: cookieOf(stranger.visitor.cookies) }, random, counted, until)),
      poisoning(product, until), limits(product, until, broken), flooding(product, said(issued).secret, until),
    ]);
    const beside = await watched(product, secrets, minutes * 60_000);
    isOver = true;
    await attacking;
    for (const worker of workers) worker.stop();
    await working;
    await rest(product);
    const grown = await back(processes, before);
    broken.push(...tally.wrong, ...(await standing(product)), ...(await invariants(product)));
    for (const [what, count] of counted.ours) broken.push(`${count} times a failure of ours: ${what}`);
    if (beside.wrong > 0) broken.push(`${beside.wrong} verifications or probes were answered wrongly: ${beside.example}`);
    if (grown.mb > MEMORY_MAX_MB) broken.push(`${grown.name} kept ${grown.mb} MB`);
    const late = [alone, beside].flatMap((seen, n) => [['/authz', seen.authzMs], ['/livez', seen.livezMs]].flatMap(([name, ms]) => (Number(ms) > (n === 0 ? P99_MS.alone : P99_MS.beside) ? [`p99 of ${name ?? ''} ${Number(ms).toFixed(1)} ms ${n === 0 ? 'alone' : 'beside them'}`] : [])));
    if (minutes >= TIMED_FROM_MINUTES) broken.push(...late);
    for (const what of broken.slice(0, 50)) console.log(`  ${what}`);
    held = broken.length === 0;
    console.log(`faults hostile: ${minutes} minutes, hostile requests ${counted.requests}, verifications ${beside.count}, commands acknowledged ${ledger.entries.length}, p99 of /authz ${beside.authzMs.toFixed(1)} ms (alone ${alone.authzMs.toFixed(1)} ms), `
      + `of /livez ${beside.livezMs.toFixed(1)} ms (alone ${alone.livezMs.toFixed(1)} ms), memory kept ${grown.mb} MB at most (${grown.name}), broken ${broken.length}, seed ${seed}`);
    return held;
  } finally {
    await ledger.close();
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data and logs are kept in ${product.dataFolder}`);
  }
}

async function keysOf(worker: Worker | undefined): Promise<string[]> {
  const { visitor, projectId } = worker?.person ?? (() => { throw new Error('nobody works'); })();
  return Promise.all(Array.from({ length: KEYS }, async (_, n) => said(await eventually(() => visitor.post('/v1/keys', { name: `watched ${n}`, projectId }), ({ status }) => status === 201)).secret));
}

const cookieOf = (cookies: ReadonlyMap<string, string>) => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

interface Watched { readonly count: number; readonly authzMs: number; readonly livezMs: number; readonly wrong: number; readonly example: string }

/** Verifications and probes at a steady rate, each answer compared. */
async function watched({ port }: Product, secrets: readonly string[], ms: number): Promise<Watched> {
  let [wrong, example] = [0, ''];
  const judge = (_shot: { bytes: Buffer }, status: number, text: string) => { if (status !== 200) { wrong++; example = `${status} ${text.slice(0, 200)}`; } };
  const shots = secrets.map((secret) => ({ bytes: Buffer.from(asks(port, '/authz')(secret)) }));
  const probe = { bytes: Buffer.from(`GET /livez HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`) };
  let n = 0;
  const [authz, livez] = await Promise.all([
    openLoop({ port, connections: 16, next: () => shots[n++ % shots.length] ?? probe, judge }, VERIFICATIONS, ms),
    openLoop({ port, connections: 4, next: () => probe, judge }, PROBES, ms),
  ]);
  return { count: authz.answered, authzMs: percentile(authz.latencies, 0.99), livezMs: percentile(livez.latencies, 0.99), wrong: wrong + authz.lost + livez.lost, example };
}

interface Stranger { readonly secret: string; readonly cookie: string }
interface Counted { requests: number; readonly ours: Map<string, number> }

const ROUTES = [...Object.values(routes), ...Object.values(ionqRoutes), ...Object.values(gateRoutes)] as readonly Route[];

/** Every route with something hostile, in an order that the seed decides: with a key, with a session, with neither. */
async function attack(product: Product, stranger: Stranger, random: () => number, counted: Counted, isOver: () => boolean): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  while (!isOver()) {
    const route = pick(ROUTES);
    // Nobody's own clock is moved: that is a wish, not an attack.
    if (route.path.startsWith('/dev/')) continue;
    const body = route.method === 'GET' ? undefined : pick(BODIES);
    const who = pick([{}, { cookie: stranger.cookie, 'rollcall-client': 'hostile' }, { authorization: `apiKey ${stranger.secret}` }]) as Record<string, string>;
    const [name, value] = random() < 0.2 ? pick(HEADERS) : [undefined, ''];
    const query = random() < 0.2 ? pick(QUERIES) : '';
    const path = route.path.replaceAll(/:(\w+)/g, () => (random() < 0.5 ? '00000000-0000-4000-8000-000000000000' : pick(['%00', '..%2f..', 'x'.repeat(2_000), '__proto__', '%ff'])));
    const what = `${route.method} ${route.path} with ${body?.name ?? 'no body'}${name === undefined ? '' : `, ${name}`}${query === '' ? '' : `, ${query.slice(0, 20)}`}`;
    const status = await answered(product.port, { agent, method: route.method, path: `${path}${query}`, headers: { 'content-type': 'application/json', ...who, ...(name === undefined ? {} : { [name]: value }) } }, body?.bytes());
    counted.requests++;
    // Refused for the moment is an answer, and a connection that is cut is one, too. What nobody has thought of is not.
    if (status === 0 || status === 503 || !isOurs(status)) continue;
    counted.ours.set(`${status} for ${what}`, (counted.ours.get(`${status} for ${what}`) ?? 0) + 1);
  }
  agent.destroy();
}

interface Sending { readonly agent: Agent; readonly method: string; readonly path: string; readonly headers: Record<string, string> }

/** The status, 0 for a connection that was cut, and 599 for one that is left waiting. */
function answered(port: number, { agent, method, path, headers }: Sending, body: Buffer | undefined): Promise<number> {
  return new Promise((done) => {
    const late = setTimeout(() => { call?.destroy(); done(599); }, ANSWER_MAX_MS);
    const end = (status: number) => { clearTimeout(late); done(status); };
    let call: ReturnType<typeof send> | undefined;
    try {
      const length = body && headers['transfer-encoding'] === undefined ? { 'content-length': String(body.length) } : {};
      call = send({ host: '127.0.0.1', port, agent, method, path, headers: { host: `localhost:${port}`, ...headers, ...length }, setHost: false }, (answer) => {
        answer.resume().once('end', () => { end(answer.statusCode ?? 0); }).once('error', () => { end(answer.statusCode ?? 0); });
      });
      call.once('error', () => { end(0); });
      call.end(body);
    } catch {
      // What this client itself does not send.
      end(0);
    }
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
    await Promise.all(Array.from({ length: 30 }, () => product.visitor().post('/v1/sign-ups', { email }).catch(() => undefined)));
    const tries = await Promise.all(Array.from({ length: 30 }, () => product.visitor().post('/v1/sessions', { email, password: 'not the right one, surely' }).catch(() => undefined)));
    const judged = tries.filter((answer) => answer?.status === 401).length;
    if (judged > 5) broken.push(`${judged} of 30 parallel wrong passwords were judged, 5 are allowed`);
    await pause(1_000);
    const mails = said(await product.visitor().get(`/dev/mail?to=${email}`)) as unknown as { items: unknown[] };
    if (mails.items.length > 5) broken.push(`${mails.items.length} mails went to one address at once, 5 are allowed`);
    for (let waited = 0; waited < LIMITS_EVERY_MS && !isOver(); waited += 500) await pause(500);
  }
}

const BUSY = { type: 'ionq.circuit.v1', backend: 'simulator', shots: 100, input: { gateset: 'qis', qubits: 20, circuit: Array.from({ length: 200 }, () => ({ gate: 'h', target: 0 })) } };

/** A queue that is never empty. */
async function flooding(product: Product, secret: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await Promise.all(Array.from({ length: 5 }, () => product.visitor().post('/v0.4/jobs', BUSY, { authorization: `apiKey ${secret}` }).catch(() => undefined)));
    await pause(2_000);
  }
}

/** Resident megabytes of each process. */
const memory = (processes: Processes): Map<string, number> => new Map(processes.names.map((name) => [name, residentMb(processes.pid(name))]));
const residentMb = (pid: number) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

/** Until every process has given back what it took, or the time is over: the one that keeps most. */
async function back(processes: Processes, before: ReadonlyMap<string, number>): Promise<{ name: string; mb: number }> {
  for (const deadline = Date.now() + BACK_MAX_MS; ; await pause(2_000)) {
    const [most = { name: 'nobody', mb: 0 }] = [...memory(processes)].map(([name, mb]) => ({ name, mb: mb - (before.get(name) ?? mb) })).sort((a, b) => b.mb - a.mb);
    if (most.mb <= MEMORY_MAX_MB || Date.now() > deadline) return most;
  }
}

/** Whoever stands still, or is not ready. */
async function standing(product: Product): Promise<string[]> {
  await eventually(() => product.visitor().get('/readyz').catch(() => ({ status: 599, headers: new Headers(), body: {} })), ({ status }) => status === 200, 60_000).catch(() => undefined);
  const { stdout, stderr } = await product.rollcall('status', '-o', 'json');
  const rows = JSON.parse(stdout === '' ? '[]' : stdout) as { service: string; state: string; reasons: string[]; lags: { kind: string; of: string; behindEvents: number }[] }[];
  if (rows.length === 0) return [`no status: ${stderr}`];
  return rows.flatMap(({ service, state, reasons, lags }) => [
    ...(state === 'ready' ? [] : [`${service} is ${state}: ${reasons.join('; ')}`]), ...lags.filter(({ kind, behindEvents }) => kind === 'consumer' && behindEvents > 0).map(({ of, behindEvents }) => `${service} stands ${behindEvents} behind in ${of}`),
  ]);
}

async function invariants(product: Product): Promise<string[]> {
  const { stdout, stderr } = await product.rollcall('doctor', '--invariants', '-o', 'json');
  const findings = JSON.parse(stdout === '' ? '[]' : stdout) as { outcome: string; says: string; invariant?: string }[];
  return findings.length === 0 ? [`the doctor could not look: ${stderr}`] : findings.filter(({ outcome }) => outcome === 'fail').map(({ invariant = '', says }) => `${invariant} ${says}`);
}
