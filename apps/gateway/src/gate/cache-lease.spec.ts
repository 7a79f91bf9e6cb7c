import fc from 'fast-check';
import { Problem } from '#platform';
import { lasts } from './cache-lease.ts';
import { settled, stillGate } from './gate.fixture.ts';

const LEASE_MS = 10_000;
const grant = { upTo: 1, monotonic: 5_000, wall: 1_800_000_000_000, ms: LEASE_MS };
const after = (monotonic: number, wall: number) =>
  lasts(grant, { monotonic: grant.monotonic + monotonic, wall: grant.wall + wall });

describe('a lease', () => {
  it('lasts from its request on for as long as it was granted', () => {
    expect([after(0, 0), after(LEASE_MS - 1, LEASE_MS - 1), after(LEASE_MS, LEASE_MS)]).toEqual([true, true, false]);
  });
  it('ends when the clock is set back, or forward past its end', () => {
    expect([after(1_000, -1), after(1_000, LEASE_MS)]).toEqual([false, false]);
  });
  it('ends when the machine has slept: one of its clocks has not', () => {
    expect([after(1, LEASE_MS), after(LEASE_MS, 1)]).toEqual([false, false]);
  });
  it('never lasts longer than granted by any clock that runs, whatever the other one says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: LEASE_MS, max: 1e12, noNaN: true }),
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        (late, any) => !after(late, any) && !after(any, late),
      ),
    );
  });
  it('is none before one was granted', () => {
    expect(lasts({ upTo: 0, monotonic: 0, wall: 0, ms: 0 }, { monotonic: 0, wall: 0 })).toBe(false);
  });
});

