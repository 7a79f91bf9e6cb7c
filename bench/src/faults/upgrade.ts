import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '#contracts';
import { eventually, PASSWORD, Processes, Product, Visitor } from '#testing';
import { invariants } from './all.ts';
import { compareAll, startWorker, rest, RequestGate, standing } from './kill.ts';
import { Ledger } from './ledger.ts';
import type { Tally, Worker } from './load.ts';
import { buildPrevious, type Previous } from './previous.ts';
import { seeded } from './random.ts';

const ACCOUNTS = 4;
/** In the order of the logs that follow each other; the reverse order would do as well. */
const SERVICES: readonly ServiceName[] = [
  'inactivity-policy',
  'identity',
  'organization',
  'key-management',
  'job-queue',
  'mailer',
  'gateway',
];
/** Callers look for an address again after a second at most: the next process goes when this one is known. */
const SETTLE_MS = 5_000;
const UP_MAX_MS = 60_000;

/**
 * The services of an older commit on `start:services`, two of each, which those of this build replace one after the other, under
 * load: first they migrate the schema on which the others run on. No request may fail, nothing acknowledged be lost. Whether all held.
 */
export async function upgrade({ from, seed }: { readonly from: string; readonly seed: number }): Promise<boolean> {
  const previous = await buildPrevious(from);
  try {
    return await underLoad(previous, seed);
  } finally {
    await previous.dispose();
  }
}

