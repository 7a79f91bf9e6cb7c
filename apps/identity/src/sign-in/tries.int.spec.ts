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
});
