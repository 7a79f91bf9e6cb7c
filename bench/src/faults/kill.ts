import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, Product, type Visitor } from '#testing';
import pg from 'pg';
import { killTree } from '../processes.ts';
import { databaseUrl } from '../product-database.ts';
import { bodyOf } from '../answer-body.ts';
import { compareAnswers } from './compare-answers.ts';
import { compareLog } from './compare-log.ts';
import { differingModels, PROJECTIONS } from './compare-models.ts';
import { Ledger } from './ledger.ts';
import { type Door, type Tally, Worker } from './load.ts';
import { seeded } from './random.ts';

const ACCOUNTS = 12;
const PER_KILL = 250;
const AFTERWARDS_MAX_MS = 120_000;
const REST_MAX_MS = 120_000;
const UP_MS = { min: 200, max: 5_000 };

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
}

/** Kills the product again and again under load, and compares what was acknowledged with what is there. Whether all held. */
export async function kill({ kills, seed }: KillOptions): Promise<boolean> {
  const product = await Product.start();
  const ledger = await Ledger.at(join(product.dataFolder, 'ledger.jsonl'));
  const tally: Tally = { sent: new Map(), wrong: [] };
  let held = false;
  try {
    const door = new RequestGate();
    const workers = await Promise.all(
      Array.from({ length: ACCOUNTS }, (_, n) => startWorker(product, n, seeded(seed + n + 1), door, ledger, tally)),
    );
    const given = await standing(product);
    await underLoad(product, workers, door, ledger, { kills, seed });
    await rest(product);
    const result = await compareAll(product, workers, ledger, tally, given);
    for (const what of [...result.lost, ...result.invented, ...result.differing].slice(0, 50)) console.log(`  ${what}`);
    console.log(
      `kills ${kills}, acknowledged ${ledger.entries.length}, lost ${result.lost.length}, invented ${result.invented.length}, models differing ${result.differing.length}, seed ${seed}`,
    );
    held =
      result.lost.length + result.invented.length + result.differing.length === 0 &&
      ledger.entries.length >= kills * PER_KILL;
    return held;
  } finally {
    await ledger.close();
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data, log and ledger are kept in ${product.dataFolder}`);
  }
}

/** Open while the product is up. */
export class RequestGate implements Door {
  private open: () => void = () => undefined;
  private isOpen = Promise.resolve();

  opened = (): Promise<void> => this.isOpen;
  shut(): void {
    this.isOpen = new Promise((open) => {
      this.open = open;
    });
  }
  unlock(): void {
    this.open();
  }
}

/** A person with a key, at work by `visitor` where it is not their own. */
export async function startWorker(
  product: Product,
  n: number,
  random: () => number,
  door: Door,
  ledger: Ledger,
  tally: Tally,
  visitor?: (own: Visitor) => Visitor,
): Promise<Worker> {
  const person = await product.signUp(`person-${n}@example.com`);
  const made = await eventually(
    () => person.visitor.post('/v1/keys', { name: 'jobs', projectId: person.projectId }),
    ({ status }) => status === 201,
  );
  return new Worker(
    visitor ? { ...person, visitor: visitor(person.visitor) } : person,
    bodyOf(made).secret,
    random,
    door,
    ledger,
    tally,
  );
}

/** Projects and keys that were there before the load. */
export async function standing(product: Product): Promise<Set<string>> {
  const found = await Promise.all(
    [
      ['organization', `SELECT data->>'projectId' AS id FROM events WHERE type = 'ProjectCreated'`],
      ['key_management', 'SELECT key_id::text AS id FROM key_directory'],
    ].map(([database = '', sql = '']) =>
      inDatabase(product, database, async (client) =>
        (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id),
      ),
    ),
  );
  return new Set(found.flat());
}

async function underLoad(
  product: Product,
  workers: readonly Worker[],
  door: RequestGate,
  ledger: Ledger,
  { kills, seed }: KillOptions,
) {
  const random = seeded(seed);
  const working = Promise.all(workers.map((worker) => worker.work()));
  let upMs = 0;
  for (let n = 1; n <= kills; n++) {
    const forMs = UP_MS.min + random() * (UP_MS.max - UP_MS.min);
    const all = random() < 0.5;
    await pause(forMs);
    upMs += forMs;
    door.shut();
    if (all) killTree(product.pid);
    await product.end('SIGKILL');
    await product.begin();
    door.unlock();
    console.log(
      `kill ${n} of ${all ? 'the whole tree' : 'Node alone'} after ${(forMs / 1000).toFixed(1)} s; acknowledged ${ledger.entries.length}`,
    );
  }
  const from = performance.now();
  while (ledger.entries.length < kills * PER_KILL && performance.now() - from < AFTERWARDS_MAX_MS) await pause(100);
  upMs += performance.now() - from;
  for (const worker of workers) worker.stop();
  await working;
  console.log(`${Math.round(ledger.entries.length / (upMs / 1000))} commands a second while it was up`);
}

/** Waits until every log has stood still for three seconds, and no job is left. */
export async function rest(product: Product) {
  const deadline = performance.now() + REST_MAX_MS;
  for (let before = '', same = 0; same < 3 && performance.now() < deadline; await pause(1_000)) {
    const counts = await Promise.all(
      Object.keys(PROJECTIONS).map((database) =>
        inDatabase(
          product,
          database,
          async (client) =>
            (await client.query<{ count: string }>('SELECT count(*) AS count FROM events')).rows[0]?.count,
        ),
      ),
    );
    const now = counts.join();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

export async function compareAll(
  product: Product,
  workers: readonly Worker[],
  ledger: Ledger,
  tally: Tally,
  given: ReadonlySet<string>,
) {
  const lost = [...tally.wrong];
  const invented: string[] = [];
  const differing: string[] = [];
  for (const database of Object.keys(PROJECTIONS)) {
    await inDatabase(product, database, async (client) => {
      const compared = await compareLog(client, database, ledger.entries, tally.sent, given);
      lost.push(...compared.lost);
      invented.push(...compared.invented);
      differing.push(...(await differingModels(client, databaseUrl(product, database), database)));
    });
  }
  for (const worker of workers) lost.push(...(await compareAnswers(worker)));
  return { lost, invented, differing };
}

async function inDatabase<T>(product: Product, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl(product, database) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
