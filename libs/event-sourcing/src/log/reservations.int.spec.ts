import { fold, handle, logSchema, PostgresEventStore, type RecordedEvent, Refused } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { cause, desk, type DeskCommand, type DeskEvent, settledLog, takenDesk } from '../desk.fixture.ts';

describe('reservations', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
    store = new PostgresEventStore(database.pool);
  });
  afterAll(() => database.drop());

  const send = (id: string, command: DeskCommand) => handle(store, desk, id, command, cause());

  it('keeps a name for its holder, frees it on release and lets another take it', async () => {
    const { id, name } = await takenDesk(store);
    const other = uuid();
    await expect(send(other, { type: 'TakeDesk', name })).rejects.toThrow(Refused);
    await send(id, { type: 'LeaveDesk' });
    await send(other, { type: 'TakeDesk', name });
    await expect(send(id, { type: 'TakeDesk', name })).rejects.toThrow(Refused);
    const { rows } = await database.pool.query('SELECT stream_id, held FROM reservations WHERE key = $1', [name]);
    expect(rows).toEqual([{ stream_id: `desk-${other}`, held: true }]);
  });

  it('keeps a name that one and the same command releases and takes', async () => {
    const { id, name } = await takenDesk(store);
    await send(id, { type: 'RenameDesk', name });
    await expect(send(uuid(), { type: 'TakeDesk', name })).rejects.toThrow(Refused);
  });

  it('gives a name to exactly one of many who ask at once', async () => {
    const name = uuid();
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => send(uuid(), { type: 'TakeDesk', name })),
    );
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    expect(results.filter((r) => r.status === 'rejected' && r.reason instanceof Refused)).toHaveLength(9);
  });

  it('does not let a stranger release a name', async () => {
    const { name } = await takenDesk(store);
    await store.append({
      streamId: `desk-${uuid()}`,
      expectedVersion: 0,
      events: [{ type: 'DeskLeft', data: { name } }],
      cause: cause(),
      release: [{ scope: 'desk-name', key: name }],
    });
    await expect(send(uuid(), { type: 'TakeDesk', name })).rejects.toThrow(Refused);
  });

  it('swaps two names without a deadlock that anybody sees', async () => {
    const [one, two] = [await takenDesk(store), await takenDesk(store)];
    const results = await Promise.allSettled([
      send(one.id, { type: 'RenameDesk', name: two.name }),
      send(two.id, { type: 'RenameDesk', name: one.name }),
    ]);
    expect(results.every((r) => r.status === 'fulfilled' || r.reason instanceof Refused)).toBe(true);
  });

  const command = fc.oneof(
    fc.record({ type: fc.constant('TakeDesk' as const), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ type: fc.constant('RenameDesk' as const), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ type: fc.constant('AddItem' as const), amount: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ type: fc.constant('LeaveDesk' as const) }),
  );
  const steps = fc.array(fc.record({ who: fc.integer({ min: 0, max: 3 }), command }), { minLength: 5, maxLength: 30 });

  it('agree with a map from name to holder, whatever one after the other asks', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const run = uuid();
        const ids = [uuid(), uuid(), uuid(), uuid()];
        const holders = new Map<string, number>();
        for (const { who, command } of list) {
          const mine = [...holders].find(([, holder]) => holder === who)?.[0];
          const wants = 'name' in command ? `${run}${command.name}` : undefined;
          const free = wants === undefined || (holders.get(wants) ?? who) === who;
          const allowed = free && (command.type === 'TakeDesk') === (mine === undefined);
          const asked = send(
            ids[who] ?? '',
            wants === undefined ? command : ({ ...command, name: wants } as DeskCommand),
          );
          if (!allowed) {
            await expect(asked).rejects.toThrow(Refused);
            continue;
          }
          await asked;
          if (mine !== undefined && command.type !== 'AddItem') holders.delete(mine);
          if (wants !== undefined) holders.set(wants, who);
        }
        const { rows } = await database.pool.query<{ key: string; stream_id: string }>(
          `SELECT key, stream_id FROM reservations WHERE held AND key LIKE $1 || '%' ORDER BY key`,
          [run],
        );
        expect(rows).toEqual([...holders].sort().map(([key, who]) => ({ key, stream_id: `desk-${ids[who]}` })));
      }),
      { numRuns: 25 },
    );
  });

  it('are, like every state, the fold of the log, whatever many ask at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 4 }), async (lists) => {
        const run = uuid();
        const ids = [uuid(), uuid(), uuid(), uuid()];
        const answers: { streamId: string; version: number; state: unknown }[] = [];
        await Promise.all(
          lists.map(async (list) => {
            for (const { who, command } of list) {
              const named = 'name' in command ? { ...command, name: `${run}${command.name}` } : command;
              try {
                answers.push(await send(ids[who] ?? '', named));
              } catch (error) {
                if (
                  !(error instanceof Refused) &&
                  !(error instanceof Error && /^(VersionConflict|DatabaseFault)$/.test(error.name))
                )
                  throw error;
              }
            }
          }),
        );
        const log = (await settledLog(store)).filter((e): e is RecordedEvent<DeskEvent> => ids.includes(e.id));
        const streams = Map.groupBy(log, (e) => e.streamId);
        // Each answer is what a fold of the log to its version gives, and versions have no gap.
        for (const { streamId, version, state } of answers) {
          const events = streams.get(streamId) ?? [];
          expect(state).toEqual(
            fold(
              desk,
              events.filter((e) => e.version <= version).map((e) => e.event),
            ),
          );
        }
        for (const events of streams.values())
          expect(events.map((e) => e.version)).toEqual(events.map((_, i) => i + 1));
        // In log order no stream takes a name before its last holder has released it.
        const holders = new Map<string, string>();
        for (const { event, streamId } of log) {
          for (const { key } of desk.reservations?.releases(event) ?? []) holders.delete(key);
          for (const { key } of desk.reservations?.takes(event) ?? []) {
            expect(holders.get(key) ?? streamId).toBe(streamId);
            holders.set(key, streamId);
          }
        }
        const { rows } = await database.pool.query<{ key: string; stream_id: string }>(
          `SELECT key, stream_id FROM reservations WHERE held AND key LIKE $1 || '%' ORDER BY key`,
          [run],
        );
        expect(rows).toEqual([...holders].sort().map(([key, stream_id]) => ({ key, stream_id })));
      }),
      { numRuns: 12 },
    );
  });
});
