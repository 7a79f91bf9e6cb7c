import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type BuildOptions,
  buildsSchema,
  Doorbell,
  LogSource,
  logSchema,
  PostgresEventStore,
  projections,
  rebuild,
  verify,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { addShelves, keepAppending, shelfSchema, shelves } from './shelf.fixture.ts';

const PROGRAM = join(import.meta.dirname, 'killed.program.ts');

describe('a rebuild that is killed', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  let options: BuildOptions;
  beforeEach(async () => {
    database = await testDatabase([...logSchema, ...buildsSchema, ...shelfSchema]);
    store = new PostgresEventStore(database.pool, { doorbell: new Doorbell(), inline: [shelves] });
    options = { ownerDatabaseUrl: database.ownerUrl, sources: [new LogSource(shelves, 'inline')], who: 'a test' };
  });
  afterEach(() => database.drop());

  /** Rebuilds in another process, which is killed as soon as it says something that matches; what it has said last. */
  async function killedAt(said: RegExp): Promise<string> {
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--experimental-transform-types', '--no-warnings', PROGRAM, database.ownerUrl, 'inline'],
      { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let last = '';
    createInterface(child.stdout).on('line', (line) => {
      last = line;
      if (said.test(line)) child.kill('SIGKILL');
    });
    await new Promise((ended) => child.once('close', ended));
    return last;
  }

  it('T-RB-4 goes on where it was, whatever it was doing, and the live one never notices', async () => {
    await addShelves(store, 3_000, 12);
    let stopped = false;
    const writing = keepAppending(store, 2, () => stopped);
    const before = (await database.pool.query<{ oid: string }>(`SELECT 'books'::regclass::oid::text AS oid`)).rows[0]
      ?.oid;
    const states: string[] = [];
    for (const point of [/^filling/, /^indexing/, /^following/, /^comparing/, /^swapping/]) {
      await killedAt(point);
      const [newest] = await projections(options);
      states.push(`${newest?.n} ${newest?.state}`);
      await database.pool.query('SELECT count(*) FROM books JOIN shelves USING (shelf_id)');
      if (newest?.state === 'live') break;
      expect(
        (await database.pool.query<{ oid: string }>(`SELECT 'books'::regclass::oid::text AS oid`)).rows[0]?.oid,
      ).toBe(before);
    }
    // One and the same build all the time: no process began anew.
    expect(states.every((state) => state.startsWith('2 '))).toBe(true);
    expect(states[0]).toBe('2 building');
    if (!states.at(-1)?.endsWith('live'))
      expect(await rebuild(options, 'shelves')).toMatchObject({ n: 2, state: 'live' });
    stopped = true;
    expect(await writing).toBeGreaterThan(10);
    expect(await verify(options, 'shelves')).toMatchObject({ equal: true, differences: [] });
  });

  it('T-RB-4 leaves nothing of a verification that was killed, once the next one has run', async () => {
    await addShelves(store, 50);
    await database.asOwner(
      `INSERT INTO projection_builds (name, n, state, who) VALUES ('shelves', 1, 'live', 'a test'), ('shelves', 2, 'building', 'somebody killed')`,
      `UPDATE projection_builds SET phase = 'verifying' WHERE n = 2`,
      'CREATE SCHEMA shelves_2',
      'CREATE TABLE shelves_2.books (LIKE books)',
    );
    expect(await verify(options, 'shelves')).toMatchObject({ equal: true });
    expect((await projections(options)).map(({ n, state }) => [n, state])).toEqual([[1, 'live']]);
    expect((await database.pool.query(`SELECT FROM pg_namespace WHERE nspname LIKE 'shelves%'`)).rowCount).toBe(0);
  });
});
