import {
  type DomainEvent,
  handle,
  logSchema,
  personKeysSchema,
  PostgresEventStore,
  PostgresPersonKeys,
  type Projection,
  streamName,
} from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { v7 as uuid } from 'uuid';
import { cause, desk, settledLog } from '../desk.fixture.ts';

const CANARY = 'canary.mcaw@example.org';
const personal = { email: CANARY, name: 'Canary McAw' };
const traces = /canary|mcaw/i;

describe('personal data', () => {
  let log: TestDatabase;
  let keysDatabase: TestDatabase;
  let keys: PostgresPersonKeys;
  let store: PostgresEventStore;
  const masterKey = randomBytes(32);
  beforeAll(async () => {
    [log, keysDatabase] = await Promise.all([
      testDatabase([...logSchema, 'CREATE TABLE strict (email text CHECK (length(email) < 3), n int)']),
      testDatabase(personKeysSchema),
    ]);
    keys = new PostgresPersonKeys(keysDatabase.pool, masterKey);
    store = new PostgresEventStore(log.pool, { personKeys: keys });
  });
  afterAll(() => Promise.all([log.drop(), keysDatabase.drop()]));

  const registered: DomainEvent = { type: 'Registered', data: {}, personal };
  async function register(events: readonly DomainEvent[] = [registered]): Promise<{ id: string; streamId: string }> {
    const id = uuid();
    const streamId = streamName('person', id);
    await store.append({ streamId, expectedVersion: 0, events, cause: cause() });
    return { id, streamId };
  }

  it('comes back to whom the key is given, and to nobody else', async () => {
    const { streamId } = await register();
    expect((await store.readStream(streamId))[0]?.event.personal).toEqual(personal);
    expect((await store.readStreams([streamId])).get(streamId)?.[0]?.event.personal).toEqual(personal);
    expect((await new PostgresEventStore(log.pool).readStream(streamId))[0]?.event).toEqual({
      type: 'Registered',
      data: {},
    });
    expect(inspect(await settledLog(store), { depth: 9 })).not.toMatch(traces);
  });

  it('stands nowhere in the log as it is', async () => {
    await register();
    const { rows } = await log.pool.query<{ row: string }>(
      "SELECT events::text || convert_from(decode(replace(encode(coalesce(personal, ''), 'hex'), '00', ''), 'hex'), 'LATIN1') AS row FROM events",
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map((r) => r.row).join()).not.toMatch(traces);
  });

  it('is not given to inline projections, which a replay could not give it to', async () => {
    const given: unknown[] = [];
    const inline: Projection = {
      name: 'given-1',
      categories: ['person'],
      tables: [],
      apply: async (_tx, events) => {
        given.push(...events);
      },
    };
    const streamId = streamName('person', uuid());
    await new PostgresEventStore(log.pool, { personKeys: keys, inline: [inline] }).append({
      streamId,
      expectedVersion: 0,
      events: [registered],
      cause: cause(),
    });
    expect(given).toHaveLength(1);
    expect(inspect(given, { depth: 9 })).not.toMatch(traces);
    expect((await store.readStream(streamId))[0]?.event.personal).toEqual(personal);
  });

  it('decodes to "erased", never to an error, once the key is destroyed', async () => {
    const { id, streamId } = await register();
    await keys.destroy(id);
    expect((await store.readStream(streamId))[0]?.event).toEqual({ type: 'Registered', data: {} });
    await expect(store.append({ streamId, expectedVersion: 1, events: [registered], cause: cause() })).rejects.toThrow(
      'destroyed',
    );
  });

  it.each(['stream', 'version', 'type', 'person'])(
    'T-PII-3 does not open where it was moved to another %s',
    async (moved) => {
      const one = await register([registered, { ...registered, type: 'Renamed' }, registered]);
      const other = await register([{ type: 'Plain', data: {} }]);
      const copy = (from: string, to: string, set: string) =>
        log.asOwner(
          'ALTER TABLE events DISABLE TRIGGER events_are_kept',
          `UPDATE events AS e SET ${set} FROM events AS s WHERE s.${from} AND e.${to}`,
          'ALTER TABLE events ENABLE TRIGGER events_are_kept',
        );
      const at = (streamId: string, version: number, alias: string) =>
        `stream_id = '${streamId}' AND ${alias}.version = ${version}`;
      if (moved === 'stream')
        await copy(at(one.streamId, 1, 's'), at(other.streamId, 1, 'e'), 'personal = s.personal, type = s.type');
      if (moved === 'version') await copy(at(one.streamId, 1, 's'), at(one.streamId, 3, 'e'), 'personal = s.personal');
      if (moved === 'type') await copy(at(one.streamId, 2, 's'), at(one.streamId, 2, 'e'), "type = 'Registered'");
      if (moved === 'person') {
        // Even with the key of the person it was taken from.
        await copy(at(one.streamId, 1, 's'), at(other.streamId, 1, 'e'), 'personal = s.personal, type = s.type');
        await keysDatabase.pool.query('DELETE FROM person_keys WHERE person_id = $1', [other.id]);
        await keysDatabase.pool.query(
          'INSERT INTO person_keys SELECT $1, wrapped FROM person_keys WHERE person_id = $2',
          [other.id, one.id],
        );
      }
      const stranger = new PostgresEventStore(log.pool, {
        personKeys:
          moved === 'stream'
            ? { ...pass, find: () => keys.find(one.id) }
            : new PostgresPersonKeys(keysDatabase.pool, masterKey),
      });
      const error: unknown = await stranger
        .readStream(moved === 'stream' || moved === 'person' ? other.streamId : one.streamId)
        .catch((e: unknown) => e);
      expect(inspect(error)).toMatch('unable to authenticate data');
      expect(inspect(error)).not.toMatch(traces);
    },
  );
  const pass = { obtain: (id: string) => keys.obtain(id), destroy: (id: string) => keys.destroy(id) };

  it('T-PII-4 says nothing of it in any error, whatever fails', async () => {
    const streamId = streamName('person', uuid());
    const append = (more: object, into: Pick<PostgresEventStore, 'append'> = store) =>
      into.append({
        streamId,
        expectedVersion: 0,
        events: [registered],
        cause: cause({ commandId: 'x', fingerprint: 'f' }),
        ...more,
      });
    const inlineFailing = (text: string, values: unknown[]): PostgresEventStore =>
      new PostgresEventStore(log.pool, {
        personKeys: keys,
        inline: [
          {
            name: 'strict-1',
            categories: ['person'],
            tables: ['strict'],
            apply: async (tx) => {
              await tx.query(text, values);
            },
          },
        ],
      });
    const attempts: (() => Promise<unknown>)[] = [
      () => append({}, new PostgresEventStore(log.pool)),
      () => append({ expectedVersion: 4 }),
      () => append({ events: [{ ...registered, data: { name: `${CANARY}\u0000` } }] }),
      () => append({ cause: cause({ at: new Date(NaN), commandId: CANARY }) }),
      () =>
        append({
          take: [
            { scope: 'email', key: CANARY },
            { scope: 'email', key: CANARY },
          ],
        }),
      () => append({ events: [] }),
      () => append({}, inlineFailing('INSERT INTO strict (email) VALUES ($1)', [CANARY])),
      () => append({}, inlineFailing('INSERT INTO strict (n) VALUES ($1)', [CANARY])),
      () => store.transaction((_inside, tx) => tx.query(`SELECT '${CANARY}'::int`)),
      () => store.transaction((_inside, tx) => tx.query('INSERT INTO strict (email) VALUES ($1)', [CANARY])),
      () => handle(store, desk, uuid(), { type: 'LeaveDesk' }, cause({ commandId: CANARY })),
    ];
    for (const [i, attempt] of attempts.entries()) {
      const error: unknown = await attempt().then(
        () => `attempt ${i} did not fail`,
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(Error);
      const said = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
      expect(said).not.toMatch(traces);
    }
    expect(await store.readStream(streamId)).toEqual([]);
  });

  describe('person keys', () => {
    it('are made once, also when many ask at once', async () => {
      const id = uuid();
      const made = await Promise.all(
        Array.from({ length: 6 }, () => new PostgresPersonKeys(keysDatabase.pool, masterKey).obtain(id)),
      );
      expect(new Set(made.map((key) => key.toString('hex'))).size).toBe(1);
    });

    it('are gone for good, also for a person who had none yet', async () => {
      const id = uuid();
      await keys.destroy(id);
      await expect(keys.obtain(id)).rejects.toThrow('destroyed');
      expect(await keys.find(id)).toBeUndefined();
    });

    it('do not open under another master key or in the row of another person', async () => {
      const [one, two] = [uuid(), uuid()];
      await keys.obtain(one);
      await keysDatabase.pool.query(
        'INSERT INTO person_keys SELECT $1, wrapped FROM person_keys WHERE person_id = $2',
        [two, one],
      );
      await expect(keys.find(two)).rejects.toThrow();
      await expect(new PostgresPersonKeys(keysDatabase.pool, randomBytes(32)).find(one)).rejects.toThrow();
    });
  });
});
