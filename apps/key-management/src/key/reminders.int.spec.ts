import { handle, PostgresEventStore } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { keyDirectory } from './key-directory.projection.ts';
import { key, type KeyCommand } from './key.decider.ts';
import { issued, rotated } from './key.example.ts';
import { remindHolders } from './reminders.ts';

const START = new Date('2026-01-01T12:00:00.000Z');
const DAY_MS = 86_400_000;
const day = (days: number) => new Date(START.getTime() + days * DAY_MS);

describe('reminders of keys that expire', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  let projectId: string;
  const holders = new Map<string, { accountId: string; organizationId: string }>();
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
    store = new PostgresEventStore(database.pool, { inline: [keyDirectory] });
    projectId = await place();
  });
  afterEach(() => database.drop());

  /** A project of an organization of its own, with a member whose account is as it is told. */
  async function place(how = ''): Promise<string> {
    const [project, organizationId, member] = [uuid(), uuid(), uuid()];
    await database.pool.query("INSERT INTO projects VALUES ($1, $2, 'Mill', $3)", [
      project,
      organizationId,
      how === 'archived',
    ]);
    await database.pool.query('INSERT INTO project_members VALUES ($1, $2, $3)', [project, member, organizationId]);
    await database.pool.query(
      "INSERT INTO members (organization_id, account_id, role, shut_by_provider, shut_as_guest) VALUES ($1, $2, 'member', $3, $4)",
      [organizationId, member, how === 'shut by the provider', how === 'shut as a guest'],
    );
    if (how === 'suspended') await database.pool.query('INSERT INTO suspended_accounts VALUES ($1)', [member]);
    holders.set(project, { accountId: member, organizationId });
    return project;
  }
  const tell = (keyId: string, command: KeyCommand, at = START) =>
    handle(store, key, keyId, command, { at, correlationId: uuid(), actor: 'service:test' });
  /** A key that works for so many days from the start on. */
  async function made(days: number, of = projectId): Promise<string> {
    const [keyId, worksUntil] = [uuid(), day(days).toISOString()];
    await tell(keyId, {
      type: 'IssueKey',
      ...issued.data,
      ...holders.get(of),
      digest: keyId,
      projectId: of,
      worksUntil,
    });
    return keyId;
  }
  const run = (at: Date) =>
    remindHolders(store, database.pool, at, (error) => {
      throw error;
    });
  const sent = async () =>
    (
      await database.pool.query<{ key: string; days: number; left: number }>(
        `SELECT substr(stream_id, 5) AS key, (data ->> 'days')::int AS days, (data ->> 'daysLeft')::int AS left FROM events WHERE type = 'KeyExpiring' ORDER BY recorded_at`,
      )
    ).rows.map(({ key: keyId, days, left }) => [keyId, days, left]);

  it('are sent 14 days and 3 days before, each once, also when it is looked again from the beginning', async () => {
    const keyId = await made(30);
    for (const at of [0, 15.9, 16, 16, 20, 26.9]) await run(day(at));
    expect(await sent()).toEqual([[keyId, 14, 14]]);
    for (const at of [27, 28, 29.9, 30, 31]) await run(day(at));
    await database.asOwner("UPDATE reminders SET looked_until = '-infinity'");
    await run(day(29));
    expect(await sent()).toEqual([
      [keyId, 14, 14],
      [keyId, 3, 3],
    ]);
  });

  it('are sent once when several look at the same time', async () => {
    for (let i = 0; i < 30; i++) await made(30);
    await Promise.all([1, 2, 3, 4].map(() => run(day(16))));
    expect(await sent()).toHaveLength(30);
  });

  it('are not of the days that a key was made with', async () => {
    const [fortnight, three] = [await made(14), await made(3)];
    for (let at = 0; at <= 14; at += 0.5) await run(day(at));
    expect((await sent()).map(([keyId, days]) => [keyId, days])).toEqual([[fortnight, 3]]);
    expect(three).not.toBe(fortnight);
  });

  it('are of no key that was revoked or replaced, or never expires', async () => {
    const [gone, replaced] = [await made(30), await made(30)];
    await tell(gone, { type: 'RevokeKey', reason: 'requested' });
    const worksUntil = day(17).toISOString();
    await tell(replaced, {
      type: 'RotateKey',
      replacedBy: rotated.data.replacedBy,
      worksUntil,
      at: START.toISOString(),
    });
    await tell(uuid(), { type: 'IssueKey', ...issued.data, ...holders.get(projectId), projectId });
    for (let at = 0; at <= 31; at += 0.5) await run(day(at));
    expect(await sent()).toEqual([]);
  });

  it.each(['archived', 'shut by the provider', 'shut as a guest', 'suspended'])(
    'are of no key that does not work, as its project or holder is %s',
    async (how) => {
      await made(30, await place(how));
      const works = await made(30);
      await run(day(16));
      expect(await sent()).toEqual([[works, 14, 14]]);
    },
  );

  it('are sent late after a pause: of two the one that says how little is left; of more keys than one batch, all', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 120; i++) ids.push(await made(30));
    const other = await made(40);
    await run(day(28));
    expect((await sent()).toSorted()).toEqual([...ids.map((keyId) => [keyId, 3, 2]), [other, 14, 12]].toSorted());
  });

  it('are sent to all others where one cannot be, which is tried again in the next run', async () => {
    const ids = [await made(30), await made(30), await made(30)];
    const [spoiled = ''] = ids;
    await database.asOwner(
      `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM log_refuse('RC001', 'a stream has moved on'); RETURN new; END $$`,
      `CREATE TRIGGER spoiling BEFORE INSERT ON events FOR EACH ROW WHEN (new.stream_id = 'key-${spoiled}') EXECUTE FUNCTION spoil()`,
    );
    const errors: unknown[] = [];
    await remindHolders(store, database.pool, day(16), (error) => errors.push(error));
    expect([errors.length, (await sent()).map(([keyId]) => keyId)]).toEqual([1, ids.slice(1)]);
    await database.asOwner('DROP TRIGGER spoiling ON events');
    await run(day(18));
    expect((await sent()).map(([keyId]) => keyId)).toEqual([...ids.slice(1), spoiled]);
  });
});
