import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, Processes, Product } from '#testing';
import { compareAll, startWorker, rest, RequestGate, standing } from './kill.ts';
import { DISTURBANCES, type House, killService, publish } from './disturbances.ts';
import { Ledger } from './ledger.ts';
import type { Tally } from './load.ts';
import { seeded } from './random.ts';

const ACCOUNTS = 8;
const CRASHES_MIN = 60;
const CRASH_MAX_MS = 240_000;
const SETTLED_MAX_MS = 120_000;

/** How much is done: `kills` random kills of single processes, and every other disturbance `each` times among them. */
export interface Storm {
  readonly kills: number;
  readonly seed: number;
  readonly each?: number;
}

/**
 * All that can befall log, relay, bus and consumers, to the product as it runs in production, under load: random kills and
 * disturbances, named crash points, poison. In the end everything that was acknowledged is there once, nothing else is, every
 * read model equals a replay, and the invariants hold. Whether all held.
 */
export async function all({ kills, seed, each = 2 }: Storm): Promise<boolean> {
  const product = await Product.start(
    { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', LOG_LEVEL: 'warn' },
    { script: 'start:services' },
  );
  const house = { product, processes: new Processes(product) };
  const ledger = await Ledger.at(join(product.dataFolder, 'ledger.jsonl'));
  const tally: Tally = { sent: new Map(), wrong: [] };
  let held = false;
  try {
    const workers = await Promise.all(
      Array.from({ length: ACCOUNTS }, (_, n) =>
        startWorker(product, n, seeded(seed + n + 1), new RequestGate(), ledger, tally),
      ),
    );
    const given = await standing(product);
    const working = Promise.all(workers.map((worker) => worker.work()));
    const disturbed = await storm(house, seeded(seed), kills, each);
    const poisoned = await poison(house);
    const crashes = await crashing(house);
    for (const worker of workers) worker.stop();
    await working;
    await settle(house);
    await rest(product);
    // The person who signed up behind the poison has a first project, too, which no command asked for.
    const result = await compareAll(product, workers, ledger, tally, new Set([...given, poisoned.projectId]));
    const broken = await invariants(product);
    const wrong = [...result.invented, ...result.differing, ...poisoned.wrong, ...broken];
    for (const what of [...result.lost, ...wrong].slice(0, 50)) console.log(`  ${what}`);
    held = result.lost.length + wrong.length === 0;
    console.log(
      `faults all: kills ${kills}, other disturbances ${disturbed}, crashes at named points ${crashes}, acknowledged ${ledger.entries.length}, lost ${result.lost.length}, wrongly applied ${wrong.length}, seed ${seed}`,
    );
    return held;
  } finally {
    await ledger.close();
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data, logs and ledger are kept in ${product.dataFolder}`);
  }
}

/** Kills and disturbances in an order that the seed decides. */
async function storm(house: House, random: () => number, kills: number, each: number): Promise<number> {
  const others = Object.keys(DISTURBANCES).flatMap((name) => Array.from({ length: each }, () => name));
  const plan = [...Array.from({ length: kills }, () => ''), ...others]
    .map((name) => ({ name, at: random() }))
    .sort((a, b) => a.at - b.at);
  for (const [n, { name }] of plan.entries()) {
    const said = await (DISTURBANCES[name] ?? killService)(house, random);
    if (name !== '' || n % 20 === 0)
      console.log(`${n + 1} of ${plan.length}: ${name === '' ? said : `${name}: ${said}`}`);
    await pause(100 + random() * 900);
  }
  return others.length;
}

/** Facts that cannot be applied, between those that can: they are parked, the others flow, an operator skips them. */
async function poison({ product }: House): Promise<{ wrong: string[]; projectId: string }> {
  await settle({ product, processes: new Processes(product) });
  const key = `account-${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}`;
  const headers = {
    'ce_specversion': '1.0',
    'ce_id': key,
    'ce_type': 'AccountRegistered.v1',
    'ce_source': 'identity',
    'ce_time': new Date().toISOString(),
    'content-type': 'application/json',
    'stream_version': '1',
    'stream_previous': '0',
    'source_position': '0.0.0',
    'correlation_id': 'faults',
  };
  // On the same partition first what is no text at all: were it not parked, nothing behind it would be.
  await publish(product, 'identity.accounts', [
    { key: Buffer.from(key), value: Buffer.from([0]), headers: {} },
    { key: Buffer.from(key), value: Buffer.from('{"accountId": 7}'), headers },
  ]);
  const readers = new Set(
    (await rows(product, 'lag')).filter(({ of }) => of?.startsWith('identity.accounts/')).map(({ service }) => service),
  );
  // Each consumer decides for itself: what one of them has not parked yet cannot be left out.
  const isParked = await within(
    SETTLED_MAX_MS,
    async () =>
      new Set((await rows(product, 'parked', 'show', key)).map(({ consumer }) => consumer)).size === readers.size,
  );
  const { projectId } = await product.signUp('after-the-poison@example.com');
  const skipped = await product.rollcall('parked', 'skip', key, '--apply', '--reason', 'planted by the faults');
  return {
    projectId,
    wrong: [
      ...(isParked ? [] : [`poison was not parked by each of ${[...readers].join(', ')}`]),
      ...(skipped.code === 0 ? [] : [`poison could not be left out: ${skipped.stderr}`]),
    ],
  };
}

/** What the operator's command says, as rows. */
async function rows(product: Product, ...command: string[]): Promise<Record<string, string>[]> {
  const { stdout } = await product.rollcall(...command, '-o', 'json');
  return JSON.parse(stdout === '' ? '[]' : stdout) as Record<string, string>[];
}

/** Every service dies at the named points by chance, again and again; then they are left in peace. */
async function crashing({ product, processes }: House): Promise<number> {
  await product.end();
  // It may die before it is up, too.
  for (let tries = 1; tries <= 5; tries++)
    if (
      await product.begin({ ROLLCALL_CRASH: '*%0.02' }).then(
        () => true,
        () => false,
      )
    )
      break;
  const before = processes.started;
  await within(CRASH_MAX_MS, () => Promise.resolve(processes.started - before >= CRASHES_MIN));
  const crashes = processes.started - before;
  await product.end();
  await product.begin();
  console.log(`${crashes} crashes at named points`);
  return crashes;
}

/** Until every service is ready again. */
async function settle({ product }: House): Promise<void> {
  await eventually(
    () =>
      product
        .visitor()
        .get('/readyz')
        .catch(() => ({ status: 599, headers: new Headers(), body: {} })),
    ({ status }) => status === 200,
    SETTLED_MAX_MS,
  );
}

/** What the doctor finds broken in an installation, or why it could not look. */
export async function invariants(product: Product): Promise<string[]> {
  const { code, stdout, stderr } = await product.rollcall('doctor', '--invariants', '-o', 'json');
  if (code === 0) return [];
  const findings = JSON.parse(stdout === '' ? '[]' : stdout) as { outcome: string; says: string; invariant?: string }[];
  return findings.length === 0
    ? [`the doctor could not look: ${stderr}`]
    : findings.filter(({ outcome }) => outcome === 'fail').map(({ invariant = '', says }) => `${invariant} ${says}`);
}

async function within(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await pause(300))
    if (await holds().catch(() => false)) return true;
  return false;
}
