import { AppendBatcher, buildsSchema, logSchema, PostgresEventStore, VersionConflict } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { nextEvent, shelfSchema, shelves } from '../rebuild/shelf.fixture.ts';
import { cause, settledLog } from '../desk.fixture.ts';

const A = { type: 'A', data: {} };

describe('appends in batches', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await testDatabase([...logSchema, ...buildsSchema, ...shelfSchema]);
    store = new PostgresEventStore(database.pool, { inline: [shelves] });
  });
  afterEach(() => database.drop());

  const append = (streamId = `thing-${uuid()}`, expectedVersion = 0, more = {}) => ({ streamId, expectedVersion, events: [A], cause: cause(more) });
  const outcome = (promise: Promise<unknown>) => promise.then(() => 'appended', (error: unknown) => (error instanceof Error ? error.name : 'thrown'));
  const count = async (table: string) => (await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n;

  it('T-ES-5 fails only the caller of a poisoned append, wherever it stands in the batch', async () => {
    const batcher = new AppendBatcher(store);
    const taken = `thing-${uuid()}`;
    await store.append(append(taken));
    for (const at of [0, 31, 63]) {
      const before = await count('events');
      const appends = Array.from({ length: 64 }, () => append());
      const poisons = [append(taken), append(`thing-${uuid()}`, 5), { ...append(), events: [{ type: 'A', data: { text: '\u0000' } }] }];
      appends.splice(at, 0, ...poisons);
      const outcomes = await Promise.all(appends.map((item) => outcome(batcher.append(item))));
      expect(outcomes.slice(at, at + 3)).toEqual(['VersionConflict', 'VersionConflict', 'DatabaseFault']);
      expect(outcomes.filter((said) => said === 'appended')).toHaveLength(64);
      expect(await count('events')).toBe((before ?? 0) + 64);
    }
  });

  it('T-ES-5 answers a repeated command with what it did, while the others of its batch go on', async () => {
    const batcher = new AppendBatcher(store);
    const first = append(undefined, 0, { commandId: uuid(), fingerprint: 'f' });
    await batcher.append(first);
    const [again, ...others] = await Promise.all([batcher.append(first), ...Array.from({ length: 20 }, () => batcher.append(append()))]);
    expect(again).toEqual({ streamId: first.streamId, version: 1, repeated: true });
    expect(others.every(({ repeated }) => !repeated)).toBe(true);
    const twice = append(undefined, 0, { commandId: uuid() });
    expect((await Promise.all([batcher.append(twice), batcher.append(twice), batcher.append(append())])).map(({ repeated }) => repeated).sort()).toEqual([false, false, true]);
  });

  it('keeps each stream in order, writes its projections, and lets one of two that expect the same version win', async () => {
    const batcher = new AppendBatcher(store, 16);
    const ids = Array.from({ length: 40 }, () => `shelf-${uuid()}`);
    await Promise.all(ids.map(async (streamId) => {
      for (let version = 0; version < 8; version++) await batcher.append({ streamId, expectedVersion: version, events: [nextEvent(version)], cause: cause() });
    }));
    const streams = Map.groupBy(await settledLog(store), (event) => event.streamId);
    for (const id of ids) expect(streams.get(id)?.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([await count('shelves'), await count('books')]).toEqual([40, 200]);
    const results = await Promise.allSettled([1, 2, 3].map(() => batcher.append(append(ids[0], 8))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.filter((result) => result.status === 'rejected' && result.reason instanceof VersionConflict)).toHaveLength(2);
  });
});
