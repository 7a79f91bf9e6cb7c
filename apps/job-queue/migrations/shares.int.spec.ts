import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';

const steps = stepsIn('apps/job-queue/migrations');

describe('the migration to shares', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
    await migrate(
      database.ownerUrl,
      steps.filter(({ number }) => number < 7),
    );
  });
  afterAll(() => database.drop());

  it('keeps the jobs that there are, and gives the index of who waits to a build that follows beside the live table', async () => {
    await database.asOwner(
      'CREATE SCHEMA jobs_2',
      'CREATE TABLE jobs_2.jobs (LIKE public.jobs INCLUDING ALL)',
      `INSERT INTO job_inputs (job_id, type, shots, dry_run, noise, metadata, settings, stats, children, circuits) VALUES (gen_random_uuid(), 'ionq.circuit.v1', 100, false, '{}', '{}', '{}', '{}', '[]', '[]')`,
    );
    await migrate(database.ownerUrl, steps);
    await migrate(database.ownerUrl, steps);
    expect((await database.pool.query('SELECT organization_id, estimated_ms, spent_ms FROM job_inputs')).rows).toEqual([
      { organization_id: null, estimated_ms: null, spent_ms: 0 },
    ]);
    expect(
      (
        await database.pool.query(
          `SELECT schemaname FROM pg_indexes WHERE indexname = 'jobs_waiting' ORDER BY schemaname`,
        )
      ).rows,
    ).toEqual([{ schemaname: 'jobs_2' }, { schemaname: 'public' }]);
  });
});
