import {
  CommandReused,
  type Decider,
  handle,
  logSchema,
  PostgresEventStore,
  refuse,
  Refused,
  VersionConflict,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { cause, desk, takenDesk } from '../desk.fixture.ts';

describe('handle', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
    store = new PostgresEventStore(database.pool);
  });
  afterAll(() => database.drop());

  it('appends what was decided and answers with version, events and state', async () => {
    const id = uuid();
    expect(await handle(store, desk, id, { type: 'TakeDesk', name: id }, cause())).toEqual({
      streamId: `desk-${id}`,
      version: 1,
      repeated: false,
      events: [{ type: 'DeskTaken', data: { name: id } }],
      state: { status: 'taken', name: id, items: 0 },
    });
  });

  it('appends nothing when nothing has to change', async () => {
    const { id } = await takenDesk(store);
    const handled = await handle(store, desk, id, { type: 'AddItem', amount: 0 }, cause());
    expect(handled).toMatchObject({ version: 1, repeated: false });
    expect(handled.events).toStrictEqual([]);
  });

  it('throws the refusal of the domain with its code', async () => {
    await expect(handle(store, desk, uuid(), { type: 'LeaveDesk' }, cause())).rejects.toMatchObject({
      name: 'Refused',
      code: 'desk/free',
    });
  });

  it('refuses as the decider says when a name is taken', async () => {
    const { name } = await takenDesk(store);
    const id = uuid();
    await expect(
      handle(store, desk, id, { type: 'TakeDesk', name }, cause({ commandId: uuid() })),
    ).rejects.toMatchObject({ name: 'Refused', code: 'desk/name-taken' });
    expect(await store.readStream(`desk-${id}`)).toEqual([]);
  });

  it('takes the name that one decision gives and lets go of the one that it takes away', async () => {
    const { id, name } = await takenDesk(store);
    const next = uuid();
    await handle(store, desk, id, { type: 'RenameDesk', name: next }, cause());
    await expect(handle(store, desk, uuid(), { type: 'TakeDesk', name: next }, cause())).rejects.toMatchObject({
      code: 'desk/name-taken',
    });
    expect(await handle(store, desk, uuid(), { type: 'TakeDesk', name }, cause())).toMatchObject({ version: 1 });
    // Renamed to what it is called, it keeps its name.
    await handle(store, desk, id, { type: 'RenameDesk', name: next }, cause());
    await expect(handle(store, desk, uuid(), { type: 'TakeDesk', name: next }, cause())).rejects.toMatchObject({
      code: 'desk/name-taken',
    });
  });

  it('takes all names that one decision gives, and lets go of all', async () => {
    const [id, name] = [uuid(), uuid()];
    const both = (key: string) => [
      { scope: 'desk-name', key },
      { scope: 'desk-name', key: `${key}, too` },
    ];
    const wide: typeof desk = {
      ...desk,
      reservations: {
        takes: (event) => (event.type === 'DeskTaken' ? both(event.data.name) : []),
        releases: (event) => (event.type === 'DeskLeft' ? both(event.data.name) : []),
        taken: () => refuse('desk/name-taken', 'Another desk has this name.'),
      },
    };
    const taken = (key: string) =>
      handle(store, desk, uuid(), { type: 'TakeDesk', name: key }, cause()).then(
        () => false,
        (error: unknown) => (error as Refused).code === 'desk/name-taken',
      );
    await handle(store, wide, id, { type: 'TakeDesk', name }, cause());
    expect([await taken(name), await taken(`${name}, too`)]).toEqual([true, true]);
    await handle(store, wide, id, { type: 'LeaveDesk' }, cause());
    expect([await taken(name), await taken(`${name}, too`)]).toEqual([false, false]);
  });

  it('decides again when somebody was faster, and loses no command of two that race', async () => {
    const { id } = await takenDesk(store);
    for (let round = 0; round < 20; round++) {
      await Promise.all([1, 2].map(() => handle(store, desk, id, { type: 'AddItem', amount: 1 }, cause())));
    }
    expect((await handle(store, desk, id, { type: 'AddItem', amount: 0 }, cause())).state.items).toBe(40);
  });

  it('loses no command of fifty that race in two processes, and refuses none', async () => {
    const { id } = await takenDesk(store);
    const other = new PostgresEventStore(database.pool);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        handle(n % 2 === 0 ? store : other, desk, id, { type: 'AddItem', amount: 1 }, cause()),
      ),
    );
    expect((await handle(store, desk, id, { type: 'AddItem', amount: 0 }, cause())).state.items).toBe(50);
  });

  it('does several streams again in one transaction when one of them was overtaken', async () => {
    const [a, b] = [await takenDesk(store), await takenDesk(store)];
    let attempts = 0;
    await store.transact(async (inside) => {
      await handle(inside, desk, a.id, { type: 'AddItem', amount: 1 }, cause());
      // Read before another process appends, written after it.
      const overtaken = Object.create(inside, {
        append: {
          value: async (append: Parameters<PostgresEventStore['append']>[0]) => {
            if (++attempts < 3) await handle(store, desk, b.id, { type: 'AddItem', amount: 10 }, cause());
            return inside.append(append);
          },
        },
      }) as PostgresEventStore;
      await handle(overtaken, desk, b.id, { type: 'AddItem', amount: 1 }, cause());
    });
    const items = async (id: string) =>
      (await handle(store, desk, id, { type: 'AddItem', amount: 0 }, cause())).state.items;
    expect([attempts, await items(a.id), await items(b.id)]).toEqual([3, 1, 21]);
  });

  it('gives up after ten attempts that were all overtaken', async () => {
    const { id, streamId } = await takenDesk(store);
    let decided = 0;
    const overtaken: PostgresEventStore = Object.create(store, {
      append: {
        value: async (append: Parameters<PostgresEventStore['append']>[0]) => {
          decided++;
          await store.append({ ...append, events: [{ type: 'ItemAdded', data: { amount: 100 } }], cause: cause() });
          return store.append(append);
        },
      },
    }) as PostgresEventStore;
    await expect(handle(overtaken, desk, id, { type: 'AddItem', amount: 1 }, cause())).rejects.toThrow(VersionConflict);
    expect(decided).toBe(10);
    expect(await store.readStream(streamId)).toHaveLength(11);
  });

  it('answers a repeated command with the first outcome, also where the domain would now refuse', async () => {
    const { id } = await takenDesk(store);
    const why = cause({ commandId: uuid() });
    const first = await handle(store, desk, id, { type: 'LeaveDesk' }, why);
    expect(first).toMatchObject({ version: 2, repeated: false });
    expect(await handle(store, desk, id, { type: 'LeaveDesk' }, why)).toStrictEqual({
      ...first,
      events: [],
      repeated: true,
    });
    await handle(store, desk, id, { type: 'TakeDesk', name: id }, cause());
    // The state is the one that the first attempt has left, not today's.
    expect(await handle(store, desk, id, { type: 'LeaveDesk' }, why)).toEqual({ ...first, events: [], repeated: true });
  });

  it('carries out a command once that arrives many times at once, and tells everybody the same', async () => {
    const { id, streamId } = await takenDesk(store);
    const why = cause({ commandId: uuid() });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => handle(store, desk, id, { type: 'AddItem', amount: 5 }, why)),
    );
    expect(answers.filter((a) => !a.repeated)).toHaveLength(1);
    expect(answers.every((a) => a.version === 2 && a.state.items === 5)).toBe(true);
    expect(await store.readStream(streamId)).toHaveLength(2);
  });

  it('tells a retry that makes a new id of the first one, not that its name is taken', async () => {
    const why = cause({ commandId: uuid() });
    const name = uuid();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => handle(store, desk, uuid(), { type: 'TakeDesk', name }, why)),
    );
    expect(new Set(answers.map((a) => a.streamId)).size).toBe(1);
    expect(answers.every((a) => a.state.status === 'taken')).toBe(true);
  });

  it('refuses a command id that was used with other content or for another kind of thing', async () => {
    const { id } = await takenDesk(store);
    const why = cause({ commandId: uuid(), fingerprint: 'one' });
    await handle(store, desk, id, { type: 'AddItem', amount: 5 }, why);
    await expect(
      handle(store, desk, id, { type: 'AddItem', amount: 6 }, { ...why, fingerprint: 'two' }),
    ).rejects.toThrow(CommandReused);
    const stool: typeof desk = { ...desk, category: 'stool' };
    await expect(handle(store, stool, id, { type: 'LeaveDesk' }, why)).rejects.toMatchObject({
      name: 'CommandReused',
      commandId: why.commandId,
    });
  });

  it('does not try again inside the transaction of another', async () => {
    const { id, streamId } = await takenDesk(store);
    let decided = 0;
    const counting: Decider<
      { type: 'AddItem'; amount: number },
      unknown,
      { type: 'ItemAdded'; data: { amount: number } }
    > = {
      category: 'desk',
      initial: undefined,
      evolve: () => undefined,
      decide: () => {
        decided++;
        return [{ type: 'ItemAdded', data: { amount: 1 } }];
      },
    };
    const work = store.transaction(async (inside) => {
      const slow: typeof inside = Object.create(inside, {
        append: {
          value: async (append: Parameters<typeof inside.append>[0]) => {
            await store.append({ streamId, expectedVersion: 1, events: append.events, cause: cause() });
            return inside.append(append);
          },
        },
      }) as typeof inside;
      await handle(slow, counting, id, { type: 'AddItem', amount: 1 }, cause());
    });
    await expect(work).rejects.toThrow(VersionConflict);
    expect(decided).toBe(1);
  });

  it('is a Refused whose message tells code and detail', async () => {
    const error: unknown = await handle(store, desk, uuid(), { type: 'LeaveDesk' }, cause()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toBe('Refused: desk/free: Nobody sits here.');
  });
});
