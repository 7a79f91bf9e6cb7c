import { logSchema, PostgresEventStore, VersionConflict } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';

describe('append', () => {
  let database: TestDatabase;
  beforeAll(async () => { database = await testDatabase(logSchema); });
  afterAll(() => database.drop());

  it('T-ES-1 lets exactly one of two appends with the same expected version win', async () => {
    const store = new PostgresEventStore(database.pool);
    const streamId = `thing-${uuid()}`;
    const cause = { at: new Date(), correlationId: 'c', actor: 'service:test' };
    const append = () => store.append({ streamId, expectedVersion: 0, events: [{ type: 'A', data: {} }, { type: 'B', data: {} }], cause });
    const results = await Promise.allSettled([append(), append()]);
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    expect(results.filter((r) => r.status === 'rejected' && r.reason instanceof VersionConflict)).toHaveLength(1);
    expect(await store.readStream(streamId)).toHaveLength(2);
  });
});
