import { Doorbell, LogWatch, logSchema, PostgresEventStore, pruneCommands, START, UnknownLog, verifyLogIdentity } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { cause } from '../desk.fixture.ts';

describe('health of the log', () => {
  let database: TestDatabase;
  beforeAll(async () => { database = await testDatabase(logSchema); });
  afterAll(() => database.drop());

  it('knows the log it was opened for, and refuses a copy of it', async () => {
    await verifyLogIdentity(database.pool);
    await database.asOwner('UPDATE log_meta SET timeline = timeline + 1');
    await expect(verifyLogIdentity(database.pool)).rejects.toThrow(UnknownLog);
    await database.asOwner('UPDATE log_meta SET timeline = timeline - 1, system_identifier = system_identifier - 1');
    await expect(verifyLogIdentity(database.pool)).rejects.toThrow(UnknownLog);
  });

  it('forgets old commands in chunks and keeps the young', async () => {
    await database.pool.query(`INSERT INTO commands (id, stream_id, version, recorded_at)
      SELECT 'c' || i, 's-1', 1, CASE WHEN i <= 1201 THEN '2001-01-01'::timestamptz ELSE '2001-01-03' END FROM generate_series(1, 1210) AS i`);
    const sizes: (number | null)[] = [];
    const sql: typeof database.pool.query = database.pool.query.bind(database.pool);
    const pruned = await pruneCommands({ query: async (text, values) => {
      const result = await (sql as (t: unknown, v: unknown) => Promise<{ rows: never[]; rowCount: number | null }>)(text, values);
      sizes.push(result.rowCount);
      return result;
    } }, new Date('2001-01-02'));
    expect(pruned).toBe(1201);
    expect(sizes).toEqual([500, 500, 201]);
    expect((await database.pool.query('SELECT FROM commands')).rowCount).toBe(9);
  });

  it('hears by NOTIFY what another process has appended', async () => {
    const here = new Doorbell();
    const listener = new pg.Client({ connectionString: database.url });
    await listener.connect();
    await listener.query('LISTEN log');
    listener.on('notification', () => here.heard());
    const there = new PostgresEventStore(database.pool, { doorbell: new Doorbell({ sql: database.pool, channel: 'log' }) });
    const watch = new LogWatch(database.pool, here, { minMs: 5, maxMs: 20_000 });
    watch.start();
    await there.append({ streamId: `thing-${uuid()}`, expectedVersion: 0, events: [{ type: 'A', data: {} }], cause: cause() });
    await watch.after(START);
    await watch.stop();
    await listener.end();
  });
});
