import { testDatabase, type TestDatabase } from '#testing';
import { inTransaction, shortIn } from './transaction.ts';

describe('one transaction on a connection of its own', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(['CREATE TABLE notes (text text PRIMARY KEY)', 'CREATE SCHEMA other']);
    // The server of the tests waits for no disk.
    await database.asOwner(`ALTER DATABASE ${database.name} SET synchronous_commit = on`);
  });
  beforeEach(() => database.pool.query('DELETE FROM notes'));
  afterAll(() => database.drop());

  const note = (text: string) => ({ text: 'INSERT INTO notes VALUES ($1)', values: [text] });
  const notes = async () =>
    (await database.pool.query<{ text: string }>('SELECT text FROM notes')).rows.map((row) => row.text);
  /** Whether every connection was given back, and answers. */
  const idle = async () => {
    const { pool } = database;
    await pool.query('SELECT 1');
    return [pool.totalCount - pool.idleCount, pool.waitingCount];
  };

  it('keeps all of its work, answers what it came to, and gives the connection back', async () => {
    const answer = await inTransaction(database.pool, 'BEGIN', async (client) => {
      await client.query(note('one'));
      return 'done';
    });
    expect([answer, await notes(), await idle()]).toEqual(['done', ['one'], [0, 0]]);
  });

  it('keeps nothing of work that fails, and says nothing of the values that it failed by', async () => {
    const failing = inTransaction(database.pool, 'BEGIN', async (client) => {
      await client.query(note('Ada'));
      await client.query(note('Ada'));
    });
    const error: unknown = await failing.catch((each: unknown) => each);
    expect(error).toMatchObject({ code: '23505' });
    expect(
      JSON.stringify(Object.getOwnPropertyNames(error).map((name) => Reflect.get(error as object, name) as unknown)),
    ).not.toContain('Ada');
    expect([await notes(), await idle()]).toEqual([[], [0, 0]]);
  });

  it('gives back no connection that is broken', async () => {
    let pid = 0;
    const failing = inTransaction(database.pool, 'BEGIN', async (client) => {
      client.on('error', () => undefined);
      pid = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
      await client.query(note('one'));
      await database.asOwner(`SELECT pg_terminate_backend(${pid})`);
      await client.query(note('two'));
    });
    await expect(failing).rejects.toThrow();
    const others = await Promise.all(
      Array.from({ length: 5 }, () => database.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')),
    );
    expect(others.map(({ rows }) => rows[0]?.pid)).not.toContain(pid);
    expect([await notes(), await idle()]).toEqual([[], [0, 0]]);
  });

  it('begins as it is told, for itself alone', async () => {
    const set = async (client: { query: typeof database.pool.query }) =>
      (
        await client.query<{ path: string; commit: string }>(
          "SELECT current_setting('search_path') AS path, current_setting('synchronous_commit') AS commit",
        )
      ).rows[0];
    const inside = await inTransaction(database.pool, shortIn('other'), (client) =>
      set(client as unknown as { query: typeof database.pool.query }),
    );
    expect(inside).toEqual({ path: 'other, public', commit: 'off' });
    expect((await set(database.pool))?.commit).toBe('on');
  });
});
