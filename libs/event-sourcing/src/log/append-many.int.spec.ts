import { buildsSchema, logSchema, PostgresEventStore, SQLSTATE, sqlState } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { nextEvent, shelfSchema, shelves } from '../rebuild/shelf.fixture.ts';
import { cause, settledLog } from '../desk.fixture.ts';

const A = { type: 'A', data: {} };

describe('an append to many streams', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await testDatabase([...logSchema, ...buildsSchema, ...shelfSchema]);
    store = new PostgresEventStore(database.pool, { inline: [shelves] });
  });
  afterEach(() => database.drop());

  const append = (streamId = `thing-${uuid()}`, expectedVersion = 0, more = {}) => ({
    streamId,
    expectedVersion,
    events: [A],
    cause: cause(more),
  });
  const outcome = (appends: Parameters<PostgresEventStore['appendMany']>[0]) =>
    store.appendMany(appends).then(
      () => 'appended',
      (error: unknown) => sqlState(error),
    );
  const count = async (table: string) =>
    (await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n;

  it('keeps nothing where one of them was overtaken, carries what cannot be stored, or repeats a command', async () => {
    const [taken, repeated] = [append(), append(undefined, 0, { commandId: uuid() })];
    await store.appendMany([taken, repeated]);
    const poisons = [
      { poison: append(taken.streamId), by: SQLSTATE.unique },
      { poison: append(undefined, 5), by: SQLSTATE.versionConflict },
      { poison: { ...append(), events: [{ type: 'A', data: { text: '\u0000' } }] }, by: '22P05' },
      { poison: { ...append(), cause: repeated.cause }, by: SQLSTATE.commandRepeated },
    ];
    for (const { poison, by } of poisons) {
      for (const at of [0, 8, 16])
        expect(await outcome(Array.from({ length: 16 }, () => append()).toSpliced(at, 0, poison))).toBe(by);
    }
    expect(await count('events')).toBe(2);
  });

  it.each([0, 1])('is begun again with its transaction where another was faster at version %i', async (version) => {
    const streamId = `thing-${uuid()}`;
    if (version > 0) await store.append(append(streamId));
    let attempts = 0;
    const work = store.transact(async (inside) => {
      const before = await inside.readStream(streamId);
      if (attempts++ === 0) await store.append(append(streamId, before.length));
      return inside.appendMany([append(), append(streamId, before.length)]);
    });
    expect((await work).map((appended) => appended.version)).toEqual([1, version + 2]);
    expect(attempts).toBe(2);
  });

  it('keeps each stream in order, writes its projections, and is told to whoever measures as one', async () => {
    const measured: number[] = [];
    store = new PostgresEventStore(database.pool, {
      inline: [shelves],
      around: (events, work) => {
        measured.push(events.length);
        return work();
      },
    });
    const ids = Array.from({ length: 40 }, () => `shelf-${uuid()}`);
    for (let version = 0; version < 8; version++)
      await store.appendMany(ids.map((streamId) => ({ ...append(streamId, version), events: [nextEvent(version)] })));
    const streams = Map.groupBy(await settledLog(store), (event) => event.streamId);
    for (const id of ids) expect(streams.get(id)?.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([await count('shelves'), await count('books')]).toEqual([40, 200]);
    expect(measured).toEqual(Array.from({ length: 8 }, () => 40));
  });
});