describe('a gateway', () => {
  let house: ReturnType<typeof stillGate>;
  beforeEach(() => {
    house = stillGate();
  });
  afterEach(() => house.end());

  it('holds no lease and keeps nothing before it is registered', async () => {
    expect([house.lease.held, house.lease.registered]).toEqual([false, undefined]);
    await house.begin();
    expect([house.lease.held, house.lease.registered]).toEqual([true, 1]);
    expect(house.asked('register')).toEqual([{ protocol: 1 }]);
    const [first] = house.asked('renew') as { instance: string }[];
    expect(house.asked('renew')).toEqual([
      { protocol: 1, instance: first?.instance, epoch: 1, applied: 0, registering: true },
    ]);
    expect(house.asked('follow')).toEqual([{ protocol: 1, instance: first?.instance, epoch: 1, after: 0 }]);
  });

  it('speaks in its own name, and waits for no answer for longer than is worth it', async () => {
    await house.begin();
    await house.lease.beforeApplicationShutdown();
    expect(['register', 'renew', 'follow', 'leave'].map((method) => house.contexts(method)[0])).toEqual([
      ['service:gateway', 'lease', 2_000],
      ['service:gateway', 'lease', 2_000],
      ['service:gateway', 'lease', undefined],
      ['service:gateway', 'lease', 500],
    ]);
  });

  it('asks anew every second, by which the lease goes on, and holds none once its time has passed', async () => {
    await house.begin();
    house.time.pass(9_999);
    expect([house.lease.held, house.time.tick()]).toEqual([true, [1_000]]);
    await settled();
    expect(house.asked('renew')[1]).toMatchObject({ applied: 0, registering: false });
    house.time.pass(9_999);
    expect(house.lease.held).toBe(true);
    house.time.pass(1);
    expect(house.lease.held).toBe(false);
  });

  it('counts a lease from before it asked for it, however late the answer comes', async () => {
    const renewals = house.hold('renew');
    await house.begin();
    house.time.pass(4_000);
    renewals.all();
    await settled();
    house.time.pass(5_999);
    expect(house.lease.held).toBe(true);
    house.time.pass(1);
    expect(house.lease.held).toBe(false);
  });

  it('is not set back by an answer that comes after a newer one', async () => {
    await house.begin();
    const renewals = house.hold('renew');
    house.time.tick();
    house.time.pass(5_000);
    house.time.tick();
    await settled();
    const [first] = [house.asked('renew').length];
    expect(first).toBe(3);
    house.state.held.get('renew')?.reverse();
    renewals.all();
    await settled();
    house.time.pass(9_999);
    expect(house.lease.held).toBe(true);
  });

  it('holds a lease only once all is applied that it is about, whether the stream brings it or the answer', async () => {
    house.state.renewed = { outcome: 'granted', upTo: 2, withdrawals: [] };
    await house.begin();
    expect(house.lease.held).toBe(false);
    house.withdraw(1);
    await settled();
    expect(house.lease.held).toBe(false);
    house.withdraw(2);
    await settled();
    expect(house.lease.held).toBe(true);
    house.time.pass(10_000);
    house.state.renewed = { outcome: 'granted', upTo: 3, withdrawals: [{ epoch: 1, seq: 3, subjects: [] }] };
    house.time.tick();
    await settled();
    expect(house.lease.held).toBe(true);
  });

  it('waits for the newest of the leases that it cannot hold yet', async () => {
    house.state.renewed = { outcome: 'granted', upTo: 1, withdrawals: [] };
    await house.begin();
    house.time.pass(6_000);
    house.time.tick();
    await settled();
    house.state.failing.set('renew', new Error('no more answers'));
    house.withdraw(1);
    await settled();
    house.time.pass(9_999);
    expect(house.lease.held).toBe(true);
  });

  it('waits for it also when an older answer comes later', async () => {
    house.state.renewed = { outcome: 'granted', upTo: 1, withdrawals: [] };
    await house.begin();
    const renewals = house.hold('renew');
    house.time.tick();
    house.time.pass(6_000);
    house.time.tick();
    await settled();
    house.state.held.get('renew')?.reverse();
    renewals.all();
    await settled();
    house.state.failing.set('renew', new Error('no more answers'));
    house.withdraw(1);
    await settled();
    house.time.pass(9_999);
    expect(house.lease.held).toBe(true);
  });

  it('waits for it also when an older one can be held before', async () => {
    await house.begin();
    const renewals = house.hold('renew');
    house.time.tick();
    await settled();
    house.state.renewed = { outcome: 'granted', upTo: 1, withdrawals: [] };
    house.time.pass(6_000);
    house.time.tick();
    await settled();
    house.state.held.get('renew')?.reverse();
    renewals.all();
    await settled();
    house.state.failing.set('renew', new Error('no more answers'));
    house.withdraw(1);
    await settled();
    house.time.pass(9_999);
    expect(house.lease.held).toBe(true);
  });

  it('waits for none any more of the time before it registered anew', async () => {
    house.state.renewed = { outcome: 'granted', upTo: 2, withdrawals: [] };
    await house.begin();
    house.lease.forget();
    house.state.seq = 5;
    house.state.failing.set('renew', new Error('no more answers'));
    for (let rounds = 0; rounds < 2; rounds++) {
      await settled();
      house.time.resume();
    }
    await settled();
    house.withdraw(6);
    await settled();
    expect([house.asked('follow').at(-1), house.lease.held]).toEqual([expect.objectContaining({ after: 5 }), false]);
  });

  it('says at once what it has applied, of the stream and of an answer', async () => {
    await house.begin();
    house.withdraw(1);
    await settled();
    expect(house.asked('renew').map((asked) => (asked as { applied: number }).applied)).toEqual([0, 1]);
    house.state.renewed = { outcome: 'granted', upTo: 2, withdrawals: [{ epoch: 1, seq: 2, subjects: [] }] };
    house.time.tick();
    await settled();
    expect(house.asked('renew').map((asked) => (asked as { applied: number }).applied)).toEqual([0, 1, 1, 2]);
  });

  it('applies withdrawals without a gap, and none twice', async () => {
    const key = house.key();
    await house.begin();
    await house.gate.judge(key.secret, '');
    house.withdraw(2, [key.keyId]);
    await settled();
    expect([house.asked('renew').length, house.gate.judge(key.secret, '') instanceof Promise]).toEqual([1, false]);
    house.withdraw(1);
    house.withdraw(1, [key.keyId]);
    await settled();
    expect(house.asked('renew').map((asked) => (asked as { applied: number }).applied)).toEqual([0, 1]);
    expect(house.gate.judge(key.secret, '')).not.toBeInstanceOf(Promise);
    house.withdraw(2, [key.keyId]);
    await settled();
    expect(house.gate.judge(key.secret, '')).toBeInstanceOf(Promise);
  });

  it('knows nothing of what was withdrawn before it registered: older verdicts are not kept', async () => {
    house.state.seq = 5;
    house.state.renewed = { outcome: 'granted', upTo: 5, withdrawals: [] };
    await house.begin();
    const key = house.key();
    house.state.stamp = 4;
    await expect(house.gate.judge(key.secret, '')).rejects.toMatchObject({ code: 'service/unavailable' });
    house.state.stamp = 5;
    await house.gate.judge(key.secret, '');
    expect(house.gate.judge(key.secret, '')).not.toBeInstanceOf(Promise);
    expect(house.asked('follow')).toMatchObject([{ after: 5 }]);
  });

  it('forgets all when it is not known, and registers anew', async () => {
    await house.begin();
    house.state.renewed = { outcome: 'unknown', upTo: 0, withdrawals: [] };
    house.time.tick();
    await settled();
    expect([house.lease.held, house.lease.registered]).toEqual([false, undefined]);
    house.state.renewed = { outcome: 'granted', upTo: 0, withdrawals: [] };
    expect(house.time.resume()).toEqual([250]);
    await settled();
    expect([house.lease.held, house.lease.registered, house.asked('register').length]).toEqual([true, 1, 2]);
    expect(house.asked('renew').at(-1)).toMatchObject({ registering: true });
    expect(house.followed()).toBe(1);
  });

  it('forgets all when the log was restored', async () => {
    await house.begin();
    house.state.epoch = 2;
    house.withdraw(1, [], 2);
    await settled();
    expect([house.lease.held, house.lease.registered]).toEqual([false, undefined]);
    house.time.resume();
    await settled();
    expect([house.lease.held, house.lease.registered]).toEqual([true, 2]);
  });

  it('drops answers to what it asked before it registered anew', async () => {
    await house.begin();
    const renewals = house.hold('renew');
    house.time.tick();
    await settled();
    house.lease.forget();
    renewals.all();
    await settled();
    expect(house.lease.held).toBe(false);
    const registrations = house.hold('register');
    house.time.resume();
    await settled();
    house.lease.forget();
    registrations.all();
    await settled();
    expect(house.lease.registered).toBeUndefined();
  });

  it('applies nothing of a stream that it no longer follows', async () => {
    await house.begin();
    const tell = house.withdraw;
    house.lease.forget();
    tell(1);
    await settled();
    house.time.resume();
    await settled();
    expect(house.asked('renew').at(-1)).toMatchObject({ applied: 0, registering: true });
  });

  it('keeps its lease when the stream breaks off, and follows again from where it was', async () => {
    await house.begin();
    house.withdraw(1);
    await settled();
    house.breakOff(new Problem('service/unavailable', 'away'));
    await settled();
    expect([house.lease.held, house.lease.registered, house.followed()]).toEqual([true, 1, 0]);
    expect(house.time.resume()).toEqual([250]);
    await settled();
    expect(house.asked('follow')).toMatchObject([{ after: 0 }, { after: 1 }]);
    expect(house.asked('register')).toHaveLength(1);
  });

  it('forgets all when what came after is forgotten by the other side', async () => {
    await house.begin();
    house.breakOff(new Problem('request/invalid', 'forgotten'));
    await settled();
    expect([house.lease.held, house.lease.registered]).toEqual([false, undefined]);
  });

  it('complains once of what it cannot follow, again after it could, and asks more slowly while it is unknown', async () => {
    house.state.failing.set('register', new Error('away'));
    await house.begin();
    expect([house.warned.length, house.time.resume()]).toEqual([1, [1_000]]);
    await settled();
    expect([house.warned.length, house.time.resume()]).toEqual([1, [1_000]]);
    house.state.failing.clear();
    await settled();
    house.time.resume();
    await settled();
    house.breakOff();
    await settled();
    expect(house.time.resume()).toEqual([250]);
    await settled();
    house.breakOff(new Error('away'));
    await settled();
    expect(house.warned).toHaveLength(2);
  });

  it('has four renewals under way at most, and one more when one of them is back', async () => {
    await house.begin();
    const renewals = house.hold('renew');
    for (let n = 0; n < 9; n++) house.time.tick();
    await settled();
    expect(house.asked('renew')).toHaveLength(1 + 4);
    renewals.one();
    await settled();
    expect(house.asked('renew')).toHaveLength(1 + 5);
    renewals.all();
    await settled();
    expect(house.asked('renew')).toHaveLength(1 + 5);
  });

  it('goes on asking when a renewal fails', async () => {
    await house.begin();
    house.state.failing.set('renew', new Error('away'));
    for (let n = 0; n < 6; n++) {
      house.time.tick();
      await settled();
    }
    house.state.failing.clear();
    house.time.pass(5_000);
    house.time.tick();
    await settled();
    expect(house.asked('renew')).toHaveLength(8);
    house.time.pass(9_999);
    expect(house.lease.held).toBe(true);
  });

  it('asks for no lease where there are none, and looks again after ten seconds', async () => {
    house.state.leaseMs = 0;
    await house.begin();
    expect([house.lease.held, house.lease.registered, house.asked('renew')]).toEqual([false, undefined, []]);
    house.state.leaseMs = 10_000;
    expect(house.time.resume()).toEqual([10_000]);
    await settled();
    expect(house.lease.registered).toBeUndefined();
    house.time.resume();
    await settled();
    expect([house.lease.held, house.lease.registered]).toEqual([true, 1]);
  });

  it('gives its lease back when it is granted no more', async () => {
    await house.begin();
    house.state.leaseMs = 0;
    house.time.tick();
    await settled();
    expect([house.lease.held, house.lease.registered, house.asked('leave').length]).toEqual([false, undefined, 1]);
  });

  it('has stopped answering from memory before it says that it leaves, and asks nothing more', async () => {
    await house.begin();
    const leaving = house.hold('leave');
    const ended = house.lease.beforeApplicationShutdown();
    await settled();
    const [{ instance } = { instance: '' }] = house.asked('renew') as { instance: string }[];
    expect([house.lease.held, house.asked('leave')]).toEqual([false, [{ instance }]]);
    leaving.all();
    await ended;
    expect(house.time.tick()).toEqual([]);
    house.time.resume();
    await settled();
    expect([house.asked('register').length, house.asked('renew').length, house.followed()]).toEqual([1, 1, 0]);
  });

  it('ends, though nobody hears that it leaves', async () => {
    await house.begin();
    house.state.failing.set('leave', new Error('away'));
    await house.lease.beforeApplicationShutdown();
    expect(house.lease.held).toBe(false);
  });

  it('takes no lease any more when it is ending, whatever arrives', async () => {
    const registrations = house.hold('register');
    await house.begin();
    const ended = house.lease.beforeApplicationShutdown();
    registrations.all();
    await ended;
    await settled();
    expect([house.lease.held, house.lease.registered, house.asked('renew')]).toEqual([false, undefined, []]);
  });
});
