import { randomUUID } from 'node:crypto';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { acknowledge, forgetWithdrawals, standing, withdrawalsAfter } from './fence.query.ts';

describe('the tables of the fence', () => {
  let database: TestDatabase;
  let epoch: number;
  const [one, two] = [randomUUID(), randomUUID()];
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
    ({ epoch } = await standing(database.pool));
  });
  afterEach(() => database.drop());

  const sql = (text: string, values: unknown[] = []) => database.pool.query<Record<string, unknown>>(text, values);
  const withdraw = (seq: number, ...subjects: string[]) =>
    sql('INSERT INTO withdrawals (epoch, seq, subject) SELECT $1, $2, unnest($3::uuid[])', [epoch, seq, subjects]);
  const stand = (seq: number) => sql('UPDATE fence SET seq = $1, lease_ms = 7000', [seq]);
  const row = async (instance: string) =>
    (await sql('SELECT epoch, applied::int, lease_ms, renewal::int FROM followers WHERE instance = $1', [instance]))
      .rows[0];

  it('say where the withdrawals stand, and say aloud that they are not there', async () => {
    await stand(3);
    expect(await standing(database.pool)).toMatchObject({ epoch, seq: 3, leaseMs: 7_000, reopened: 0 });
    await sql('DELETE FROM fence');
    await expect(standing(database.pool)).rejects.toThrow('the fence has no row');
  });

  it('give a row to who registers alone, and take down what was applied, which never goes down', async () => {
    await stand(9);
    const said = (applied: number, registering = false, of = epoch) =>
      acknowledge(database.pool, { instance: one, epoch: of, applied }, registering);
    expect([await said(3), await row(one)]).toEqual([undefined, undefined]);
    expect([await said(3, true, epoch + 1), await row(one)]).toEqual([undefined, undefined]);
    expect([await said(3, true), await row(one)]).toEqual([7_000, expect.objectContaining({ epoch, applied: 3 })]);
    const first = await row(one);
    expect([await said(5), (await row(one))?.applied]).toEqual([7_000, 5]);
    expect((await row(one))?.renewal).not.toBe(first?.renewal);
    expect([await said(4), await said(2, true), (await row(one))?.applied]).toEqual([7_000, 7_000, 5]);
    expect(await said(6, false, epoch + 1)).toBeUndefined();
  });

  it('bring what was withdrawn after a place, in order, all of one number together', async () => {
    for (const [seq, ...subjects] of [
      [1, one],
      [2, one, two],
      [3, two],
    ] as [number, ...string[]][])
      await withdraw(seq, ...subjects);
    await stand(3);
    const after = async (place: number, upTo?: number) => {
      const found = await withdrawalsAfter(database.pool, epoch, place, upTo);
      return found === 'forgotten' ? found : found.map(({ epoch: of, seq, subjects }) => [of, seq, subjects.length]);
    };
    expect(await after(0)).toEqual([
      [epoch, 1, 1],
      [epoch, 2, 2],
      [epoch, 3, 1],
    ]);
    expect(await after(1, 2)).toEqual([[epoch, 2, 2]]);
    expect(await after(3)).toEqual([]);
    expect(await after(2, 2)).toEqual([]);
    expect(await after(4)).toBe('forgotten');
    for (const place of [0, 3]) expect(await withdrawalsAfter(database.pool, epoch + 1, place)).toBe('forgotten');
    await sql('DELETE FROM withdrawals WHERE seq = 1');
    expect([await after(0), await after(1)]).toEqual(['forgotten', expect.any(Array)]);
    await sql('DELETE FROM withdrawals');
    expect([await after(2), await after(3)]).toEqual(['forgotten', []]);
  });

  it('forget what is older than an hour, always all up to a number', async () => {
    for (const [seq, ...subjects] of [
      [1, one, two],
      [2, one],
      [3, two],
    ] as [number, ...string[]][])
      await withdraw(seq, ...subjects);
    await sql("UPDATE withdrawals SET recorded_at = clock_timestamp() - interval '61 minutes' WHERE seq < 3");
    expect(await forgetWithdrawals(database.pool, new Date(), 1)).toBe(2);
    expect(await forgetWithdrawals(database.pool, new Date(), 9)).toBe(1);
    expect(await forgetWithdrawals(database.pool, new Date(), 9)).toBe(0);
    expect((await sql('SELECT seq::int FROM withdrawals')).rows).toEqual([{ seq: 3 }]);
  });
});
