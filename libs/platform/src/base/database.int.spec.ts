import { makeLogger, openPool, problemOf } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => problemOf(error)?.code,
  );

describe('the pool of a service', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());
  const open = (url: string, waitMs?: number) =>
    openPool(url, {
      max: 2,
      application: 'a test',
      logger: makeLogger('silent'),
      ...(waitMs === undefined ? {} : { waitMs }),
    });

  it('says that it is busy, not that the database is away, when all connections are in use for too long', async () => {
    const pool = open(database.url, 1_000);
    const held = await Promise.all([pool.connect(), pool.connect()]);
    expect(await outcome(pool.query('SELECT 1'))).toBe('service/busy');
    for (const client of held) client.release();
    expect(await outcome(pool.query('SELECT 1'))).toBe('done');
    await pool.end();
  });

  it('serves those who wait, and refuses at once those behind the end of the queue', async () => {
    const pool = open(database.url);
    const held = await Promise.all([pool.connect(), pool.connect()]);
    const asked = Array.from({ length: 300 }, () => outcome(pool.query('SELECT 1')));
    expect(await outcome(pool.connect())).toBe('service/busy');
    for (const client of held) client.release();
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((code) => code === 'done')).toHaveLength(256);
    expect(outcomes.filter((code) => code === 'service/busy')).toHaveLength(44);
    await pool.end();
  });
});
