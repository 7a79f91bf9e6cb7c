import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { forgetTries, Tries } from './sign-in/tries.ts';
import { forgetTouches } from './session/sessions.query.ts';
import { dropExpiredAddresses } from './email-address/pending-address.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const limit = (subject: string) =>
  ({ subject, policy: { free: 5, waitMaxS: 60, most: 100 }, onRight: 'clear', off: 'it is off' }) as const;
const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

describe('housekeeping of identity', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/identity/migrations'));
  });
  afterEach(() => database.drop());

  const names = async (column: string, table: string) =>
    (await database.pool.query<{ name: string }>(`SELECT ${column} AS name FROM ${table} ORDER BY 1`)).rows.map(
      ({ name }) => name,
    );

  it('forgets who has not tried for 30 days, but no password that is out of use', async () => {
    const wrong = async (subject: string, times: number, at: Date) => {
      // A minute between two tries: the longest wait.
      for (let i = 0; i < times; i++)
        await new Tries(database.pool, () => new Date(at.getTime() - (times - i) * 61_000)).take(
          [limit(subject)],
          async () => undefined,
        );
    };
    await wrong('once, long ago', 1, ago(31));
    await wrong('often, long ago', 99, ago(31));
    await wrong('locked', 100, ago(400));
    await wrong('lately', 1, ago(29));
    expect(await forgetTries(database.pool, NOW, 1)).toBe(1);
    expect(await forgetTries(database.pool, NOW, 10)).toBe(1);
    expect(await names('subject', 'tries')).toEqual(['lately', 'locked']);
    await expect(new Tries(database.pool, () => NOW).take([limit('locked')], async () => 'right')).rejects.toThrow(
      'it is off',
    );
  });

  it('forgets addresses of sign-ups that have expired, and touches of sessions that have, whoever does it at the same time', async () => {
    await database.pool.query(
      `INSERT INTO pending_addresses SELECT ('00000000-0000-0000-0000-' || lpad(days::text, 12, '0'))::uuid, 'd', '', $1::timestamptz - days * interval '1 day' FROM generate_series(0, 40) AS days`,
      [NOW],
    );
    await database.pool.query(
      `INSERT INTO session_touches SELECT ('00000000-0000-0000-0000-' || lpad(days::text, 12, '0'))::uuid, $1::timestamptz - days * interval '1 day' FROM generate_series(0, 40) AS days`,
      [NOW],
    );
    const all = async (work: typeof forgetTouches) =>
      (await Promise.all([1, 2, 3].map(() => work(database.pool, NOW, 500)))).reduce(
        (sum, removed) => sum + removed,
        0,
      );
    expect([await all(dropExpiredAddresses), await all(forgetTouches)]).toEqual([39, 11]);
    expect(await names('sign_up_id', 'pending_addresses')).toHaveLength(2);
    expect((await names('session_id', 'session_touches')).at(-1)).toBe('00000000-0000-0000-0000-000000000029');
  });
});
