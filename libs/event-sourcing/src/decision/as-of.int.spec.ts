import { type AsOf, fold, handle, logSchema, PostgresEventStore, readAsOf, TooRecent } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { cause, desk, type DeskEvent, takenDesk } from '../desk.fixture.ts';

describe('a stream as it was', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
    store = new PostgresEventStore(database.pool);
  });
  afterAll(() => database.drop());

  const add = (id: string, amount: number) => handle(store, desk, id, { type: 'AddItem', amount }, cause());
  /** As if all that is in the log had been recorded so long ago, each event after the one before. */
  const age = (seconds: number) =>
    database.asOwner(
      'ALTER TABLE events DISABLE TRIGGER events_are_kept',
      `UPDATE events SET recorded_at = recorded_at - interval '${seconds} s'`,
      'ALTER TABLE events ENABLE TRIGGER events_are_kept',
    );

  const items = async (id: string, asOf: AsOf) => {
    const { version, events } = await readAsOf<DeskEvent>(store, database.pool, `desk-${id}`, asOf);
    return [
      version,
      fold(
        desk,
        events.map(({ event }) => event),
      ).items,
    ];
  };

  it('T-ASOF-1 answers the same before and after later appends, and names the version', async () => {
    const { id } = await takenDesk(store);
    await add(id, 2);
    await age(60);
    const at = new Date(Date.now() - 30_000);
    const questions = () => Promise.all([items(id, { at }), items(id, { version: 1 }), items(id, { version: 2 })]);
    const before = await questions();
    expect(before).toEqual([
      [2, 2],
      [1, 0],
      [2, 2],
    ]);
    for (let i = 0; i < 5; i++) await add(id, 10);
    expect(await questions()).toEqual(before);
    expect(await items(id, { version: 7 })).toEqual([7, 52]);
  });

  it('is empty before its first event, and for who never was', async () => {
    const { streamId } = await takenDesk(store);
    expect(await readAsOf(store, database.pool, streamId, { at: new Date('2001-01-01') })).toEqual({
      version: 0,
      events: [],
    });
    expect(await readAsOf(store, database.pool, `desk-${uuid()}`, { version: 3 })).toEqual({ version: 0, events: [] });
  });

  it('refuses an instant at which a transaction may still be open, and says what to do', async () => {
    const { streamId } = await takenDesk(store);
    await expect(readAsOf(store, database.pool, streamId, { at: new Date() })).rejects.toThrow(TooRecent);
    await expect(readAsOf(store, database.pool, streamId, { at: new Date(Date.now() + 60_000) })).rejects.toThrow(
      'more than 20 s ago, or about a version',
    );
  });
});
