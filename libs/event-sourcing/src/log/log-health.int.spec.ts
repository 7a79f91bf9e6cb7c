import { Doorbell, LogWatch, logSchema, PostgresEventStore, pruneCommands, START } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { cause } from '../desk.fixture.ts';

describe('health of the log', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
  });
  afterAll(() => database.drop());

  it('forgets commands of more than a day ago, the oldest first and not all at once', async () => {
    await database.pool.query(`INSERT INTO commands (id, stream_id, version, recorded_at)
      SELECT 'c' || hours, 's-1', 1, clock_timestamp() - hours * interval '1 hour' FROM generate_series(20, 30) AS hours`);
    const left = async () =>
      (await database.pool.query<{ id: string }>('SELECT id FROM commands ORDER BY recorded_at')).rows
        .map(({ id }) => id)
        .join();
    expect(await pruneCommands(database.pool, 4)).toBe(4);
    expect(await left()).toBe('c26,c25,c24,c23,c22,c21,c20');
    expect([await pruneCommands(database.pool, 4), await pruneCommands(database.pool, 4)]).toEqual([3, 0]);
    expect(await left()).toBe('c23,c22,c21,c20');
  });

  it('hears by NOTIFY what another process has appended', async () => {
    const here = new Doorbell();
    const listener = new pg.Client({ connectionString: database.url });
    await listener.connect();
    await listener.query('LISTEN log');
    listener.on('notification', () => here.wake());
    const there = new PostgresEventStore(database.pool, {
      doorbell: new Doorbell({ sql: database.pool, channel: 'log' }),
    });
    const watch = new LogWatch(database.pool, here, { minMs: 5, maxMs: 20_000 });
    watch.start();
    await there.append({
      streamId: `thing-${uuid()}`,
      expectedVersion: 0,
      events: [{ type: 'A', data: {} }],
      cause: cause(),
    });
    await watch.after(START);
    await watch.stop();
    await listener.end();
  });
});
