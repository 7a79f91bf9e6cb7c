import {
  type Decider,
  handle,
  load,
  loadMany,
  logSchema,
  personKeysSchema,
  PostgresEventStore,
  PostgresPersonKeys,
  shapeOf,
  snapshotsSchema,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { v7 as uuid } from 'uuid';
import { cause, desk, takenDesk } from '../desk.fixture.ts';

type PersonEvent = { type: 'Named'; data: object; personal?: { name: string } };

const person: Decider<{ name: string }, { name: string; times: number }, PersonEvent, never> = {
  category: 'person',
  initial: { name: 'nobody', times: 0 },
  decide: ({ name }) => [{ type: 'Named', data: {}, personal: { name } }],
  evolve: ({ times }, { personal }) => ({ name: personal?.name ?? 'erased', times: times + 1 }),
};

const CANARY = 'Canary McAw';

describe('load', () => {
  let log: TestDatabase;
  let keysDatabase: TestDatabase;
  const masterKey = randomBytes(32);
  beforeAll(async () => {
    [log, keysDatabase] = await Promise.all([
      testDatabase([...logSchema, ...snapshotsSchema]),
      testDatabase(personKeysSchema),
    ]);
  });
  afterAll(() => Promise.all([log.drop(), keysDatabase.drop()]));

  /** A process of the service: its own memory, the same log and keys. */
  const replica = (shape = 'one') => {
    const keys = new PostgresPersonKeys(keysDatabase.pool, masterKey);
    return { keys, store: new PostgresEventStore(log.pool, { personKeys: keys, shape }) };
  };
  const eventsRead = (store: PostgresEventStore) => {
    const counts: number[] = [];
    const counting = Object.create(store, {
      readOn: {
        value: async (...asked: Parameters<PostgresEventStore['readOn']>) => {
          const found = await store.readOn(...asked);
          counts.push(found.events.length);
          return found;
        },
      },
    }) as PostgresEventStore;
    return { counting, counts };
  };
  const items = (amount: number, count: number) =>
    Array.from({ length: count }, () => ({ type: 'ItemAdded' as const, data: { amount } }));
  const add = (store: PostgresEventStore, streamId: string, expectedVersion: number, count: number) =>
    store.append({ streamId, expectedVersion, events: items(1, count), cause: cause() });
  const named = async (store: PostgresEventStore, count: number) => {
    const id = uuid();
    await store.append({
      streamId: `person-${id}`,
      expectedVersion: 0,
      events: Array.from({ length: count }, () => ({ type: 'Named', data: {}, personal: { name: CANARY } })),
      cause: cause(),
    });
    return id;
  };
  const snapshotOf = async (streamId: string) =>
    (
      await log.pool.query<{ version: number; shape: string; text: string }>(
        `SELECT version, shape, encode(state, 'escape') AS text FROM snapshots WHERE stream_id = $1`,
        [streamId],
      )
    ).rows[0];

  it('reads a stream once, and then what came after', async () => {
    const { store } = replica();
    const { counting, counts } = eventsRead(store);
    const { id, streamId } = await takenDesk(store);
    await add(store, streamId, 1, 50);
    for (let i = 0; i < 3; i++) await handle(counting, desk, id, { type: 'AddItem', amount: 1 }, cause());
    expect(counts).toEqual([51, 1, 1]);
    expect(await load(counting, desk, id)).toEqual({ version: 54, state: { status: 'taken', name: id, items: 53 } });
  });

  it('is of who never was what there is before the first event', async () => {
    expect(await load(replica().store, desk, uuid())).toEqual({ version: 0, state: desk.initial });
  });

  it('reads many at once, and of each that is long only what is new', async () => {
    const { store } = replica();
    const { counting, counts } = eventsRead(store);
    const [short, long, limit] = [await takenDesk(store), await takenDesk(store), await takenDesk(store)];
    await add(store, long.streamId, 1, 50);
    await add(store, limit.streamId, 1, 15);
    await add(store, short.streamId, 1, 14);
    const items = async () => {
      const loaded = await loadMany(counting, desk, [short.id, long.id, uuid(), limit.id]);
      return [loaded.size, ...[short, long, limit].map(({ id }) => loaded.get(id)?.state.items)];
    };
    expect(await items()).toEqual([3, 14, 50, 15]);
    await add(store, long.streamId, 51, 2);
    expect(await items()).toEqual([3, 14, 52, 15]);
    expect(counts.sort((a, b) => a - b)).toEqual([0, 2, 16, 51]);
  });

  it('reads many inside a transaction with what that has appended, each at its version', async () => {
    const { store } = replica();
    const [short, long, other] = [await takenDesk(store), await takenDesk(store), await takenDesk(store)];
    await add(store, long.streamId, 1, 30);
    await add(store, other.streamId, 1, 20);
    const loaded = await store.transact(async (inside) => {
      for (const { id } of [short, long]) await handle(inside, desk, id, { type: 'AddItem', amount: 7 }, cause());
      return loadMany(inside, desk, [long.id, short.id, other.id]);
    });
    const versions = [short, long, other].map(({ id }) => [loaded.get(id)?.version, loaded.get(id)?.state.items]);
    expect(versions).toEqual([
      [2, 7],
      [32, 37],
      [21, 20],
    ]);
  });

  it('T-LS-1 sees what another replica has appended', async () => {
    const [here, there] = [replica().store, replica().store];
    const { id, streamId } = await takenDesk(here);
    await add(here, streamId, 1, 40);
    expect((await load(here, desk, id)).version).toBe(41);
    await handle(there, desk, id, { type: 'LeaveDesk' }, cause());
    expect((await load(here, desk, id)).state.status).toBe('free');
    await expect(handle(here, desk, id, { type: 'LeaveDesk' }, cause())).rejects.toMatchObject({ code: 'desk/free' });
  });

  it('never takes a state for true that was rolled back', async () => {
    const { store } = replica();
    const { id, streamId } = await takenDesk(store);
    await add(store, streamId, 1, 40);
    await store
      .transaction(async (inside) => {
        await handle(inside, desk, id, { type: 'LeaveDesk' }, cause());
        expect((await load(inside, desk, id)).state.status).toBe('free');
        throw new Error('no');
      })
      .catch(() => undefined);
    expect(await load(store, desk, id)).toMatchObject({ version: 41, state: { status: 'taken' } });
    // The same in a transaction that the store did not open.
    const client = await log.pool.connect();
    await client.query('BEGIN');
    await handle(store.within(client), desk, id, { type: 'LeaveDesk' }, cause());
    expect((await load(store.within(client), desk, id)).state.status).toBe('free');
    expect(store.kept.get(desk, streamId)?.version).toBe(41);
    await client.query('ROLLBACK');
    client.release();
    expect(await load(store, desk, id)).toMatchObject({ version: 41, state: { status: 'taken' } });
  });

  it('T-LS-4 forgets what a log does not hold that was put back from an older copy', async () => {
    const { store } = replica();
    const { id, streamId } = await takenDesk(store);
    await add(store, streamId, 1, 200);
    const late = replica().store;
    for (const each of [store, late]) expect((await load(each, desk, id)).state.items).toBe(200);
    // The copy ends at 150, and went on: other events stand under the same versions.
    await log.asOwner(
      'ALTER TABLE events DISABLE TRIGGER events_are_kept',
      `DELETE FROM events WHERE stream_id = '${streamId}' AND version > 150`,
      `UPDATE streams SET version = 150 WHERE id = '${streamId}'`,
      'ALTER TABLE events ENABLE TRIGGER events_are_kept',
    );
    expect((await load(store, desk, id)).state.items).toBe(149);
    await store.append({ streamId, expectedVersion: 150, events: items(100, 60), cause: cause() });
    expect(await load(store, desk, id)).toMatchObject({ version: 210, state: { items: 6149 } });
    for (const each of [late, replica().store])
      expect(await load(each, desk, id)).toMatchObject({ version: 210, state: { items: 6149 } });
  });

  it('answers a repeated command with the state of then, though a later one is kept', async () => {
    const { store } = replica();
    const { id, streamId } = await takenDesk(store);
    await add(store, streamId, 1, 140);
    const why = cause({ commandId: uuid() });
    const first = await handle(store, desk, id, { type: 'AddItem', amount: 1 }, why);
    await handle(store, desk, id, { type: 'AddItem', amount: 1 }, cause());
    await load(store, desk, id);
    expect(await handle(store, desk, id, { type: 'AddItem', amount: 1 }, why)).toEqual({
      ...first,
      events: [],
      repeated: true,
    });
    expect((await load(store, desk, id)).state.items).toBe(142);
  });

  it('keeps two deciders of one stream apart', async () => {
    const { store } = replica();
    const { id, streamId } = await takenDesk(store);
    await add(store, streamId, 1, 40);
    await load(store, desk, id);
    const counter: typeof desk = { ...desk, initial: { status: 'free', items: 1_000 } };
    expect((await load(store, counter, id)).state.items).toBe(1_040);
    expect((await load(store, desk, id)).state.items).toBe(40);
  });

  describe('of a person', () => {
    it.each(['memory', 'snapshot'])(
      'T-LS-2 shows nobody from its %s who was erased by another replica',
      async (place) => {
        const [here, there] = [replica(), replica()];
        const id = await named(here.store, 150);
        expect((await load(here.store, person, id)).state).toEqual({ name: CANARY, times: 150 });
        const reader = place === 'memory' ? here : replica();
        if (place === 'snapshot') expect((await load(reader.store, person, id)).state.name).toBe(CANARY);
        await there.keys.destroy(id);
        expect((await load(reader.store, person, id)).state).toEqual({ name: 'erased', times: 150 });
        expect((await load(reader.store, person, id, { afresh: true })).state).toEqual({ name: 'erased', times: 150 });
        expect(inspect(reader.store.kept, { depth: 9 })).not.toMatch(/canary/i);
      },
    );

    it('lies sealed in its snapshot', async () => {
      const { store } = replica();
      const id = await named(store, 150);
      await load(store, person, id);
      const snapshot = await snapshotOf(`person-${id}`);
      expect(snapshot).toMatchObject({ version: 150, shape: 'one' });
      expect(snapshot?.text).not.toMatch(/canary|times/i);
      const { counting, counts } = eventsRead(replica().store);
      expect((await load(counting, person, id)).state).toEqual({ name: CANARY, times: 150 });
      expect(counts).toEqual([0]);
    });
  });

  describe('from a snapshot', () => {
    it('reads what came after it', async () => {
      const { store } = replica();
      const { id, streamId } = await takenDesk(store);
      await add(store, streamId, 1, 300);
      await load(store, desk, id);
      await add(store, streamId, 301, 5);
      const { counting, counts } = eventsRead(replica().store);
      expect(await load(counting, desk, id)).toEqual({
        version: 306,
        state: { status: 'taken', name: id, items: 305 },
      });
      expect(counts).toEqual([5]);
    });

    it('leaves memory out where it is asked to, and takes the snapshot', async () => {
      const { store } = replica();
      const { id, streamId } = await takenDesk(store);
      await add(store, streamId, 1, 300);
      await load(store, desk, id);
      await add(store, streamId, 301, 5);
      await load(store, desk, id);
      const { counting, counts } = eventsRead(store);
      expect((await load(counting, desk, id, { afresh: true })).state.items).toBe(305);
      expect(counts).toEqual([5]);
    });

    it('T-LS-3 ignores one that another shape of the decider has made, and makes its own', async () => {
      const { store } = replica();
      const { id, streamId } = await takenDesk(store);
      await add(store, streamId, 1, 200);
      await load(store, desk, id);
      const counter: typeof desk = {
        ...desk,
        evolve: (state, event) =>
          event.type === 'ItemAdded'
            ? { ...state, items: state.items + 2 * event.data.amount }
            : desk.evolve(state, event),
      };
      const { store: changed } = replica(shapeOf(['two']));
      expect((await load(changed, counter, id)).state.items).toBe(400);
      expect((await snapshotOf(streamId))?.shape).toBe(shapeOf(['two']));
    });

    it('makes none of what is not committed, and waits for nobody who makes one', async () => {
      const { store } = replica();
      const { id, streamId } = await takenDesk(store);
      await store
        .transaction(async (inside) => {
          await inside.append({ streamId, expectedVersion: 1, events: items(1, 200), cause: cause() });
          expect((await load(inside, desk, id)).state.items).toBe(200);
          throw new Error('no');
        })
        .catch(() => undefined);
      expect(await snapshotOf(streamId)).toBeUndefined();
      await add(store, streamId, 1, 200);
      await store.transaction(async (inside) => {
        await load(inside, desk, id);
        expect((await load(replica().store, desk, id)).state.items).toBe(200);
      });
      expect((await snapshotOf(streamId))?.version).toBe(201);
    });

    it('may be emptied at any time', async () => {
      const { store } = replica();
      const { id, streamId } = await takenDesk(store);
      await add(store, streamId, 1, 200);
      await load(store, desk, id);
      await log.asOwner('TRUNCATE snapshots');
      expect((await load(replica().store, desk, id)).state.items).toBe(200);
      expect((await snapshotOf(streamId))?.version).toBe(201);
    });
  });
});
