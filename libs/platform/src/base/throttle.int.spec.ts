import { testDatabase, type TestDatabase } from '#testing';
import { forgetHourly, takeHourly, throttlesSchema } from './throttle.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const at = (minutes: number) => new Date(NOON + minutes * 60_000);

describe('what may be done so often an hour', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(throttlesSchema);
  });
  afterAll(() => database.drop());

  const take = (subject: string, minutes: number, max = 3) => takeHourly(database.pool, subject, max, at(minutes));

  it('is refused once it was, and counted from the first on: with the next hour all of it is there again', async () => {
    const taken = [];
    for (const minutes of [0, 20, 40, 59, 60, 61, 119, 119]) taken.push(await take('one', minutes));
    expect(taken).toEqual([true, true, true, false, true, true, true, false]);
  });

  it('is counted for each by itself', async () => {
    expect([await take('ada', 0, 1), await take('eve', 0, 1), await take('ada', 1, 1)]).toEqual([true, true, false]);
  });

  it('is counted one by one, also when it is asked for at the same moment', async () => {
    const taken = await Promise.all(Array.from({ length: 12 }, () => take('flood', 0, 5)));
    expect(taken.filter(Boolean)).toHaveLength(5);
  });

  it('is forgotten when its hour is over, not before, and not more of it at once than was said', async () => {
    await database.pool.query('DELETE FROM throttles');
    for (const subject of ['a', 'b', 'c']) await take(subject, 0, 1);
    await take('late', 1, 1);
    expect(await forgetHourly(database.pool, at(59), 10)).toBe(0);
    expect([await forgetHourly(database.pool, at(60), 2), await forgetHourly(database.pool, at(60), 10)]).toEqual([
      2, 1,
    ]);
    expect([await take('late', 2, 1), await take('a', 60, 1)]).toEqual([false, true]);
  });
});
