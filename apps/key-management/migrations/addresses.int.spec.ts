import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';

const steps = stepsIn('apps/key-management/migrations');

describe('the migration that makes room for the addresses of keys', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
    await migrate(
      database.ownerUrl,
      steps.filter(({ number }) => number < 9),
    );
  });
  afterAll(() => database.drop());

  it('lets every key that there is work from anywhere, in the live table and in a build that follows beside it', async () => {
    const key = `INSERT INTO {} (key_id, digest, account_id, project_id, organization_id, name, start, scopes, created_at) VALUES (gen_random_uuid(), 'd', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'laptop', 'rck', '{}', now())`;
    await database.asOwner(
      'CREATE SCHEMA key_directory_2',
      'CREATE TABLE key_directory_2.key_directory (LIKE public.key_directory INCLUDING ALL)',
      ...['public', 'key_directory_2'].map((place) => key.replace('{}', `${place}.key_directory`)),
    );
    await expect(database.pool.query('SELECT addresses FROM key_directory')).rejects.toThrow('addresses');
    await migrate(database.ownerUrl, steps);
    await migrate(database.ownerUrl, steps);
    await database.asOwner(
      `GRANT USAGE ON SCHEMA key_directory_2 TO ${database.name}`,
      `GRANT SELECT ON key_directory_2.key_directory TO ${database.name}`,
    );
    for (const place of ['public', 'key_directory_2'])
      expect((await database.pool.query(`SELECT addresses FROM ${place}.key_directory`)).rows).toEqual([
        { addresses: [] },
      ]);
  });
});
