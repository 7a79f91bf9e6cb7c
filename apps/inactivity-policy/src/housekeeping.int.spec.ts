import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { randomUUID } from 'node:crypto';
import { activeDays, type ActivityKind, forgetActivity, lastActivity, recordActivity } from './activity/activity.ts';
import { forgetGateways, hear, heardUpTo, openGaps } from './gateways/gateways.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

describe('housekeeping of inactivity-policy', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/inactivity-policy/migrations'));
  });
  afterEach(() => database.drop());

  const count = async (table: string) => (await database.pool.query(`SELECT FROM ${table}`)).rowCount;

  it('forgets days of long ago, and of nobody when they were last here', async () => {
    const [gone, here] = [randomUUID(), randomUUID()];
    const use = (accountId: string, kind: ActivityKind, ...days: number[]) =>
      recordActivity(
        database.pool,
        days.map((day) => ({ accountId, kind, occurredAt: daysAgo(day) })),
      );
    await use(gone, 'api', 500, 400, 300);
    await use(gone, 'signIn', 600);
    await use(here, 'session', 300, 250, 200, 181, 180, 179, 0);
    await use(here, 'api', 0);
    const before = await Promise.all([gone, here].map((accountId) => lastActivity(database.pool, accountId)));
    expect(await forgetActivity(database.pool, NOW, 2)).toBe(2);
    await Promise.all([1, 2].map(() => forgetActivity(database.pool, NOW, 500)));
    expect(await forgetActivity(database.pool, NOW, 500)).toBe(0);
    expect(await count('activity')).toBe(1 + 1 + 3 + 1);
    expect(await Promise.all([gone, here].map((accountId) => lastActivity(database.pool, accountId)))).toEqual(before);
  });

  it('keeps each of the 180 days that the holder is shown', async () => {
    const accountId = randomUUID();
    const at = (kind: ActivityKind, day: number) => ({ accountId, kind, occurredAt: daysAgo(day) });
    await recordActivity(database.pool, [at('signIn', 179), at('session', 179), at('api', 0), at('api', 180)]);
    await forgetActivity(database.pool, NOW, 500);
    const none = { signIn: false, session: false, api: false };
    expect(await activeDays(database.pool, accountId, NOW)).toEqual([
      { ...none, day: '2025-12-04', signIn: true, session: true },
      { ...none, day: '2026-06-01', api: true },
    ]);
  });

  it('forgets gateways that nobody waits for, but neither one that is silent nor the last that was heard', async () => {
    const [left, closed, silent, last] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (const instance of [left, closed, silent, last])
      await hear(database.pool, { instance, watermark: NOW, kept: 0, leaving: instance === left || instance === last });
    await database.asOwner(
      `UPDATE gateways SET heard_at = clock_timestamp() - interval '31 days'`,
      `UPDATE gateways SET heard_at = heard_at + interval '1 hour' WHERE instance = '${last}'`,
      `UPDATE gateways SET silent_at = heard_at WHERE instance IN ('${closed}', '${silent}')`,
      `UPDATE gateways SET closed_at = heard_at WHERE instance = '${closed}'`,
    );
    expect(await forgetGateways(database.pool, NOW, 1)).toBe(1);
    expect([await forgetGateways(database.pool, NOW, 500), await forgetGateways(database.pool, NOW, 500)]).toEqual([
      1, 0,
    ]);
    expect((await openGaps(database.pool)).map(({ instance }) => instance)).toEqual([silent]);
    await database.asOwner(`DELETE FROM gateways WHERE instance = '${silent}'`);
    expect(await forgetGateways(database.pool, NOW, 500)).toBe(0);
    expect(await heardUpTo(database.pool, NOW)).toEqual(NOW);
  });
});
