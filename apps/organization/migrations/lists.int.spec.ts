import { randomUUID } from 'node:crypto';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';

const steps = stepsIn('apps/organization/migrations');

describe('the migration that makes room for what lists show', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
    await migrate(
      database.ownerUrl,
      steps.filter(({ number }) => number < 14),
    );
  });
  afterAll(() => database.drop());

  it('finds in the log since when projects are there, also in a build beside, and who did what the record holds', async () => {
    const [organizationId, projectId] = [randomUUID(), randomUUID()];
    const events = (['account:a', 'operator:ada'] as const).map((actor) => ({ actor, eventId: randomUUID() }));
    const foreign = randomUUID();
    const project = (place: string) =>
      `INSERT INTO ${place}.projects (project_id, organization_id, name, archived) VALUES ('${projectId}', '${organizationId}', 'Chemistry', false)`;
    await database.asOwner(
      'CREATE SCHEMA organization_directory_2',
      'CREATE TABLE organization_directory_2.projects (LIKE public.projects INCLUDING ALL)',
      'CREATE TABLE organization_directory_2.project_members (LIKE public.project_members INCLUDING ALL)',
      project('public'),
      project('organization_directory_2'),
      ...events.map(
        ({ actor, eventId }, i) => `
          INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
          VALUES (pg_current_xact_id(), 'organization-${organizationId}', ${i + 1}, 'ProjectCreated', 1, '${eventId}',
            '{"projectId": "${i === 0 ? projectId : randomUUID()}"}', '{"actor": "${actor}"}', '2026-01-0${i + 1}', 1)`,
      ),
      ...[...events.map(({ eventId }) => eventId), foreign].map(
        (eventId, i) =>
          `INSERT INTO organization_record (organization_id, seq, event_id, type, at, data) VALUES ('${organizationId}', ${i + 1}, '${eventId}', 'ProjectCreated.v1', now(), '{}')`,
      ),
    );
    await migrate(database.ownerUrl, steps);
    await database.asOwner(
      `GRANT USAGE ON SCHEMA organization_directory_2 TO ${database.name}`,
      `GRANT SELECT ON organization_directory_2.projects TO ${database.name}`,
    );
    for (const place of ['public', 'organization_directory_2'])
      expect((await database.pool.query(`SELECT created_at FROM ${place}.projects`)).rows).toEqual([
        { created_at: new Date('2026-01-01T00:00:00Z') },
      ]);
    expect((await database.pool.query('SELECT actor FROM organization_record ORDER BY seq')).rows).toEqual([
      { actor: 'account:a' },
      { actor: 'operator' },
      { actor: null },
    ]);
  });

  it('finds it also for a project that a process of the release before writes during the upgrade', async () => {
    await migrate(database.ownerUrl, steps);
    const [organizationId, projectId] = [randomUUID(), randomUUID()];
    await database.asOwner(
      `INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
       VALUES (pg_current_xact_id(), 'organization-${organizationId}', 1, 'ProjectCreated', 1, '${randomUUID()}',
         '{"projectId": "${projectId}"}', '{}', '2026-02-03', 1)`,
    );
    const { rows } = await database.pool.query<{ created_at: Date }>(
      'INSERT INTO projects (project_id, organization_id, name, archived) VALUES ($1, $2, $3, false) RETURNING created_at',
      [projectId, organizationId, 'Physics'],
    );
    expect(rows).toEqual([{ created_at: new Date('2026-02-03T00:00:00Z') }]);
  });
});
