import fc from 'fast-check';
import { halves, merged, plan } from './plan.ts';
import { login, logins, TOPIC, upTo } from '../logins.fixture.ts';

const at = (version: number, epoch = 1) => ({ epoch, version });
const state = (version: number, parked = false) => ({ last: at(version), parked });

describe('plan of a batch', () => {
  it('applies what is next and drops what was applied before', () => {
    const stream = logins(4);
    const key = stream[0]?.key ?? '';
    const { apply, park, versions } = plan({ messages: [...stream, ...stream] }, new Map([[key, state(2)]]));
    expect(apply).toEqual(stream.slice(2));
    expect(park).toEqual([]);
    expect(versions.get(key)).toEqual({ from: at(2), to: at(4) });
  });

  it('sets aside what follows a gap, and what follows that', () => {
    const { apply, park } = plan(
      { messages: [login('login-1', 1), login('login-1', 3), login('login-1', 4), login('login-2', 1)] },
      new Map(),
    );
    expect(apply.map((message) => message.key)).toEqual(['login-1', 'login-2']);
    expect(park.map(({ message, state: why }) => [message.version, why])).toEqual([
      [3, 'gap'],
      [4, 'waiting'],
    ]);
  });

  it('takes a version that follows private ones for the next', () => {
    expect(plan({ messages: [login('login-1', 7, 3)] }, new Map([['login-1', state(3)]])).apply).toHaveLength(1);
  });

  it('orders versions within the epoch of their log: what a newer one says under a version that was used is next, what an older one says late was applied', () => {
    const newer = (version: number, previous: number, previousEpoch = 1) => ({
      ...login('login-1', version, previous),
      position: '2.1.1',
      previousEpoch,
    });
    const states = new Map([['login-1', state(5)]]);
    const [fork, next, late] = [newer(4, 3), newer(5, 4, 2), login('login-1', 6)];
    const { apply, park, versions } = plan({ messages: [fork, late, next] }, states);
    expect([apply, park, versions.get('login-1')]).toEqual([[fork, next], [], { from: at(5), to: at(5, 2) }]);
    // As many versions are here, but not those of the newer epoch.
    expect(plan({ messages: [next] }, states).park).toMatchObject([{ state: 'gap' }]);
  });

  it('does not believe a leap over thousands of versions before its owner was asked', () => {
    const messages = [login('login-1', 2 ** 31 - 1, 1)];
    const states = new Map([['login-1', state(1)]]);
    expect(plan({ messages }, states).park).toMatchObject([{ state: 'gap' }]);
    expect(plan({ messages, reopened: 'login-1' }, states).apply).toEqual(messages);
  });

  it("lets messages of a parked stream wait, unless it is that stream's turn", () => {
    const messages = [login('login-1', 2)];
    const states = new Map([['login-1', state(1, true)]]);
    expect(plan({ messages }, states).park).toMatchObject([{ state: 'waiting' }]);
    expect(plan({ messages, reopened: 'login-1' }, states).apply).toEqual(messages);
  });

  it('never applies a version twice, out of order, or past a gap, whatever the bus brings', () => {
    const delivered = fc.array(
      fc.record({ key: fc.constantFrom('login-1', 'login-2'), version: fc.integer({ min: 1, max: 6 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(delivered, fc.integer({ min: 0, max: 3 }), (list, from) => {
        const states = new Map([['login-1', state(from)]]);
        const { apply, park } = plan({ messages: list.map(({ key, version }) => login(key, version)) }, states);
        for (const key of ['login-1', 'login-2']) {
          const begin = states.get(key)?.last.version ?? 0;
          const versions = apply.filter((message) => message.key === key).map((message) => message.version);
          expect(versions).toEqual(upTo(versions.length).map((n) => begin + n));
          const first = park.find(({ message }) => message.key === key);
          if (first) expect(first.state).toBe('gap');
        }
      }),
    );
  });

  it('halves a batch so that the halves cover the way of the whole', () => {
    const messages = logins(5);
    const parts = halves({
      messages,
      moves: [
        {
          topic: TOPIC,
          partition: 0,
          from: 10,
          to: 15,
          lastEventId: messages[4]?.eventId ?? '',
          offsets: [10, 11, 12, 13, 14],
        },
      ],
    });
    expect(
      parts?.map(({ messages: half, moves: [move] = [] }) => [
        move?.from,
        move?.to,
        half.length,
        move?.lastEventId === half.at(-1)?.eventId,
      ]),
    ).toEqual([
      [10, 12, 2, true],
      [12, 15, 3, true],
    ]);
    expect(halves({ messages: messages.slice(0, 1) })).toBeUndefined();
  });

  it('halves what several partitions brought between them, so that one with poison does not keep the others', () => {
    const [one, two] = [logins(3), logins(2)];
    const batchOf = (messages: typeof one, partition: number) => ({
      messages,
      moves: [
        {
          topic: TOPIC,
          partition,
          from: 0,
          to: messages.length,
          lastEventId: messages.at(-1)?.eventId ?? '',
          offsets: messages.map((_, n) => n),
        },
      ],
    });
    const both = merged([batchOf(one, 0), batchOf(two, 1)]);
    expect(both.messages).toEqual([...one, ...two]);
    expect(halves(both)).toEqual([batchOf(one, 0), batchOf(two, 1)]);
  });
});
