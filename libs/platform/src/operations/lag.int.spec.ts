import { randomUUID } from 'node:crypto';
import { busSchema, epochsSchema, inboxSchema, PostgresBus, relaySchema } from '#bus';
import { logSchema, PostgresEventStore, START } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { behindInLog, consumerLags, ofTheBus, projectionLags, relayLag } from './lag.ts';

const TOPIC = 'identity.logins';
const [NOON, SECOND_MS] = [Date.parse('2026-01-01T12:00:00.000Z'), 1_000];

describe('how far somebody is behind', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await testDatabase([...logSchema, ...relaySchema, ...inboxSchema, ...epochsSchema]);
    store = new PostgresEventStore(database.pool);
  });
  afterEach(() => database.drop());

  const sql = (text: string, values: unknown[] = []) => database.pool.query(text, values);
  const append = async (count: number) => {
    await store.append({
      streamId: `desk-${randomUUID()}`,
      expectedVersion: 0,
      events: Array.from({ length: count }, () => ({ type: 'ItemAdded', data: { amount: 1 } })),
      cause: { at: new Date(), correlationId: 'c', actor: 'service:test' },
    });
  };
  const place = ({ epoch, txid, pos } = START) => ({ epoch, txid: `${txid}`, pos: `${pos}` });
  const headOfLog = async () => place(await store.head());

  describe('in the log', () => {
    it('is what comes after its place, and how long the oldest of that has waited', async () => {
      await append(2);
      const at = await headOfLog();
      expect(await behindInLog(database.pool, at)).toEqual({ events: 0, seconds: 0 });
      await append(3);
      const { events, seconds } = await behindInLog(database.pool, at);
      expect([events, seconds > 0 && seconds < 60]).toEqual([3, true]);
      expect((await behindInLog(database.pool, place())).events).toBe(5);
    });

    it('is counted to a bound, and the oldest is found all the same', async () => {
      await append(1);
      await database.asOwner(
        'ALTER TABLE events DISABLE TRIGGER USER',
        "UPDATE events SET recorded_at = clock_timestamp() - interval '1 hour'",
      );
      await append(5);
      const { events, seconds } = await behindInLog(database.pool, place(), 4);
      expect([events, Math.round(seconds / 600)]).toEqual([4, 6]);
    });

    it('is never less than nothing, though the clock of the database goes back', async () => {
      await append(1);
      await database.asOwner(
        'ALTER TABLE events DISABLE TRIGGER USER',
        "UPDATE events SET recorded_at = clock_timestamp() + interval '1 hour'",
      );
      expect(await behindInLog(database.pool, place())).toEqual({ events: 1, seconds: 0 });
    });
  });

  it('of the relay is not known before its first start, and then by the place that it keeps', async () => {
    await append(2);
    expect(await relayLag(database.pool, 'identity')).toBeUndefined();
    await sql("INSERT INTO relay (name) VALUES ('identity')");
    expect(await relayLag(database.pool, 'identity')).toMatchObject({ events: 2, position: '0.0.0' });
    expect(await relayLag(database.pool, 'identity', 1)).toMatchObject({ events: 1 });
    const { epoch, txid, pos } = await headOfLog();
    await sql('UPDATE relay SET log_epoch = $1, log_txid = $2, log_pos = $3', [epoch, txid, pos]);
    expect(await relayLag(database.pool, 'identity')).toEqual({
      events: 0,
      seconds: 0,
      position: `${epoch}.${txid}.${pos}`,
    });
  });

  it('of each read model is told by name', async () => {
    await append(1);
    const { epoch, txid, pos } = await headOfLog();
    await append(2);
    await sql("INSERT INTO checkpoints VALUES ('late-1', $1, $2, $3), ('at-the-start-1', 0, '0', 0)", [
      epoch,
      txid,
      pos,
    ]);
    expect(await projectionLags(database.pool)).toMatchObject([
      { kind: 'projection', of: 'log', name: 'at-the-start-1', behindEvents: 3 },
      { kind: 'projection', of: 'log', name: 'late-1', behindEvents: 2 },
    ]);
  });

  describe('of a consumer', () => {
    let busDatabase: TestDatabase;
    let bus: PostgresBus;
    beforeEach(async () => {
      busDatabase = await testDatabase(busSchema);
      bus = new PostgresBus({ pool: busDatabase.pool, alarm: () => undefined });
    });
    afterEach(async () => {
      await bus.close();
      await busDatabase.drop();
    });

    const publish = async (count: number, time = new Date(NOON).toISOString()) => {
      const key = `login-${randomUUID()}`;
      await bus.publish(
        Array.from({ length: count }, (_, i) => ({
          topic: TOPIC,
          key,
          eventId: randomUUID(),
          type: 'LoginRecorded.v1',
          version: i + 1,
          previous: i,
          source: 'identity',
          time,
          position: `1.${i + 1}.1`,
          correlationId: 'c',
          data: {},
        })),
      );
      const range = (await bus.ranges(TOPIC)).find(({ next }) => next > 0);
      return range?.partition ?? -1;
    };
    const stand = (partition: number, next: number) =>
      sql('INSERT INTO inbox_offsets (consumer, topic, partition, next_offset) VALUES ($1, $2, $3, $4)', [
        'mailer',
        TOPIC,
        partition,
        next,
      ]);
    const lags = () => consumerLags(database.pool, bus, () => NOON + 90 * SECOND_MS);

    it('is what its partitions hold beyond its place, and the age of the next fact by the given clock', async () => {
      const partition = await publish(5);
      await stand(partition, 2);
      expect(await lags()).toEqual([
        { kind: 'consumer', name: 'mailer', of: `${TOPIC}/${partition}`, behindEvents: 3, behindSeconds: 90 },
      ]);
    });

    it('is nothing at the end, and beyond it where the bus has lost what it held', async () => {
      const partition = await publish(2);
      await stand(partition, 2);
      expect(await lags()).toMatchObject([{ behindEvents: 0, behindSeconds: 0 }]);
      await sql('UPDATE inbox_offsets SET next_offset = 9');
      expect(await lags()).toMatchObject([{ behindEvents: 0, behindSeconds: 0 }]);
    });

    it('has no age where the next fact has no time, and none below nothing', async () => {
      const partition = await publish(1, 'in the morning');
      await publish(1, new Date(NOON + 200 * SECOND_MS).toISOString());
      await stand(partition, 0);
      expect(await lags()).toMatchObject([{ behindEvents: 2, behindSeconds: undefined }]);
      await sql('UPDATE inbox_offsets SET next_offset = 1');
      expect(await lags()).toMatchObject([{ behindEvents: 1, behindSeconds: 0 }]);
    });
  });
});

describe('a report of a fault', () => {
  it('tells what the bus says', async () => {
    expect(await ofTheBus(() => Promise.resolve(7))).toEqual({ told: 7 });
  });

  it('survives the fault: that the bus fails is its trouble', async () => {
    expect(await ofTheBus(() => Promise.reject(new Error('no broker')))).toEqual({
      trouble: 'the bus does not answer as it should: no broker; what is decided waits in the log',
    });
  });

  it('does not wait for a bus that says nothing', async () => {
    const began = performance.now();
    expect(await ofTheBus(() => new Promise(() => undefined))).toHaveProperty('trouble');
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
