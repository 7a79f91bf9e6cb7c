import { forgetHourly, migrate, stepsIn, takeHourly } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { forgetWithdrawals, withdrawalsAfter } from './fence/fence.query.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');

describe('housekeeping of key-management', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
  });
  afterEach(() => database.drop());

  it('forgets withdrawals of more than an hour ago, a number with all its subjects or not at all', async () => {
    // Ten numbers, a minute apart, with four subjects each, written one after the other; the fourth number stands on the border.
    await database.asOwner(
      `INSERT INTO withdrawals SELECT epoch, seq, gen_random_uuid(), clock_timestamp() - interval '1 hour' + (seq - 4) * interval '1 minute' + (n - 2) * interval '10 s'
         FROM log_meta, generate_series(1, 10) AS seq, generate_series(1, 4) AS n`,
      'UPDATE fence SET seq = 10',
    );
    const {
      rows: [meta],
    } = await database.pool.query<{ epoch: number }>('SELECT epoch FROM log_meta');
    const epoch = meta?.epoch ?? 0;
    expect(await forgetWithdrawals(database.pool, NOW, 1)).toBe(4);
    expect(await forgetWithdrawals(database.pool, NOW, 500)).toBe(12);
    expect(await forgetWithdrawals(database.pool, NOW, 500)).toBe(0);
    expect(await withdrawalsAfter(database.pool, epoch, 3)).toBe('forgotten');
    const left = await withdrawalsAfter(database.pool, epoch, 4);
    expect(left).not.toBe('forgotten');
    expect((left as { seq: number; subjects: string[] }[]).map(({ seq, subjects }) => [seq, subjects.length])).toEqual(
      [5, 6, 7, 8, 9, 10].map((seq) => [seq, 4]),
    );
  });

  it('forgets limits that are over', async () => {
    for (const [subject, minutes] of [
      ['over', 60],
      ['running', 59],
    ] as const)
      await takeHourly(database.pool, subject, 1, new Date(NOW.getTime() - minutes * 60_000));
    expect(await forgetHourly(database.pool, NOW, 500)).toBe(1);
    expect([
      await takeHourly(database.pool, 'over', 1, NOW),
      await takeHourly(database.pool, 'running', 1, NOW),
    ]).toEqual([true, false]);
  });
});
