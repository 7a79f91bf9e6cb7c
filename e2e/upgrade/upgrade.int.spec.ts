import { migrate, stepsIn } from '#platform';
import { catalogue, testDatabase } from '#testing';
import { releasedStatements } from './released.fixture.ts';

const FOLDERS: Readonly<Record<string, string>> = {
  identity: 'apps/identity/migrations',
  person_keys: 'apps/identity/migrations/person-keys',
  organization: 'apps/organization/migrations',
  key_management: 'apps/key-management/migrations',
  inactivity_policy: 'apps/inactivity-policy/migrations',
  job_queue: 'apps/job-queue/migrations',
  mailer: 'apps/mailer/migrations',
  bus: 'apps/rollcall/migrations/bus',
};

/** Where not everything is in the log. */
const KEPT: Readonly<Record<string, string>> = { person_keys: 'person_keys', bus: 'bus_log' };

describe('a database of 0.1.0', () => {
  it.each(Object.entries(FOLDERS))(
    'becomes what a new one is, to the last grant, and keeps its rows: %s',
    async (name, folder) => {
      const [released, fresh] = await Promise.all([testDatabase(), testDatabase()]);
      await released.asOwner(...releasedStatements(name));
      const counted = async () =>
        (await released.pool.query<{ kept: number }>(`SELECT count(*)::int AS kept FROM ${KEPT[name] ?? 'events'}`))
          .rows[0]?.kept;
      const before = await counted();
      await migrate(released.ownerUrl, stepsIn(folder));
      await migrate(fresh.ownerUrl, stepsIn(folder));
      expect(await catalogue(released.ownerUrl)).toEqual(await catalogue(fresh.ownerUrl));
      expect(before).toBeGreaterThan(0);
      expect(await counted()).toBe(before);
      await Promise.all([released.drop(), fresh.drop()]);
    },
  );
});
