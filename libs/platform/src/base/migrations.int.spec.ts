import { migrate, type Step } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';

const step = (number: number, sql: string, formerly?: string): Step => ({
  number,
  name: `000${number}-step`,
  sql,
  sha256: `of ${sql}`,
  formerly,
});
const one = step(1, 'CREATE TABLE one (n int); INSERT INTO one VALUES (1)');
const two = step(2, 'INSERT INTO one VALUES (2)');
const three = step(3, 'INSERT INTO one VALUES (3)');

describe('migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(() => database.drop());
  const run = async () =>
    (await database.pool.query<{ n: number }>('SELECT n FROM one ORDER BY n')).rows.map(({ n }) => n);

  it('run once and in their order, also where many replicas start at a moment', async () => {
    await Promise.all(Array.from({ length: 4 }, () => migrate(database.ownerUrl, [one, two])));
    await migrate(database.ownerUrl, [one, two, three]);
    expect(await run()).toEqual([1, 2, 3]);
  });

  it.each([
    ['a step whose text was changed', [one, step(2, 'SELECT 2'), three], '0002-step was changed'],
    [
      'a step with the number of another',
      [one, { ...two, name: '0002-other' }, three],
      'has run 0002-step where 0002-other stands now',
    ],
  ])('refuse %s, say which, and change nothing', async (_, steps, said) => {
    await migrate(database.ownerUrl, [one, two]);
    await expect(migrate(database.ownerUrl, steps)).rejects.toThrow(said);
    expect(await run()).toEqual([1, 2]);
  });

  it('refuse a step that was put before others that have run', async () => {
    await migrate(database.ownerUrl, [one, two, three]);
    await database.asOwner('DELETE FROM migration_steps WHERE number = 2');
    await expect(migrate(database.ownerUrl, [one, two, three])).rejects.toThrow('not 0002-step');
  });

  it('leave a database alone that a newer release has brought further', async () => {
    await migrate(database.ownerUrl, [one, two, three]);
    await migrate(database.ownerUrl, [one, two]);
    expect(await run()).toEqual([1, 2, 3]);
  });

  it('wait for tables that are at work, and end no request of those who use them', async () => {
    const both = step(2, 'ALTER TABLE one ADD COLUMN m int; ALTER TABLE other ADD COLUMN m int');
    await migrate(database.ownerUrl, [one]);
    await database.asOwner('CREATE TABLE other (n int)');
    const user = await database.pool.connect();
    try {
      await user.query('BEGIN; SELECT n FROM other');
      const migrating = migrate(database.ownerUrl, [one, both]);
      const waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'other'::regclass";
      for (const until = performance.now() + 10_000; (await database.pool.query(waits)).rowCount === 0;)
        if (performance.now() > until) throw new Error('it did not wait');
      // What the step has changed already, while it waits for what is read here: one of the two must give way.
      expect((await user.query('SELECT n FROM one')).rowCount).toBe(1);
      await user.query('COMMIT');
      await migrating;
    } finally {
      user.release();
    }
    expect((await database.pool.query('SELECT one.m FROM one LEFT JOIN other USING (m)')).rowCount).toBe(1);
  });

  it('are asked for, by name, by a service that is not the owner, and compared by it', async () => {
    await migrate(database.ownerUrl, [one]);
    await expect(migrate(undefined, [one, two], database.url)).rejects.toThrow('has not run 0002-step');
    await expect(migrate(undefined, [{ ...one, sha256: 'another' }], database.url)).rejects.toThrow(
      '0001-step was changed',
    );
    await migrate(undefined, [one], database.url);
    expect(await run()).toEqual([1]);
  });

  it('undo a step that fails, and go on with it when it is right', async () => {
    await expect(
      migrate(database.ownerUrl, [one, step(2, 'INSERT INTO one VALUES (9); SELECT wrong')]),
    ).rejects.toThrow('wrong');
    expect(await run()).toEqual([1]);
    await migrate(database.ownerUrl, [one, two]);
    expect(await run()).toEqual([1, 2]);
  });

  it('count what a database has run under an old name, and compare it from then on', async () => {
    await database.asOwner(
      'CREATE TABLE migrations (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)',
      `INSERT INTO migrations (timestamp, name) VALUES (1, 'Service0000000000001')`,
      'CREATE TABLE one (n int)',
      'INSERT INTO one VALUES (1)',
    );
    const known = step(1, one.sql, 'Service0000000000001');
    await migrate(database.ownerUrl, [known, two]);
    expect(await run()).toEqual([1, 2]);
    await expect(migrate(database.ownerUrl, [{ ...known, sha256: 'another' }, two])).rejects.toThrow(
      '0001-step was changed',
    );
  });

  it('are written down where the service reads and cannot write', async () => {
    await migrate(database.ownerUrl, [one]);
    for (const table of ['migrations', 'migration_steps']) {
      for (const write of [
        `INSERT INTO ${table} DEFAULT VALUES`,
        `UPDATE ${table} SET name = ''`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ]) {
        await expect(database.pool.query(write)).rejects.toThrow(`permission denied for table ${table}`);
      }
    }
    expect((await database.pool.query('SELECT name FROM migration_steps')).rows).toEqual([{ name: '0001-step' }]);
  });
});
