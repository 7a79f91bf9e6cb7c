import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { sqlState } from '../decision/errors.ts';
import {
  type Build,
  BuildRunning,
  BuildsDiffer,
  listBuilds,
  NoSuchBuild,
  type Phase,
  type Position,
  record,
  schemaOf,
  type TableChecksum,
} from './build.ts';
import { compare, type Difference } from './checksum.ts';
import { dropSchema, indexShadow, makeShadow, openSchema, swapTables } from './shadow.ts';
import type { Source, BuildContext } from './source.ts';
import { inTransaction, shortIn } from '../log/transaction.ts';

const LOCK = { waitMs: 30, pauseMs: 60, triesMax: 1_000 };
/** The author of tables that were never rebuilt. */
const FIRST = 'the first migration';
const LOCK_NOT_AVAILABLE = ['55P03', '40P01'];

/** What a command about read models stands on. */
export interface BuildOptions {
  /** The service's database as its owner: service roles own no table. */
  readonly ownerDatabaseUrl: string;
  /** The read models of the service (`sourcesOf`). */
  readonly sources: readonly Source[];
  /** Who asks, for the record: a user's or an operator's name. */
  readonly who: string;
  readonly progress?: (progress: Progress) => void;
  /** Stops cleanly: the same command goes on from there. */
  readonly signal?: AbortSignal;
}

/** How far a build is. */
export interface Progress {
  readonly name: string;
  readonly n: number;
  readonly phase: Phase | 'comparing' | 'swapping';
  readonly done: number;
  readonly total: number;
  /** A second, since this process works on it. */
  readonly rate: number;
}

/** What a rebuild, promote or rollback came to. */
export interface Promoted {
  readonly name: string;
  readonly n: number;
  readonly state: 'live' | 'ready';
  readonly done: number;
  readonly rate: number;
  readonly checksums: readonly TableChecksum[];
  /** How long readers and writers waited for the swap, at most; and how often it was tried. */
  readonly pauseMs: number;
  readonly tries: number;
}

/** What `verify` found. */
export interface Verified {
  readonly name: string;
  readonly equal: boolean;
  readonly checksums: readonly TableChecksum[];
  readonly differences: readonly Difference[];
}

/** Builds of a service's read models, the newest first; of those never rebuilt the live one. */
export async function projections({
  ownerDatabaseUrl,
  sources,
}: Pick<BuildOptions, 'ownerDatabaseUrl' | 'sources'>): Promise<Build[]> {
  const pool = ownersPool(ownerDatabaseUrl);
  try {
    const known = await listBuilds(pool);
    return sources.flatMap((source) => {
      const mine = known.filter((build) => build.name === source.name);
      return mine.some((build) => build.state === 'live') ? mine : [...mine, firstOf(source)];
    });
  } finally {
    await pool.end();
  }
}

/**
 * Builds a read model anew beside the live one, compares the two, and swaps them; `shadow` stops before the swap. A build that
 * was broken off goes on from where it was. Only `Projection.apply` and `fold` run: nothing is sent, appended or decided.
 * @throws BuildRunning, NoSuchBuild. @throws BuildsDiffer before the swap, unless `evenIfDifferent`.
 */
export function rebuild(
  options: BuildOptions,
  name: string,
  { shadow = false, evenIfDifferent = false } = {},
): Promise<Promoted> {
  return working(options, name, async (site) => {
    await dropVerifying(site);
    const build = (await underWay(site)) ?? (await begin(site, 'filling'));
    const { rate, done } = await bringUp(site, build);
    return await finishUp(site, build, { shadow, evenIfDifferent, rate, done });
  });
}

/** Makes a build that is ready the live one. @throws as `rebuild`. */
export const promote = (options: BuildOptions, name: string, { evenIfDifferent = false } = {}): Promise<Promoted> =>
  working(options, name, async (site) => swapTo(site, await readyBuild(site), evenIfDifferent));

/** Makes the build that was live before live again: it has followed ever since, so it is the same swap backwards. @throws as `rebuild`. */
export const rollback = (options: BuildOptions, name: string, { evenIfDifferent = false } = {}): Promise<Promoted> =>
  working(options, name, async (site) => swapTo(site, await earlierBuild(site), evenIfDifferent));

const swapTo = (site: BuildSite, build: Build, evenIfDifferent: boolean) =>
  finishUp(site, build, { shadow: false, evenIfDifferent, rate: build.rate, done: build.done });

