import { settled, stillGate } from './gate.fixture.ts';
import type { CachedVerdict } from './verdict-cache.ts';

const AT = Date.parse('2026-01-01T00:00:00.000Z');
const verdict = (keyId: string): CachedVerdict => ({
  keyId,
  keyName: '',
  projectId: '',
  organizationId: '',
  accountId: '',
  scopes: [],
  addresses: [],
  worksUntil: Infinity,
  stamp: 0,
  usedAt: 0,
});

describe('when keys were last used', () => {
  let house: ReturnType<typeof stillGate>;
  beforeEach(() => {
    house = stillGate();
  });
  afterEach(async () => {
    house.state.failing.clear();
    await house.end();
  });
  const told = () =>
    (house.asked('recordUse') as { uses: { keyId: string; usedAt: string }[] }[]).map(({ uses }) =>
      uses.map(({ keyId, usedAt }) => `${keyId} ${Date.parse(usedAt) - AT}`),
    );

  it('is told once for many uses, the latest, and not again unless it is used again', async () => {
    const [a, b] = [verdict('a'), verdict('b')];
    house.uses.record(a, AT + 1);
    house.uses.record(b, AT + 2);
    house.uses.record(a, AT + 3);
    await house.uses.onApplicationShutdown();
    await house.uses.onApplicationShutdown();
    expect(told()).toEqual([['a 3', 'b 2']]);
    expect(house.contexts('recordUse')).toEqual([['service:gateway', 'gate', undefined]]);
    house.uses.record(b, AT + 4);
    await house.uses.onApplicationShutdown();
    expect(told().at(-1)).toEqual(['b 4']);
  });

  it('is told of each day: midnight forgets nothing', async () => {
    const [before, after] = [AT - 1, AT + 1];
    const a = verdict('a');
    house.uses.record(a, before - 5);
    house.uses.record(a, before);
    house.uses.record(a, after);
    house.state.failing.set('recordUse', new Error('away'));
    await house.uses.onApplicationShutdown();
    house.state.failing.clear();
    await house.uses.onApplicationShutdown();
    expect(told().at(-1)).toEqual(['a -1', 'a 1']);
  });

  it('is told in parts of five thousand, all of it before the process ends', async () => {
    for (let n = 0; n < 5_001; n++) house.uses.record(verdict(`k${n}`), AT);
    await house.uses.onApplicationShutdown();
    expect(told().map((uses) => uses.length)).toEqual([5_000, 1]);
  });

  it('is kept while it cannot be told, and told the next time; an end waits for nobody', async () => {
    house.state.failing.set('recordUse', new Error('away'));
    house.uses.record(verdict('a'), AT + 5);
    await house.uses.onApplicationShutdown();
    expect([told(), house.warned.length]).toEqual([[['a 5']], 1]);
    house.state.failing.clear();
    await house.uses.onApplicationShutdown();
    expect(told()).toEqual([['a 5'], ['a 5']]);
  });

  it('is the later one of a key that is used again while that cannot be told', async () => {
    const key = verdict('a');
    house.uses.record(key, AT + 5);
    house.state.failing.set('recordUse', new Error('away'));
    const held = house.hold('recordUse');
    const ending = house.uses.onApplicationShutdown();
    await settled();
    house.uses.record(key, AT + 9);
    held.all();
    await ending;
    house.state.failing.clear();
    await house.uses.onApplicationShutdown();
    expect(told().at(-1)).toContain('a 9');
  });
});
