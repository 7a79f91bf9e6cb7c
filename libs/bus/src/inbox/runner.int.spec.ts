import { PostgresEventStore, VersionConflict } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import type { Bus, Message } from '../port/bus.ts';
import { BUSES, recordsOf, type TestBus } from '../buses.fixture.ts';
import type { DeliveredFact } from './delivered-fact.ts';
import type { Inbox } from './inbox.ts';
import { InboxRunner } from './runner.ts';
import {
  appliedIn,
  eventually,
  login,
  logins,
  LoginInbox,
  loginSchema,
  TOPIC,
  total,
  upTo,
} from '../logins.fixture.ts';
import { parkedList, retry, skip } from './parked.ts';
import { hasTakenAll } from './taken.ts';

describe.each(BUSES)('inbox of %s', (_name, openBus) => {
  let service: TestDatabase;
  let under: TestBus;
  let bus: Bus;
  const runners: InboxRunner[] = [];
  const alarms: string[] = [];

  beforeEach(async () => {
    [service, under] = await Promise.all([testDatabase(loginSchema), openBus({ partitions: 1 })]);
    bus = under.bus;
    alarms.length = 0;
  });
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    await Promise.all([service.drop(), under.drop()]);
  });

  const runner = (spoil?: (fact: DeliveredFact) => void, inbox: Inbox = new LoginInbox(spoil)) => {
    const alarm = (what: string, error: unknown) => {
      alarms.push(`${what} ${String(error)}`);
    };
    const made = new InboxRunner({
      consumer: 'mailer',
      pool: service.pool,
      store: new PostgresEventStore(service.pool),
      bus,
      inbox,
      alarm,
      parkedEveryMs: 50,
      backOffMaxMs: 100,
    });
    runners.push(made);
    return made;
  };
  const applied = async (key: string) => (await appliedIn(service.pool)).get(key) ?? [];
  const keyOf = (messages: readonly Message[]) => messages[0]?.key ?? '';

  it('T-CON-2 with two owners of a partition applies each fact once', async () => {
    const streams = upTo(40).map(() => logins(20));
    for (const stream of streams) await bus.publish(stream);
    const records = await recordsOf(bus);
    const partition = { topic: TOPIC, partition: 0 };
    const late = runner();
    await late.assigned(partition);
    await Promise.all(
      [runner(), runner()].map(async (owner) => {
        let at = await owner.assigned(partition);
        while (at !== 'halt' && at < 800) at = (await owner.receive(partition, records.slice(at, at + 30))).offset;
      }),
    );
    for (const stream of streams) expect(await applied(keyOf(stream))).toEqual(upTo(20));
    // One that was paused all the time does nothing and learns where to go on.
    expect(await late.receive(partition, records.slice(0, 30))).toMatchObject({ offset: 800 });
    expect(await parkedList(service.pool)).toEqual([]);
  });

  it('T-CON-2 with two owners of a partition goes past a batch of which its inbox takes nothing, and misses nothing of others', async () => {
    const streams = upTo(8).map(() => logins(20));
    for (const stream of streams) await bus.publish(stream);
    const records = await recordsOf(bus);
    const partition = { topic: TOPIC, partition: 0 };
    const picky = () => Object.assign(new LoginInbox(), { takes: ({ version }: DeliveredFact) => version > 10 });
    await Promise.all(
      [runner(undefined, picky()), runner(undefined, picky())].map(async (owner) => {
        let at = await owner.assigned(partition);
        while (at !== 'halt' && at < 160) at = (await owner.receive(partition, records.slice(at, at + 10))).offset;
      }),
    );
    for (const stream of streams) expect(await applied(keyOf(stream))).toEqual(upTo(20).slice(10));
    expect(await parkedList(service.pool)).toEqual([]);
  });

  it('T-CON-3 parks the key of a poisoned fact, serves the others within 2 s, and applies in order when it is tried again', async () => {
    let poisoned = true;
    const bad = logins(6);
    const flowing = runner((fact) => {
      if (poisoned && fact.streamId === keyOf(bad) && fact.version === 3) throw new Error('cannot be');
    });
    await flowing.start();
    await bus.publish([...bad.slice(0, 4), ...logins(200)]);
    for (const _ of upTo(5)) {
      const [other, begun] = [logins(5), performance.now()];
      await bus.publish(other);
      await eventually(async () => (await applied(keyOf(other))).length === 5);
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
    await bus.publish(bad.slice(4));
    await eventually(async () => (await parkedList(service.pool)).length === 4);
    expect((await parkedList(service.pool)).map((row) => [row.version, row.state, row.tries])).toEqual([
      [3, 'failed', 3],
      [4, 'waiting', 0],
      [5, 'waiting', 0],
      [6, 'waiting', 0],
    ]);
    expect(await applied(keyOf(bad))).toEqual([1, 2]);
    expect([await flowing.isParked(keyOf(bad)), (await flowing.applied(keyOf(bad))).version]).toEqual([true, 2]);
    expect(alarms.join()).toMatch(/is parked at version 3/);
    // Tried too early it fails again and keeps its place.
    await retry(service.pool, keyOf(bad));
    await eventually(async () => (await parkedList(service.pool))[0]?.tries === 6);
    expect(await applied(keyOf(bad))).toEqual([1, 2]);
    poisoned = false;
    expect(await retry(service.pool, keyOf(bad))).toBe(true);
    await eventually(async () => (await parkedList(service.pool)).length === 0);
    expect(await applied(keyOf(bad))).toEqual(upTo(6));
    expect(await flowing.isParked(keyOf(bad))).toBe(false);
  });

  it('has taken all when its places are at the ends and nothing is parked', async () => {
    const [bad, taken] = [logins(2), () => hasTakenAll(service.pool, bus, 'mailer', TOPIC)];
    await bus.publish(logins(3));
    expect(await taken()).toBe(false);
    await runner((fact) => {
      if (fact.streamId === keyOf(bad)) throw new Error('cannot be');
    }).start();
    await eventually(taken);
    await bus.publish(bad);
    await eventually(async () => (await parkedList(service.pool)).length === 2);
    expect(await taken()).toBe(false);
    await skip(service.pool, keyOf(bad), 'sent in error');
    await skip(service.pool, keyOf(bad), 'sent in error');
    await eventually(taken);
    await service.pool.query('UPDATE inbox_offsets SET next_offset = next_offset + 1000');
    expect(await taken()).toBe(false);
  });

  it('goes on without a skipped fact and keeps it with the reason', async () => {
    const bad = logins(5);
    await runner((fact) => {
      if (fact.streamId === keyOf(bad) && fact.version === 2) throw new Error('cannot be');
    }).start();
    await bus.publish(bad);
    await eventually(async () => (await parkedList(service.pool)).length === 4);
    expect(await skip(service.pool, keyOf(bad), 'sent in error')).toBe(true);
    await eventually(async () => (await parkedList(service.pool)).length === 0);
    expect(await applied(keyOf(bad))).toEqual([1, 3, 4, 5]);
    expect(await parkedList(service.pool, { skipped: true })).toMatchObject([
      { version: 2, state: 'skipped', skipReason: 'sent in error' },
    ]);
  });

  it('waits at a gap without history until an operator gives up what is missing', async () => {
    const stream = logins(4);
    await runner().start();
    await bus.publish([...stream.slice(0, 1), ...stream.slice(2)]);
    await eventually(async () => (await parkedList(service.pool)).length === 2);
    expect((await parkedList(service.pool)).map((row) => row.state)).toEqual(['gap', 'waiting']);
    await skip(service.pool, keyOf(stream), 'the owner has lost it');
    await eventually(async () => (await applied(keyOf(stream))).length === 3);
    expect(await applied(keyOf(stream))).toEqual([1, 3, 4]);
  });

  it('T-SCH-3 survives facts of a service one version ahead: a type it has never heard of, a newer version, new fields', async () => {
    const [first, second, third, fourth] = logins(4) as [Message, Message, Message, Message];
    const taken: DeliveredFact[] = [];
    await runner((fact) => {
      taken.push(fact);
    }).start();
    await bus.publish([
      first,
      { ...second, type: 'LoginRefused.v1', data: { why: 'unheard of' } },
      { ...third, type: 'LoginRecorded.v99', data: { who: 'unheard of' } },
      { ...fourth, data: { ...fourth.data, device: 'unheard of' } },
    ]);
    await eventually(async () => (await applied(first.key)).length === 2);
    expect(await applied(first.key)).toEqual([1, 4]);
    // As the newest version that is known here, and no more.
    const { method, ...more } = fourth.data as { readonly method: string };
    expect(taken.at(-1)?.data).toEqual({ ...more, methods: [method], newDevice: false });
    expect(await parkedList(service.pool)).toEqual([]);
  });

  it('drops from the bus what was read from its owner before, and the other way round', async () => {
    const stream = logins(8);
    const reading = runner();
    await bus.publish(stream.slice(0, 3));
    await reading.start();
    await eventually(async () => (await applied(keyOf(stream))).length === 3);
    await reading.receiveHistory(stream.slice(0, 6));
    expect((await reading.applied(keyOf(stream))).version).toBe(6);
    await bus.publish(stream.slice(3));
    await eventually(async () => (await applied(keyOf(stream))).length === 8);
    expect(await applied(keyOf(stream))).toEqual(upTo(8));
    expect(await parkedList(service.pool)).toEqual([]);
  });

  it("applies each fact once when the bus and the owner's history bring it at the same time", async () => {
    const streams = upTo(30).map(() => logins(20));
    const [reading, asking] = [runner(), runner()];
    await reading.start();
    await Promise.all(streams.flatMap((stream) => [bus.publish(stream), asking.receiveHistory(stream)]));
    await eventually(async () => total(await appliedIn(service.pool)) >= 600);
    await eventually(async () => (await parkedList(service.pool)).length === 0);
    for (const stream of streams) expect(await applied(keyOf(stream))).toEqual(upTo(20));
  });

  it('passes over facts that it has never heard of', async () => {
    const stream = logins(3).map((message) =>
      message.version === 2 ? { ...message, type: 'LoginDreamt.v1' } : message,
    );
    const reading = runner();
    await reading.start();
    await bus.publish(stream);
    await eventually(async () => (await applied(keyOf(stream))).length === 2);
    expect([await applied(keyOf(stream)), (await reading.applied(keyOf(stream))).version]).toEqual([[1, 3], 3]);
    expect(await parkedList(service.pool)).toEqual([]);
  });

  it('reads tolerantly: a field that it does not know is left out, a broken one is parked', async () => {
    const [more, broken] = [logins(1), logins(1)];
    const facts: DeliveredFact[] = [];
    await runner((fact) => {
      facts.push(fact);
    }).start();
    await bus.publish([
      ...more.map((message) => ({ ...message, data: { ...message.data, since: 'next year' } })),
      ...broken.map((message) => ({ ...message, data: {} })),
    ]);
    await eventually(async () => (await parkedList(service.pool)).length === 1 && facts.length > 0);
    expect(facts[0]?.data).not.toHaveProperty('since');
    expect((await parkedList(service.pool))[0]).toMatchObject({
      streamId: keyOf(broken),
      state: 'failed',
      error: expect.stringContaining('MalformedFact') as string,
    });
  });

  it('tries again, and parks nothing, when a command in the same stream was faster', async () => {
    let failures = 3;
    const stream = logins(2);
    await runner(() => {
      if (failures-- > 0) throw new VersionConflict('account-1', 1);
    }).start();
    await bus.publish(stream);
    await eventually(async () => (await applied(keyOf(stream))).length === 2);
    expect(await parkedList(service.pool, { skipped: true })).toEqual([]);
    expect(alarms).toEqual([]);
  });

  it('finds every poisoned fact of a batch and applies the rest once', async () => {
    const streams = upTo(60).map(() => logins(5));
    const bad = new Set(streams.filter((_, i) => i % 7 === 0).map(keyOf));
    await runner((fact) => {
      if (bad.has(fact.streamId) && fact.version === 2) throw new Error('cannot be');
    }).start();
    await bus.publish(streams.flat());
    await eventually(
      async () => total(await appliedIn(service.pool)) + (await parkedList(service.pool)).length === 300,
    );
    for (const stream of streams) expect(await applied(keyOf(stream))).toEqual(bad.has(keyOf(stream)) ? [1] : upTo(5));
  });

  it('halts when the bus has forgotten what was not read yet', async () => {
    const reading = runner();
    await bus.publish(logins(3));
    await reading.start();
    await eventually(async () => total(await appliedIn(service.pool)) === 3);
    await reading.stop();
    await bus.publish([login('login-late', 1), ...logins(3)]);
    await under.forgetBefore(5);
    const second = runner();
    await second.start();
    await eventually(() => second.faults.length === 1);
    expect(second.faults[0]).toContain('the bus begins at 5');
  });
});