/** Compares the live one with a fresh build, which is thrown away again. @throws BuildRunning, NoSuchBuild. */
export function verify(options: BuildOptions, name: string): Promise<Verified> {
  return working(options, name, async (site) => {
    await dropVerifying(site);
    const other = await underWay(site);
    if (other)
      throw new BuildRunning(
        `build ${other.n} of ${name} is ${other.state}, and there can be one at a time. See it: rollcall projections list. Promote it or drop it first`,
      );
    const build = await begin(site, 'verifying');
    try {
      await bringUp(site, build);
      return { name, ...(await compareWith(site, build)) };
    } finally {
      await drop(site, build);
    }
  });
}

/** Drops a build that is not live, with its tables. @throws NoSuchBuild, BuildRunning. */
export const dropBuild = (options: BuildOptions, name: string, n: number): Promise<void> =>
  working(options, name, async (site) => drop(site, await otherBuild(site, n)));

/** What is to be done to a read model. */
export type BuildAction = 'rebuild' | 'promote' | 'rollback' | 'drop';

/** The number of the build that this would be done to, by the checks that doing it makes; undefined: a new one. Nothing is changed. @throws as they do. */
export const planBuild = (
  options: BuildOptions,
  action: BuildAction,
  name: string,
  n = 0,
): Promise<number | undefined> =>
  working(options, name, async (site) => {
    if (action === 'promote') return (await readyBuild(site)).n;
    if (action === 'rollback') return (await earlierBuild(site)).n;
    if (action === 'drop') return (await otherBuild(site, n)).n;
    const build = await underWay(site);
    return build?.phase === 'verifying' ? undefined : build?.n;
  });

/** What one command works with. */
interface BuildSite extends BuildOptions {
  readonly pool: Pool;
  readonly source: Source;
  readonly stop: AbortSignal;
}

const ownersPool = (url: string) => {
  const pool = new Pool({
    connectionString: url,
    max: 6,
    application_name: 'rollcall projections',
    options: '-c TimeZone=UTC -c DateStyle=ISO -c idle_in_transaction_session_timeout=10000',
  });
  pool.on('error', () => undefined);
  return pool;
};

/** One command at a time a read model, by a lock that ends with its connection: who is killed leaves the way free. */
async function working<T>(options: BuildOptions, name: string, work: (site: BuildSite) => Promise<T>): Promise<T> {
  const source = options.sources.find((each) => each.name === name);
  if (!source)
    throw new NoSuchBuild(
      `no read model is called ${name}. There are: ${options.sources.map((each) => each.name).join(', ')}`,
    );
  const pool = ownersPool(options.ownerDatabaseUrl);
  const key = await pool.connect();
  try {
    const { rows } = await key.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      [`projection ${name}`],
    );
    if (rows[0]?.taken !== true) throw await running(pool, name);
    return await work({ ...options, pool, source, stop: options.signal ?? new AbortController().signal });
  } finally {
    await key.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    key.release(true);
    await pool.end();
  }
}

async function running(pool: Pool, name: string): Promise<BuildRunning> {
  const [build] = (await listBuilds(pool, name)).filter(({ state }) => state === 'building' || state === 'ready');
  const which = build
    ? `build ${build.n} of ${name} is ${build.phase} (${build.done} of ${build.total}), begun by ${build.who} at ${build.startedAt.toISOString()}`
    : `another command works on ${name}`;
  return new BuildRunning(
    `${which}. One at a time: watch it with "rollcall projections list --watch", or end that command first`,
  );
}

/** A read model that was never rebuilt has no row yet. */
const firstOf = ({ name, n }: Source): Build => ({
  name,
  n,
  state: 'live',
  phase: 'following',
  position: {},
  done: 0,
  total: 0,
  rate: 0,
  checksums: null,
  problem: null,
  who: FIRST,
  startedAt: new Date(0),
  updatedAt: new Date(0),
  endedAt: null,
});

const underWay = async ({ pool, source }: BuildSite) =>
  (await listBuilds(pool, source.name)).find(({ state }) => state === 'building' || state === 'ready');

async function readyBuild(site: BuildSite): Promise<Build> {
  const { name } = site.source;
  const build = await underWay(site);
  if (build?.state !== 'ready')
    throw new NoSuchBuild(`no build of ${name} is ready. Make one: rollcall projections rebuild ${name} --shadow`);
  return build;
}

