import { inTransaction } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { type Limit, Tries } from './tries.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const limit = (subject: string): Limit => ({
  subject,
  policy: { free: 1, waitMaxS: 60 },
  onRight: 'clear',
  off: 'it is off',
});

describe('tries', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/identity/migrations'));
  });
  afterEach(() => database.drop());

  it('that what is written refuses wait for no lock and write nothing: a flood keeps nobody else waiting', async () => {
    const tries = new Tries(database.pool, () => NOW);
    const guess = (network: string) => tries.take([limit(network), limit('anywhere')], async () => undefined);
    await guess('here');
    await inTransaction(database.pool, 'BEGIN', async (tx) => {
      await tx.query(`SELECT FROM tries WHERE subject = 'anywhere' FOR UPDATE`);
      await expect(guess('elsewhere')).rejects.toMatchObject({ code: 'request/rate-limited' });
    });
    const { rows } = await database.pool.query('SELECT subject, taken FROM tries ORDER BY subject');
    expect(rows).toEqual([
      { subject: 'anywhere', taken: 1 },
      { subject: 'here', taken: 1 },
    ]);
  });

  it('are counted one by one where many come at once, from all of their subjects or from none', async () => {
    const free = (subject: string): Limit => ({ ...limit(subject), policy: { free: 8, waitMaxS: 60 } });
    const tries = new Tries(database.pool, () => NOW);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => tries.take([free(`${n % 2}`), free('anywhere')], async () => undefined)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
    const { rows } = await database.pool.query<{ subject: string; taken: number }>(
      'SELECT subject, taken FROM tries ORDER BY subject',
    );
    const taken = Object.fromEntries(rows.map((row) => [row.subject, row.taken]));
    expect(taken['anywhere']).toBe(8);
    expect((taken['0'] ?? 0) + (taken['1'] ?? 0)).toBe(8);
  });
});