async function underLoad(previous: Previous, seed: number): Promise<boolean> {
  const twice = SERVICES.filter((name) => name !== 'gateway').flatMap((name) => ['--replicas', `${name}=2`]);
  const product = await Product.start(
    { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', LOG_LEVEL: 'warn' },
    { script: 'start:services', folder: previous.folder, args: ['--gateways', '2', ...twice] },
  );
  const ledger = await Ledger.at(join(product.dataFolder, 'ledger.jsonl'));
  const tally: Tally = { sent: new Map(), wrong: [] };
  const other = `http://localhost:${product.port + 1}`;
  const balancer = new Balancer([product.origin, other]);
  let held = false;
  try {
    const workers = await Promise.all(
      Array.from({ length: ACCOUNTS }, (_, n) =>
        startWorker(
          product,
          n,
          seeded(seed + n + 1),
          new RequestGate(),
          ledger,
          tally,
          (own) => new Balanced(balancer, own),
        ),
      ),
    );
    // On one machine each gateway has an origin, and so a cookie, of its own.
    for (const [
      n,
      {
        person: { visitor },
      },
    ] of workers.entries()) {
      const there = new Visitor(other, false);
      await there.post('/v1/sessions', { email: `person-${n}@example.com`, password: PASSWORD });
      for (const [name, value] of there.cookies) visitor.cookies.set(name, value);
    }
    const given = await standing(product);
    const began = performance.now();
    const reading = workers.map((worker) => read(worker, balancer));
    const working = workers.map((worker) => worker.work());
    await pause(SETTLE_MS);
    const replaced = await replaceAll(new Processes(product), previous, balancer).finally(async () => {
      balancer.closed = true;
      for (const worker of workers) worker.stop();
      await Promise.all([...working, ...reading]);
      for (const [what, count] of balancer.failed) console.log(`  ${count} times ${what}`);
    });
    const tookMs = performance.now() - began;
    await rest(product);
    const { lost, invented, differing } = await compareAll(product, workers, ledger, tally, given);
    const wrong = [...lost, ...invented, ...differing, ...(await invariants(product))];
    const failed = balancer.failures;
    for (const what of wrong.slice(0, 50)) console.log(`  ${what}`);
    held = failed + wrong.length === 0;
    console.log(
      `faults upgrade: from ${previous.commit}, processes replaced ${replaced} in ${Math.round(tookMs / 1_000)} s, requests ${balancer.requests} (${ledger.entries.length} commands), failed ${failed}, slowest ${Math.round(balancer.slowestMs)} ms, lost or wrong afterwards ${wrong.length}, seed ${seed}`,
    );
    return held;
  } finally {
    await ledger.close();
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data, logs and ledger are kept in ${product.dataFolder}`);
  }
}

/** Which gateways get requests, and what became of these. */
class Balancer {
  readonly failed = new Map<string, number>();
  requests = 0;
  slowestMs = 0;
  closed = false;
  private left: string | undefined;

  constructor(private readonly origins: readonly string[]) {}

  readonly next = (): string => {
    const open = this.origins.filter((origin) => origin !== this.left);
    return open[this.requests++ % open.length] ?? '';
  };

  /** Sends nothing more to a gateway that is about to end, as an orchestrator has its balancer do. */
  leave(port: string): void {
    this.left = this.origins.find((origin) => origin.endsWith(`:${port}`));
  }
  back(): void {
    this.left = undefined;
  }

  get failures(): number {
    return [...this.failed.values()].reduce((sum, count) => sum + count, 0);
  }

  fail(what: string): void {
    this.failed.set(what, (this.failed.get(what) ?? 0) + 1);
  }
}

/** A client behind a load balancer: each request goes to any gateway and must get its answer from all of them. */
class Balanced extends Visitor {
  constructor(
    private readonly balancer: Balancer,
    { cookies }: Visitor,
  ) {
    // Half of the answers are those of an older build, of which the document of this one says nothing.
    super(balancer.next, false);
    for (const [name, value] of cookies) this.cookies.set(name, value);
  }

  override async send(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
    const what = `${method} ${path.replace(/[0-9a-f-]{36}/g, ':id')}`;
    const from = performance.now();
    try {
      const answer = await super.send(method, path, body, headers);
      const { code = '', detail = '' } = answer.body as { code?: string; detail?: string };
      if (answer.status >= 400)
        this.balancer.fail(
          `${what}: ${answer.status} ${code} ${detail} (after ${Math.round((performance.now() - from) / 1_000)} s)`,
        );
      return answer;
    } catch (error) {
      this.balancer.fail(`${what}: ${String(error)} ${error instanceof Error ? String(error.cause) : ''}`);
      throw error;
    } finally {
      this.balancer.slowestMs = Math.max(this.balancer.slowestMs, performance.now() - from);
    }
  }
}

/** What people look at, and clients with a key. */
async function read({ person: { visitor, organizationId }, secret }: Worker, balancer: Balancer): Promise<void> {
  const asks = [
    () => visitor.get('/v1/account'),
    () => visitor.get('/v1/keys'),
    () => visitor.get('/v1/organizations'),
    () => visitor.get(`/v1/organizations/${organizationId}/members`),
    () => visitor.get('/v1/jobs'),
    () => visitor.get('/v0.4/whoami', { authorization: `apiKey ${secret}` }),
  ];
  for (let n = 0; !balancer.closed; n++) await asks[n % asks.length]?.().catch(() => undefined);
}

/** One process after the other, service by service; how many. */
async function replaceAll(processes: Processes, previous: Previous, balancer: Balancer): Promise<number> {
  let replaced = 0;
  for (const service of SERVICES) {
    previous.replace(service);
    for (const name of processes.names.filter((each) => each.replace(/-\d+$/, '') === service)) {
      const { PORT = '', GRPC_ADDRESS } = processes.environment(name);
      const before = processes.pid(name);
      balancer.leave(PORT);
      if (service === 'gateway') await pause(SETTLE_MS);
      processes.signal(name, 'SIGTERM');
      await processes.restarted(name, before, UP_MAX_MS);
      await (GRPC_ADDRESS === undefined
        ? eventually(
            () => new Visitor(`http://localhost:${PORT}`).get('/readyz').catch(() => ({ status: 599, body: {} })),
            ({ status }) => status === 200,
            UP_MAX_MS,
          )
        : listening(GRPC_ADDRESS));
      await pause(SETTLE_MS);
      balancer.back();
      replaced++;
    }
    console.log(`${service} is of this build; requests ${balancer.requests}, failed ${balancer.failures}`);
  }
  return replaced;
}

async function listening(address: string): Promise<void> {
  const [host = '', port] = address.split(':');
  for (const deadline = Date.now() + UP_MAX_MS; Date.now() < deadline; await pause(100)) {
    const there = await new Promise<boolean>((done) => {
      const socket = connect(Number(port), host)
        .once('connect', () => {
          socket.destroy();
          done(true);
        })
        .once('error', () => {
          done(false);
        });
    });
    if (there) return;
  }
  throw new Error(`nobody listens on ${address}`);
}
