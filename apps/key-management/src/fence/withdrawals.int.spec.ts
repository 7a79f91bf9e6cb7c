import { randomUUID } from 'node:crypto';
import { PostgresEventStore } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { note, withdrawals } from './withdrawals.ts';

describe('what goes with a commit that withdraws', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
  });
  afterAll(() => database.drop());

  const [a, b, key] = [randomUUID(), randomUUID(), randomUUID()];
  const written = async () =>
    (
      await database.pool.query<{ seq: number; subjects: string[] }>(
        'SELECT seq::int, array_agg(subject::text ORDER BY subject) AS subjects FROM withdrawals GROUP BY seq ORDER BY seq',
      )
    ).rows;

  it('is nothing where nobody is withdrawn', async () => {
    await database.pool.query('SELECT 1');
    expect(withdrawals(database.pool, [])).toBeUndefined();
  });

  it('takes down all of one transaction under one number, each once, and the next under the next', async () => {
    const store = new PostgresEventStore(database.pool);
    const [{ seq: before } = { seq: 0 }] = (await database.pool.query<{ seq: number }>('SELECT seq::int FROM fence'))
      .rows;
    for (const keys of [[key, key], []])
      await store.transact(async (_inside, tx) => {
        note(tx, a);
        note(tx, b);
        note(tx, a);
        await tx.query(withdrawals(tx, keys) ?? '');
      });
    expect(await written()).toEqual([
      { seq: before + 1, subjects: [a, b, key].sort() },
      { seq: before + 2, subjects: [a, b].sort() },
    ]);
  });

  it('is of its own transaction alone, and of one that is over it says no more', () => {
    const [one, two] = [
      { query: database.pool.query.bind(database.pool) },
      { query: database.pool.query.bind(database.pool) },
    ];
    note(one, a);
    expect(withdrawals(two, [])).toBeUndefined();
    expect(withdrawals(one, [])).toContain(a);
    expect(withdrawals(one, [])).toBeUndefined();
  });

  it('is text in which nothing but ids may stand', () => {
    for (const odd of ["'; DROP TABLE fence", 'x', a.toUpperCase(), ''])
      expect(() => withdrawals(database.pool, [a, odd])).toThrow('can be withdrawn');
  });
});
