import { counted, Problem, watched } from '#platform';
import { stillGate, settled } from './gate.fixture.ts';

const HOME = '203.0.113.7';

describe('the gate', () => {
  let house: ReturnType<typeof stillGate>;
  beforeEach(() => {
    house = stillGate();
  });
  afterEach(() => house.end());

  /** `memory` or `asked` for a key that works, else the code by which it was refused; at once where `!` stands behind it. */
  const judged = async (secret: string, address = HOME) => {
    try {
      const held = house.gate.judge(secret, address);
      if (!(held instanceof Promise)) return 'memory';
      return await held.then(
        () => 'asked',
        (error: unknown) => (error as Problem).code,
      );
    } catch (error) {
      return `${(error as Problem).code}!`;
    }
  };
  const asked = () => (house.asked('verifyKeys') as { digests: string[] }[]).flatMap(({ digests }) => digests);

  it('says whose key it is', async () => {
    const {
      secret,
      digest,
      outcome: _,
      become: _become,
      addresses: _addresses,
      ...whose
    } = house.key({ scopes: ['jobs:read'], expiresAt: '2999-01-01T00:00:00.000Z' });
    expect(await house.gate.judge(secret, HOME)).toMatchObject({ ...whose, expiresAt: '2999-01-01T00:00:00.000Z' });
    expect(asked()).toEqual([digest]);
  });

  it('refuses at once what can be no key of this installation, and asks nobody about it', async () => {
    const { secret } = house.key();
    const elsewhere = stillGate();
    for (const form of [
      '',
      `Bearer ${secret}`,
      `${secret} ${secret}`,
      `${secret}x`,
      ` ${secret}`,
      'x'.repeat(201),
      elsewhere.key().secret,
    ])
      expect([form, await judged(form)]).toEqual([form, 'key/malformed!']);
    expect(asked()).toEqual([]);
    await elsewhere.end();
  });

  it('asks for each request while it holds no lease', async () => {
    const key = house.key();
    expect([await judged(key.secret), await judged(key.secret)]).toEqual(['asked', 'asked']);
    key.become({ outcome: 'unknown' });
    expect(await judged(key.secret)).toBe('key/refused');
    expect(house.cache.size).toBe(0);
  });

  it('answers from memory while it holds one, and asks again when it does not', async () => {
    const key = house.key();
    await house.begin();
    expect([await judged(key.secret), await judged(key.secret)]).toEqual(['asked', 'memory']);
    house.time.pass(10_000);
    expect(await judged(key.secret)).toBe('asked');
  });

  it('asks once for one key that many send at the same moment', async () => {
    const { secret, digest } = house.key();
    expect(await Promise.all([1, 2, 3].map(() => judged(secret)))).toEqual(['asked', 'asked', 'asked']);
    expect(asked()).toEqual([digest]);
  });

  it('has two questions under way at most', async () => {
    const answers = house.hold('verifyKeys');
    const all = [];
    for (let n = 0; n < 4; n++) {
      all.push(judged(house.key().secret));
      await settled();
    }
    expect(house.asked('verifyKeys')).toHaveLength(2);
    answers.all();
    expect(await Promise.all(all)).toEqual(['asked', 'asked', 'asked', 'asked']);
    expect(house.asked('verifyKeys')).toHaveLength(3);
  });

  it('lets a key work until its instant, also from memory', async () => {
    await house.begin();
    const key = house.key({ expiresAt: new Date(house.time.wallAt + 5_000).toISOString() });
    expect(await judged(key.secret)).toBe('asked');
    house.time.pass(4_999);
    expect(await judged(key.secret)).toBe('memory');
    house.time.pass(1);
    expect(await judged(key.secret)).toBe('key/refused!');
    const late = house.key({ expiresAt: new Date(house.time.wallAt).toISOString() });
    expect(await judged(late.secret)).toBe('key/refused');
  });

  it('lets a key work from its addresses alone, asked or from memory', async () => {
    await house.begin();
    const key = house.key({ addresses: [HOME] });
    expect([
      await judged(key.secret, '198.51.100.1'),
      await judged(key.secret),
      await judged(key.secret, '198.51.100.1'),
    ]).toEqual(['key/refused', 'memory', 'key/refused!']);
  });

  it.each([
    ['unknown', 'key/refused'],
    ['ownerless', 'key/refused'],
    ['suspended', 'account/suspended'],
    ['archived', 'key/project-archived'],
    ['undecided', 'service/unavailable'],
  ])('says of a key that is %s: %s', async (outcome, code) => {
    expect(await judged(house.key({ outcome }).secret)).toBe(code);
  });

  it('tells nobody who presents a key from elsewhere that there is such a key', async () => {
    for (const outcome of ['suspended', 'archived', 'undecided'])
      expect(await judged(house.key({ outcome, addresses: ['198.51.100.1'] }).secret)).toBe('key/refused');
  });

  it('remembers what will never work, as long as it is registered with the log that said so', async () => {
    const [key, other] = [house.key({ outcome: 'unknown' }), house.key({ outcome: 'suspended' })];
    expect([await judged(key.secret), await judged(key.secret)]).toEqual(['key/refused', 'key/refused']);
    await house.begin();
    expect([await judged(key.secret), await judged(key.secret)]).toEqual(['key/refused', 'key/refused!']);
    expect([await judged(other.secret), await judged(other.secret)]).toEqual([
      'account/suspended',
      'account/suspended',
    ]);
    const third = house.key({ outcome: 'unknown' });
    house.state.verdictEpoch = 2;
    expect([await judged(third.secret), await judged(third.secret)]).toEqual(['key/refused', 'key/refused']);
  });

  it('uses no verdict of another log: it forgets all, and asks again without keeping anything', async () => {
    await house.begin();
    house.state.verdictEpoch = 2;
    const key = house.key();
    expect(await judged(key.secret)).toBe('asked');
    expect([house.lease.registered, house.cache.size, asked().length]).toEqual([undefined, 0, 2]);
  });

  it('asks three times for what was withdrawn while it was on its way, and then says that it cannot be decided', async () => {
    await house.begin();
    const key = house.key();
    house.withdraw(1, [key.accountId]);
    await settled();
    expect([await judged(key.secret), asked().length]).toEqual(['service/unavailable', 3]);
    house.state.stamp = 1;
    expect([await judged(key.secret), await judged(key.secret)]).toEqual(['asked', 'memory']);
  });

  it('says that it cannot be decided where its own call was refused, and what failed where it failed', async () => {
    const { secret } = house.key();
    house.state.failing.set('verifyKeys', new Problem('caller/not-permitted', 'The token has expired.'));
    await expect(house.gate.judge(secret, HOME)).rejects.toMatchObject({
      code: 'service/unavailable',
      facts: { retryAfterSeconds: 5 },
    });
    house.state.failing.set('verifyKeys', new Problem('log/older', 'An older copy.'));
    expect(await judged(secret)).toBe('log/older');
  });

  it('asks in its own name, not in that of who presents a key', async () => {
    await judged(house.key().secret);
    expect(house.contexts('verifyKeys')).toEqual([['service:gateway', 'gate', undefined]]);
  });

  it('notes every use of a key that works, at its instant, and none of one that does not', async () => {
    await house.begin();
    const [key, bound] = [house.key(), house.key({ addresses: ['198.51.100.1'] })];
    await judged(key.secret);
    house.time.pass(1_000);
    await judged(key.secret);
    await judged(bound.secret);
    await house.uses.onApplicationShutdown();
    expect(house.asked('recordUse')).toEqual([{ uses: [{ keyId: key.keyId, usedAt: '2026-01-01T00:00:01.000Z' }] }]);
  });

  it('shows whoever watches whether it holds a lease, how much it keeps, and how often it judged by what since the last look', async () => {
    const all = async () => {
      const judgedSoFar = (await counted.judged.get()).values;
      return [
        ...(await Promise.all([watched.gateLease, watched.gateKeys].map((gauge) => gauge.get()))).map(
          ({ values }) => values.find(({ labels }) => labels.service === 'gateway')?.value,
        ),
        ...['memory', 'asked'].map(
          (from) => judgedSoFar.find(({ labels }) => labels.service === 'gateway' && labels.from === from)?.value,
        ),
      ];
    };
    const [, , memory = 0, fromOthers = 0] = await all();
    await house.begin();
    const key = house.key();
    for (let n = 0; n < 3; n++) await judged(key.secret);
    house.gate.show();
    expect(await all()).toEqual([1, 1, memory + 2, fromOthers + 1]);
    house.gate.show();
    house.time.pass(10_000);
    house.gate.show();
    expect(await all()).toEqual([0, 1, memory + 2, fromOthers + 1]);
  });
});
