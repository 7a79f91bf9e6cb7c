import { PostgresEventStore } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { adoptPolicy, currentPolicy } from '../policy/current-policy.ts';
import { take, warningMessageId } from './assessment.ts';
import { sweep } from './sweep.ts';
import { warnings } from './warnings.projection.ts';

const START = new Date('2026-01-01T12:00:00.000Z');
const cause = (at: Date) => ({ at, correlationId: uuid(), actor: 'service:test' });
const YEAR_LATER = new Date('2027-01-01T00:00:00.000Z');

describe('a sweep', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/inactivity-policy/migrations'));
    store = new PostgresEventStore(database.pool, { inline: [warnings] });
    await adoptPolicy(store, database.pool, { thresholdDays: 180, noticeDays: 14 }, cause(START));
  });
  afterEach(() => database.drop());

  const run = (at: Date) =>
    sweep(
      store,
      database.pool,
      at,
      async () => at,
      (error) => {
        throw error;
      },
    );
  async function register(accountId = uuid()): Promise<string> {
    const policy = await currentPolicy(store);
    await store.transact((inside, sql) =>
      take({ type: 'StartClock', at: START.toISOString(), reason: 'registered' }, accountId, policy, cause(START), {
        store: inside,
        sql,
      }),
    );
    return accountId;
  }
  const warned = async () =>
    (
      await database.pool.query<{ stream_id: string; data: { messageId: string; dueAt: string } }>(
        "SELECT stream_id, data FROM events WHERE type = 'InactivityWarningIssued'",
      )
    ).rows;

  it('finds everything that came due while nobody looked, in more than one batch', async () => {
    for (let i = 0; i < 450; i++) await register();
    expect(await run(new Date('2026-06-01T00:00:00.000Z'))).toMatchObject({ looked: 0 });
    expect(await run(YEAR_LATER)).toMatchObject({ looked: 450, warned: 450, failed: 0 });
    expect(await run(YEAR_LATER)).toMatchObject({ looked: 0 });
  });

  it('warns each account once when several run at the same time', async () => {
    for (let i = 0; i < 60; i++) await register();
    const counts = await Promise.all([1, 2, 3, 4].map(() => run(YEAR_LATER)));
    expect(counts.reduce((sum, count) => sum + count.warned, 0)).toBe(60);
    expect(await warned()).toHaveLength(60);
  });

  it('T-ES-5 keeps the others where one stream cannot be appended to, wherever it stands in the batch, and looks at that one in the next run', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 33; i++) ids.push(await register());
    const overtaken = ids.toSorted().filter((_, i) => i === 0 || i === 16 || i === 32);
    await database.asOwner(
      `CREATE FUNCTION faster() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM log_refuse('RC001', 'a stream has moved on'); RETURN new; END $$`,
      `CREATE TRIGGER somebody_is_faster BEFORE INSERT ON events FOR EACH ROW WHEN (new.stream_id IN (${overtaken.map((id) => `'dormancy-${id}'`).join()})) EXECUTE FUNCTION faster()`,
    );
    const errors: unknown[] = [];
    expect(
      await sweep(
        store,
        database.pool,
        YEAR_LATER,
        async () => YEAR_LATER,
        (error) => errors.push(error),
      ),
    ).toMatchObject({ looked: 33, warned: 30, failed: 3 });
    expect(errors).toHaveLength(3);
    await database.asOwner('DROP TRIGGER somebody_is_faster ON events');
    expect(await run(YEAR_LATER)).toMatchObject({ looked: 3, warned: 3, failed: 0 });
    expect(new Set((await warned()).map((row) => row.stream_id)).size).toBe(33);
  });

  it('passes over whom somebody else has, and decides anew about them', async () => {
    const [stopped] = [await register(), await register(), await register()];
    const policy = await currentPolicy(store);
    await store.transact(async (inside, sql) => {
      await take(
        { type: 'StopClock', at: '2026-01-02T00:00:00.000Z', reason: 'operator' },
        stopped,
        policy,
        cause(START),
        { store: inside, sql },
      );
      expect(await run(YEAR_LATER)).toMatchObject({ looked: 3, warned: 2, taken: 1 });
    });
    expect(await run(YEAR_LATER)).toMatchObject({ looked: 0 });
    expect(await warned()).toHaveLength(2);
  });

  it('derives the message id from the account and the due date alone', async () => {
    const accountId = await register();
    await run(YEAR_LATER);
    const [warning] = await warned();
    expect(warning?.data.messageId).toBe(warningMessageId(accountId, warning?.data.dueAt ?? ''));
  });

  it('goes on when one account cannot be judged, which comes up again', async () => {
    const [broken, fine] = [await register(), await register()];
    await database.asOwner(`INSERT INTO activity VALUES ('${broken}', 'api', '2026-01-01', 'infinity')`);
    const errors: unknown[] = [];
    expect(
      await sweep(
        store,
        database.pool,
        YEAR_LATER,
        async () => YEAR_LATER,
        (error) => errors.push(error),
      ),
    ).toMatchObject({ looked: 2, warned: 1, failed: 1 });
    expect(errors).toHaveLength(1);
    expect((await warned()).map((row) => row.stream_id)).toEqual([`dormancy-${fine}`]);
    await database.asOwner('DELETE FROM activity');
    expect(await run(YEAR_LATER)).toMatchObject({ looked: 1, warned: 1 });
  });

  it('looks at everybody again when the policy has changed', async () => {
    await register();
    await adoptPolicy(
      store,
      database.pool,
      { thresholdDays: 30, noticeDays: 14 },
      cause(new Date('2026-03-01T00:00:00.000Z')),
    );
    expect(await run(new Date('2026-03-01T00:00:01.000Z'))).toMatchObject({ looked: 1, warned: 1 });
    expect((await warned())[0]?.data.dueAt).toBe('2026-03-15T00:00:00.000Z');
  });
});