async function earlierBuild({ pool, source: { name } }: BuildSite): Promise<Build> {
  const build = (await listBuilds(pool, name)).find(({ state }) => state === 'retired');
  if (!build) throw new NoSuchBuild(`there is no earlier build of ${name} to go back to`);
  return build;
}

async function otherBuild({ pool, source: { name } }: BuildSite, n: number): Promise<Build> {
  const build = (await listBuilds(pool, name)).find((each) => each.n === n);
  if (!build || build.state === 'live') throw new NoSuchBuild(`${name} has no build ${n} that could be dropped`);
  return build;
}

async function dropVerifying(site: BuildSite) {
  const left = await underWay(site);
  if (left?.phase === 'verifying') await drop(site, left);
}

async function drop({ pool }: BuildSite, build: Build) {
  await dropSchema(pool, schemaOf(build));
  await pool.query('DELETE FROM projection_builds WHERE name = $1 AND n = $2', [build.name, build.n]);
}

/** The next number, its row and its empty tables. */
async function begin(site: BuildSite, phase: Phase): Promise<Build> {
  const { pool, source, who } = site;
  await pool.query(
    `INSERT INTO projection_builds (name, n, state, phase, who, ended_at) SELECT $1, $2, 'live', 'following', $3, clock_timestamp()
    WHERE NOT EXISTS (SELECT FROM projection_builds WHERE name = $1 AND state = 'live')`,
    [source.name, source.n, FIRST],
  );
  const total = await source.total(pool);
  return inTransaction(pool, 'BEGIN', async (tx) => {
    await tx.query(
      `INSERT INTO projection_builds (name, n, state, phase, total, who) SELECT $1, max(n) + 1, 'building', $2, $3, $4 FROM projection_builds WHERE name = $1`,
      [source.name, phase, total, who],
    );
    const build = (await listBuilds(tx, source.name))[0];
    if (!build) throw new NoSuchBuild(`the build of ${source.name} is gone`);
    await dropSchema(tx, schemaOf(build));
    await makeShadow(tx, source, schemaOf(build));
    return build;
  });
}

/** Filled, indexed and near to the live one. */
async function bringUp(site: BuildSite, build: Build): Promise<{ rate: number; done: number }> {
  const { pool, source } = site;
  const verifying = build.phase === 'verifying';
  const from = { at: performance.now(), done: build.done };
  let { done } = build;
  const rate = () => Math.round((done - from.done) / Math.max((performance.now() - from.at) / 1000, 0.001));
  const phase = async (next: Phase) => {
    if (!verifying) await record(pool, build, { phase: next, rate: rate() });
  };
  const shown = (at: Phase) =>
    workshop(site, build, at, (by) => {
      done += by;
      return { done, rate: rate() };
    });
  if (build.phase === 'filling' || verifying) {
    await source.fill?.(shown('filling'));
    await phase('indexing');
  }
  const filled = rate();
  if (build.phase !== 'following') {
    site.progress?.({ name: build.name, n: build.n, phase: 'indexing', done, total: build.total, rate: filled });
    await indexShadow(pool, source, schemaOf(build));
    await phase('following');
  }
  await source.catchUp(shown('following'));
  if (!verifying) await record(pool, build, { done, rate: filled });
  return { rate: filled, done };
}

function workshop(
  { pool, progress, stop }: BuildSite,
  build: Build,
  phase: Phase,
  count: (by: number) => Pick<Progress, 'done' | 'rate'> = () => build,
): BuildContext {
  const told = (by: number) => {
    const { done, rate } = count(by);
    progress?.({ name: build.name, n: build.n, phase, done, total: Math.max(build.total, done), rate });
  };
  return { pool, build, signal: stop, progress: told };
}

