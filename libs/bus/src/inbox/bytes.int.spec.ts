import { PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import fc from 'fast-check';
import { BUSES, type TestBus } from '../buses.fixture.ts';
import type { Message, RawRecord } from '../port/bus.ts';
import type { History } from './inbox.ts';
import { InboxRunner } from './runner.ts';
import { appliedIn, eventually, login, logins, LoginInbox, loginSchema, TOPIC, upTo } from '../logins.fixture.ts';
import { toHeaders } from '../port/message.ts';
import { parkedList, retry, skip } from './parked.ts';
import { recordOf } from '../port/record.ts';
import { nextRecord, skipRecord } from './skip-record.ts';

/** As a relay would have written it, but for what is told. */
const written = (
  message: Message,
  instead: Partial<Omit<RawRecord, 'headers'>> & { headers?: Record<string, string | Buffer> } = {},
): RawRecord => ({
  key: Buffer.from(message.key),
  value: Buffer.from(JSON.stringify(message.data)),
  ...instead,
  headers: Object.entries({ ...toHeaders(message), ...instead.headers }).map(
    ([name, value]) => [name, Buffer.from(value)] as const,
  ),
});

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

/** Text at every place that PostgreSQL and JSON can hold, and that no relay writes. */
const BAD_JSON: Record<string, string> = {
  'an empty object': '{}',
  'no object': '7',
  'NUL in text': '{"accountId":"a\\u0000"}',
  'NUL in a name': '{"a\\u0000":1}',
  'half a character': '{"accountId":"\\ud800"}',
  'a thousand levels': `{"a":${deep(1_000)}}`,
  '30,000 levels': `{"a":${deep(30_000)}}`,
  'a number without bounds': '{"a":1e400}',
  'a name of every object': '{"__proto__":{"a":1},"constructor":1}',
  'ten million bytes': JSON.stringify({ a: 'x'.repeat(10_000_000) }),
};
const BAD_HEADERS: Record<string, Record<string, string | Buffer>> = {
  'a version of many digits': { stream_version: '9'.repeat(40) },
  'a version of 2^31': { stream_version: String(2 ** 31) },
  'a version below 1': { stream_version: '-1' },
  'a version without bounds': { stream_version: '1e400' },
  'no number': { stream_version: 'NaN' },
  'a version before itself': { stream_previous: '900' },
  'no time': { ce_time: 'yesterday' },
  'no position': { source_position: 'here' },
  'a position that is none': { source_position: '1.x.2' },
  'a name of every object': { ce_type: 'constructor' },
  'the owner of another topic': { ce_source: 'mailer' },
  'a fact of another topic': { ce_type: 'AccountSuspended.v1' },
  'an id that is none': { ce_id: '' },
  'an unknown fact': { ce_type: 'LoginDreamt.v9' },
  'an id that is no uuid': { ce_id: 'x'.repeat(500) },
  'an id without end': { ce_id: 'x'.repeat(100_000) },
  'a year of five digits': { ce_time: '+012026-01-01T00:00:00.000Z' },
};
const BYTES: Record<string, Buffer> = {
  'NUL': Buffer.from([0]),
  'nothing': Buffer.alloc(0),
  'no UTF-8': Buffer.from([0xff, 0xc0, 0x80]),
  'half a character': Buffer.from([0xed, 0xa0, 0x80]),
  'a long text': Buffer.alloc(10_000, 'x'),
};

describe.each(BUSES)('any bytes on %s', (name, openBus) => {
  let service: TestDatabase;
  let under: TestBus;
  const runners: InboxRunner[] = [];
  const alarms: string[] = [];
  beforeEach(async () => {
    [service, under] = await Promise.all([testDatabase(loginSchema), openBus({ partitions: 1 })]);
    alarms.length = 0;
  });
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    await Promise.all([service.drop(), under.drop()]);
  });

  const runner = (inbox = new LoginInbox(), history?: History) => {
    const made = new InboxRunner({
      consumer: 'mailer',
      pool: service.pool,
      store: new PostgresEventStore(service.pool),
      bus: under.bus,
      inbox,
      alarm: (what, error) => {
        alarms.push(`${what} ${String(error)}`);
      },
      parkedEveryMs: 50,
      backOffMaxMs: 100,
      ...(history ? { history } : {}),
    });
    runners.push(made);
    return made;
  };
  const applied = async (key: string) => (await appliedIn(service.pool)).get(key) ?? [];

  /** A stream of three, and what was planted between its facts. */
  async function around(planted: readonly RawRecord[]) {
    const stream = logins(3);
    const [first, second, third] = stream as [Message, Message, Message];
    await under.bus.publish([first]);
    await under.plant(planted.slice(0, planted.length / 2));
    await under.bus.publish([second]);
    await under.plant(planted.slice(planted.length / 2));
    await under.bus.publish([third]);
    const reading = runner();
    await reading.start();
    await eventually(async () => (await applied(first.key)).length === 3);
    expect(await applied(first.key)).toEqual(upTo(3));
    expect([reading.faults, await reading.isParked(first.key)]).toEqual([[], false]);
    await reading.stop();
    return parkedList(service.pool);
  }

  it('are applied, passed over or parked, and the facts around them are applied in their order', async () => {
    const values = Object.values(BAD_JSON)
      .filter((json) => under.takes('value', Buffer.from(json)))
      .map((json) => written(login('login-bad', 1), { value: Buffer.from(json) }));
    const headers = Object.values(BAD_HEADERS).map((instead) => written(login('login-bad', 1), { headers: instead }));
    const bytes = Object.values(BYTES).flatMap((held) => [
      ...(under.takes('key', held) ? [written(login('login-bad', 1), { key: held })] : []),
      ...(under.takes('value', held) ? [written(login('login-bad', 1), { value: held })] : []),
      ...(under.takes('header', held)
        ? ['ce_id', 'ce_type', 'traceparent', 'stream_version'].map((header) =>
            written(login('login-bad', 1), { headers: { [header]: held } }),
          )
        : []),
    ]);
    const parked = await around(
      [...values, ...headers, ...bytes, { key: null, value: null, headers: [] }].filter((record) =>
        under.takes('key', record.key ?? Buffer.alloc(0)),
      ),
    );
    expect(parked.filter(({ message }) => message.type === 'Unreadable').length).toBeGreaterThan(20);
    expect(
      parked.every(
        ({ error }) => error?.includes('UnreadableRecord') === true || error?.includes('MalformedFact') === true,
      ),
    ).toBe(true);
  });

  it('T-CON-6 of any kind hinder nobody, whatever comes', async () => {
    const held = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes))
      .filter((bytes) => under.takes('value', bytes));
    const names = fc.oneof(
      fc.constantFrom(...Object.keys(toHeaders(login('login-x', 1)))),
      fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
    );
    const text = fc
      .oneof(fc.string({ maxLength: 12 }), fc.constantFrom('1', '2147483647', '-1', '1e400'))
      .filter((each) => under.takes('header', Buffer.from(each)))
      .map((each) => Buffer.from(each));
    const records = fc.sample(
      fc.record({
        key: fc.oneof(held, fc.constant(Buffer.from('login-bad'))).filter((key) => under.takes('key', key)),
        value: fc.oneof(
          held,
          fc
            .json()
            .map((json) => Buffer.from(json))
            .filter((json) => under.takes('value', json)),
        ),
        headers: fc.array(fc.tuple(names, text), { maxLength: 14 }),
      }),
      { numRuns: 120, seed: 7 },
    );
    await around(records);
  });

  it('are kept as they came, shown safely, tried again and left out', async () => {
    if (name !== 'Kafka') return;
    const value = Buffer.concat([Buffer.from([0, 0xff, 0x1b]), Buffer.from('[31m'), Buffer.alloc(20_000, 'é')]);
    const [parked] = await around([{ key: Buffer.from([0]), value, headers: [['a\0b', Buffer.from([0, 1])]] }]);
    const [whole] = await parkedList(service.pool, { streamId: parked?.streamId ?? '' });
    expect([whole?.rawKey, whole?.rawValue]).toEqual([Buffer.from([0]), value]);
    expect(JSON.parse(whole?.rawHeaders?.toString() ?? '')).toEqual([['a\0b', 'AAE=']]);
    expect(JSON.stringify(whole?.message.data)).not.toMatch(/\\u0000|\\u001b/);
    const again = runner();
    await again.start();
    await retry(service.pool, parked?.streamId ?? '');
    await eventually(async () => (await parkedList(service.pool))[0]?.tries === 6);
    expect(await skip(service.pool, parked?.streamId ?? '', 'not ours')).toBe(true);
    await eventually(async () => (await parkedList(service.pool)).length === 0);
  });

  it.each(['{}', JSON.stringify(login('login-1', 1).data)])(
    'that claim a version of a stream that its owner never published neither hide nor hold up what it says: %s',
    async (value) => {
      const stream = logins(3);
      const key = stream[0]?.key ?? '';
      const history = (_topic: string, _stream: string, after: { version: number }) =>
        Promise.resolve(stream.filter(({ version }) => version > after.version));
      await under.bus.publish(stream.slice(0, 1));
      await under.plant([written(login(key, 2 ** 31 - 1, 1), { value: Buffer.from(value) })]);
      await runner(new LoginInbox(), history).start();
      await eventually(async () => (await parkedList(service.pool))[0]?.state === 'failed');
      expect((await parkedList(service.pool))[0]?.error).toContain('its owner has never published it');
      await under.bus.publish(stream.slice(1, 2));
      await eventually(async () => (await applied(key)).length === 2);
      await skip(service.pool, key, 'planted', history);
      await under.bus.publish(stream.slice(2));
      await eventually(async () => (await applied(key)).length === 3);
      expect(await parkedList(service.pool, { skipped: true })).toMatchObject([
        { state: 'skipped', version: 2 ** 31 - 1 },
      ]);
    },
  );

  class Broken extends LoginInbox {
    parking(messages: readonly Message[]) {
      if (messages.some((message) => message.type === 'Unreadable')) throw new Error('parking is broken');
    }
  }

  it('that cannot even be parked do not keep another partition that shares their transaction', async () => {
    const partitions = [0, 1].map((partition) => ({ topic: TOPIC, partition }));
    const reading = runner(new Broken());
    for (const partition of partitions) await reading.assigned(partition);
    const batches = [
      [recordOf(TOPIC, 0, 0, { key: null, value: null, headers: [] })],
      logins(2).map((message, offset) => ({ offset, message })),
    ];
    const answers = await Promise.all(partitions.map((partition, n) => reading.receive(partition, batches[n] ?? [])));
    expect(answers.map(({ offset }) => offset)).toEqual([0, 2]);
  });

  it('that cannot even be parked are named with the command that leaves them out, and do not hold anything up afterwards', async () => {
    const stream = logins(2);
    await under.bus.publish(stream.slice(0, 1));
    await under.plant([written(login('login-bad', 1), { value: Buffer.from('7') })]);
    await under.bus.publish(stream.slice(1));
    const reading = runner(new Broken());
    await reading.start();
    await eventually(() => reading.faults.length === 1);
    expect(reading.faults[0]).toMatch(
      /^mailer stands still at identity\.logins\/0@1 since .*Z: Error: parking is broken\..*"rollcall inbox skip mailer identity\.logins 0 1 --reason <why>"$/,
    );
    expect(await applied(stream[0]?.key ?? '')).toEqual([1]);
    const partition = { topic: TOPIC, partition: 0 };
    expect(await nextRecord(service.pool, under.bus, 'mailer', partition, 0)).toBeUndefined();
    const record = await nextRecord(service.pool, under.bus, 'mailer', partition, 1);
    expect(record && (await skipRecord(service.pool, 'mailer', partition, 1, record))).toBe(true);
    expect(record && (await skipRecord(service.pool, 'mailer', partition, 1, record))).toBe(false);
    await eventually(async () => (await applied(stream[0]?.key ?? '')).length === 2);
    await eventually(() => reading.faults.length === 0);
  });
});
