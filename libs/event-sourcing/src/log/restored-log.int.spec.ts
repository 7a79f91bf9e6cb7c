import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { handle, logSchema, PostgresEventStore, reopenLog, UnknownLog } from '#event-sourcing';
import { type EmbeddedServer, startEmbeddedPostgres } from '#local-servers';
import { makeLogger, openPool } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { Pool } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { cause, desk, settledLog, takenDesk } from '../desk.fixture.ts';

const TABLES = ['log_meta', 'log_moves', 'streams', 'events', 'reservations', 'commands', 'checkpoints'];

describe('a log that was dumped and restored into a new cluster', () => {
  let original: TestDatabase;
  let folder: string;
  let server: EmbeddedServer;
  let owner: Pool;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-restored-'));
    [original, server] = await Promise.all([
      testDatabase(logSchema),
      startEmbeddedPostgres({ folder: join(folder, 'postgres'), password: 'restored', flags: ['fsync=off'] }),
    ]);
    owner = new Pool({ connectionString: server.url('postgres'), max: 4 });
    owner.on('error', () => undefined);
  });
  afterAll(async () => {
    await owner.end();
    await Promise.all([server.stop(), original.drop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** By COPY through pg, table by table, as a backup without pg_dump would. */
  async function restore() {
    for (const statement of [...logSchema, 'TRUNCATE log_meta, log_moves']) await owner.query(statement);
    const [from, to] = [await original.pool.connect(), await owner.connect()];
    for (const table of TABLES)
      await pipeline(from.query(copyTo(`COPY ${table} TO STDOUT`)), to.query(copyFrom(`COPY ${table} FROM STDIN`)));
    from.release();
    to.release();
  }

  it('T-ORD-3 takes no append before it was reopened, and then delivers all in order', async () => {
    const there = new PostgresEventStore(original.pool);
    // An older cluster has used up more transaction ids than a new one: without the epoch its events would sort last.
    for (let i = 0; i < 300; i++) await original.pool.query('SELECT pg_current_xact_id()');
    const desks = await Promise.all(Array.from({ length: 5 }, () => takenDesk(there)));
    for (const { id } of desks) await handle(there, desk, id, { type: 'AddItem', amount: 1 }, cause());
    const before = await settledLog(there);
    await restore();

    const url = server.url('postgres');
    const strict = () => openPool(url, { max: 2, application: 'a test', logger: makeLogger('silent') });
    const refused = strict();
    await expect(
      handle(new PostgresEventStore(refused), desk, desks[0]?.id ?? '', { type: 'AddItem', amount: 5 }, cause()),
    ).rejects.toThrow(UnknownLog);
    expect((await owner.query('SELECT FROM events')).rowCount).toBe(before.length);
    await refused.end();

    const [old] = (await owner.query<{ epoch: number }>('SELECT epoch FROM log_meta')).rows;
    expect(await reopenLog(owner)).toEqual({ epoch: (old?.epoch ?? 0) + 1 });
    const pool = strict();
    const here = new PostgresEventStore(pool);
    for (const { id } of desks) await handle(here, desk, id, { type: 'AddItem', amount: 2 }, cause());
    await takenDesk(here);
    const after = await settledLog(here);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after).toHaveLength(before.length + 6);
    for (const [, events] of Map.groupBy(after, (event) => event.streamId))
      expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
    // Names that were taken stay taken, and the newest positions are the largest.
    await expect(
      handle(here, desk, desks[0]?.id ?? '', { type: 'RenameDesk', name: desks[1]?.name ?? '' }, cause()),
    ).rejects.toThrow('desk/name-taken');
    expect(new Set(after.map(({ cursor }) => cursor.pos)).size).toBe(after.length);
    await pool.end();
  });
});