async function finishUp(
  site: BuildSite,
  build: Build,
  { shadow, evenIfDifferent, rate, done }: { shadow: boolean; evenIfDifferent: boolean; rate: number; done: number },
): Promise<Promoted> {
  const told = { name: build.name, n: build.n, done, rate };
  site.progress?.({ ...told, phase: 'comparing', total: Math.max(build.total, done) });
  const { equal, checksums, differences } = await compareWith(site, build);
  const problem = equal
    ? null
    : `differs from the live one: ${differences.map(({ table, rows, keys }) => `${rows} rows of ${table} (${keys.slice(0, 3).join('; ')})`).join(', ')}`;
  await record(site.pool, build, { checksums, problem, ...(build.state === 'building' ? { state: 'ready' } : {}) });
  if (!equal && !evenIfDifferent)
    throw new BuildsDiffer(
      `build ${build.n} of ${build.name} ${problem}. It stands ready and follows. Look at the rows, then "rollcall projections promote ${build.name}" with --even-if-different, or drop it`,
    );
  if (shadow) return { ...told, state: 'ready', checksums, pauseMs: 0, tries: 0 };
  site.progress?.({ ...told, phase: 'swapping', total: Math.max(build.total, done) });
  const swapped = await swap(site, build);
  await dropOlder(site, swapped.retired);
  return { ...told, state: 'live', checksums, pauseMs: swapped.pauseMs, tries: swapped.tries };
}

/**
 * Both from one snapshot, taken while the live one is held: for milliseconds, because the comparison itself reads the
 * snapshot at leisure, and a transaction that only reads delays no writer.
 */
async function compareWith(site: BuildSite, build: Build): Promise<Omit<Verified, 'name'>> {
  const { pool, source } = site;
  const snapshot = await pool.connect();
  try {
    await withRetries(async () => {
      await source.catchUp(workshop(site, build, 'following'));
      await inTransaction(pool, `BEGIN; SET LOCAL lock_timeout = ${LOCK.waitMs}`, async (holder) => {
        await source.hold(holder, 'compare');
        await inTransaction(pool, `${shortIn(schemaOf(build))}; SET LOCAL lock_timeout = ${LOCK.waitMs}`, (tx) =>
          source.finish(tx, build),
        );
        await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
        await snapshot.query('SELECT 1 FROM projection_builds');
      });
    });
    const { checksums, differences } = await compare(snapshot, source.tables, 'public', schemaOf(build));
    return { equal: differences.length === 0, checksums, differences };
  } finally {
    await endRead(snapshot);
  }
}

async function endRead(client: PoolClient) {
  await client.query('ROLLBACK').then(
    () => {
      client.release();
    },
    () => {
      client.release(true);
    },
  );
}

async function swap(site: BuildSite, build: Build): Promise<{ pauseMs: number; tries: number; retired: number }> {
  const { pool, source } = site;
  const live = (await listBuilds(pool, build.name)).find(({ state }) => state === 'live');
  if (!live) throw new NoSuchBuild(`no build of ${build.name} is live`);
  const [to, from] = [schemaOf(live), schemaOf(build)];
  await openSchema(pool, source, to);
  let pauseMs = 0;
  const tries = await withRetries(async () => {
    await source.catchUp(workshop(site, build, 'following'));
    let begun = 0;
    await inTransaction(
      pool,
      `BEGIN; SET LOCAL lock_timeout = ${LOCK.waitMs}; SET LOCAL search_path = "${from}", public`,
      async (tx) => {
        begun = performance.now();
        await source.hold(tx, 'swap');
        const position: Position = await source.finish(tx, build);
        await tx.query(
          `LOCK TABLE ${source.tables.map((table) => `public."${table}"`).join(', ')} IN ACCESS EXCLUSIVE MODE`,
        );
        await swapTables(tx, source, { to, from });
        await record(tx, live, { state: 'retired', position, ended: true });
        await record(tx, build, { state: 'live', phase: 'following', ended: true });
      },
    );
    pauseMs = performance.now() - begun;
  });
  return { pauseMs: Math.round(pauseMs * 10) / 10, tries, retired: live.n };
}

/** One to go back to is kept. */
async function dropOlder(site: BuildSite, kept: number) {
  for (const build of await listBuilds(site.pool, site.source.name))
    if (build.state === 'retired' && build.n !== kept) await drop(site, build);
}

/** Again while a lock is not to be had within 30 ms: who asks for longer makes everybody behind wait. Answers how often it was tried. */
async function withRetries(work: () => Promise<void>): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return tries;
    } catch (error) {
      if (!LOCK_NOT_AVAILABLE.includes(sqlState(error) ?? '')) throw error;
      if (tries === LOCK.triesMax)
        throw new Error(
          `the live tables could not be held in ${tries} tries of ${LOCK.waitMs} ms: something works on them for long (a vacuum, an open transaction). The build stands as it was; run the same command again`,
          { cause: error },
        );
      await pause(LOCK.pauseMs * (0.5 + Math.random()));
    }
  }
}
