import { setTimeout as delay } from 'node:timers/promises';
import type { keyManagement } from '#contracts';
import { Problem } from '#platform';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const VERIFY = 'key-management.Gate.verifyKeys';
const REGISTER = 'key-management.Fence.register';

const OLDER = new Problem('log/older', 'The database is an older copy.');

describe('a gateway with a lease', () => {
  /** key-management's side of the fence, to be changed as a test goes. */
  const newFence = () => ({
    epoch: 1,
    seq: 0,
    leaseMs: 60_000,
    renewed: { outcome: 'granted', upTo: 0, withdrawals: [] as keyManagement.Withdrawals[] },
    followers: [] as ((withdrawal: keyManagement.Withdrawals) => void)[],
    left: 0,
    stamp: 0,
    incarnation: '018f0000-0000-7000-8000-000000000003',
    older: false,
    recalled: [] as keyManagement.RecallRequest[],
  });
  let fence = newFence();
  let gateway: GatewayHarness;

  beforeEach(async () => {
    fence = newFence();
    gateway = await gatewayHarness({
      'key-management': {
        Gate: {
          verifyKeys: async ({ digests }) => ({
            verdicts: digests.map(
              (digest) =>
                gateway.keys.get(digest) ?? {
                  outcome: 'unknown',
                  keyId: '',
                  keyName: '',
                  projectId: '',
                  organizationId: '',
                  accountId: '',
                  scopes: [],
                  addresses: [],
                },
            ),
            epoch: fence.epoch,
            seq: fence.stamp,
          }),
        },
        Fence: {
          register: async () => {
            if (fence.older) throw OLDER;
            const { epoch, seq, leaseMs, incarnation } = fence;
            return { epoch, seq, leaseMs, incarnation };
          },
          renew: async () => ({ ...fence.renewed, leaseMs: fence.leaseMs }),
          follow: async function* () {
            if (fence.older) throw OLDER;
            const queue: keyManagement.Withdrawals[] = [];
            let wake = () => {
              /* no call waits yet */
            };
            fence.followers.push((withdrawal) => {
              queue.push(withdrawal);
              wake();
            });
            for (;;) {
              while (queue.length > 0) yield queue.shift() as keyManagement.Withdrawals;
              if (fence.older) throw OLDER;
              await new Promise<void>((woken) => {
                wake = woken;
              });
            }
          },
          recall: async (request) => {
            fence.recalled.push(request);
            return {};
          },
          leave: async () => {
            fence.left++;
            return {};
          },
        },
      },
    });
    await until(async () => fence.followers.length > 0);
  });
  afterEach(() => gateway.stop());

  async function until(holds: () => Promise<boolean>) {
    for (const deadline = performance.now() + 10_000; !(await holds()); await delay(20))
      if (performance.now() > deadline) throw new Error('it did not come true in time');
  }
  const status = async (secret: string) =>
    (await gateway.ask('GET', '/authz', { headers: { authorization: `Bearer ${secret}` } })).status;
  /** How often key-management is asked about a key that is presented now. */
  const asks = async (secret: string) => {
    const before = gateway.asked(VERIFY).length;
    await status(secret);
    return gateway.asked(VERIFY).length - before;
  };
  const inMemory = (secret: string) => until(async () => (await asks(secret)) === 0);
  const withdraw = (seq: number, ...subjects: string[]) => {
    for (const tell of fence.followers) tell({ epoch: 1, seq, subjects });
  };

  it('answers from memory what it has asked once', async () => {
    const key = gateway.key();
    await inMemory(key.secret);
    gateway.away.add('key-management');
    expect(await status(key.secret)).toBe(200);
    expect(await status(gateway.key().secret)).toBe(503);
  });

  it.each(['keyId', 'accountId', 'projectId', 'organizationId'] as const)(
    'asks again once the %s of a key was withdrawn, and of no other',
    async (subject) => {
      const [key, other] = [gateway.key(), gateway.key()];
      await inMemory(key.secret);
      await inMemory(other.secret);
      gateway.keys.set(key.digest, { ...key, outcome: 'unknown' });
      withdraw(1, key[subject]);
      await until(async () => (await status(key.secret)) === 401);
      expect([await asks(other.secret), await status(other.secret)]).toEqual([0, 200]);
    },
  );

  it('keeps nothing that was judged before a withdrawal that it has applied', async () => {
    const key = gateway.key();
    await inMemory(key.secret);
    withdraw(1, key.keyId);
    await until(async () => (await asks(key.secret)) > 0);
    // The answer still is of the time before.
    expect([(await asks(key.secret)) > 0, await status(key.secret)]).toEqual([true, 503]);
    fence.stamp = 1;
    await inMemory(key.secret);
  });

  it('applies withdrawals without a gap: what is missing comes with the next renewal', async () => {
    const [one, two] = [gateway.key(), gateway.key()];
    await inMemory(one.secret);
    await inMemory(two.secret);
    for (const key of [one, two]) gateway.keys.set(key.digest, { ...key, outcome: 'unknown' });
    withdraw(2, two.keyId);
    fence.renewed = {
      ...fence.renewed,
      upTo: 2,
      withdrawals: [
        { epoch: 1, seq: 1, subjects: [one.keyId] },
        { epoch: 1, seq: 2, subjects: [two.keyId] },
      ],
    };
    await until(async () => (await status(one.secret)) === 401 && (await status(two.secret)) === 401);
  });

  it('knows nothing any more when it is not known, and registers anew', async () => {
    const key = gateway.key();
    await inMemory(key.secret);
    const registered = gateway.asked(REGISTER).length;
    gateway.keys.set(key.digest, { ...key, outcome: 'unknown' });
    fence.renewed = { ...fence.renewed, outcome: 'unknown' };
    await until(async () => (await status(key.secret)) === 401);
    await until(async () => gateway.asked(REGISTER).length > registered);
  });

  it('knows nothing any more when the log was restored', async () => {
    const key = gateway.key();
    await inMemory(key.secret);
    gateway.keys.set(key.digest, { ...key, outcome: 'unknown' });
    fence.epoch = 2;
    for (const tell of fence.followers) tell({ epoch: 2, seq: 1, subjects: [] });
    await until(async () => (await status(key.secret)) === 401);
    await until(async () => gateway.asked(REGISTER).length > 1);
  });

  it('answers nothing from memory once the lease is over, or is granted no more', async () => {
    const key = gateway.key();
    await inMemory(key.secret);
    fence.leaseMs = 0;
    await until(async () => (await asks(key.secret)) > 0);
    expect(fence.left).toBe(1);
  });

  it('answers nothing from memory once its lease ran out unrenewed', async () => {
    fence.leaseMs = 1_500;
    const key = gateway.key();
    await inMemory(key.secret);
    await until(async () => gateway.asked('key-management.Fence.renew').length > 3);
    gateway.away.add('key-management');
    await until(async () => (await status(key.secret)) === 503);
  });

  it('says that it leaves when it ends', async () => {
    await inMemory(gateway.key().secret);
    await gateway.stop();
    expect(fence.left).toBe(1);
    gateway = await gatewayHarness();
  });

  it('tells a log that is an older copy whom it does not know as withdrawn, once', async () => {
    const [subject, mark] = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002'];
    fence.older = true;
    fence.followers.at(-1)?.({ epoch: 1, seq: 1, mark, subjects: [subject] });
    await until(async () => fence.recalled.length > 0);
    await delay(1_500);
    expect(fence.recalled).toEqual([
      { floor: { incarnation: fence.incarnation, epoch: 1, seq: 1, mark }, withdrawn: [{ subject, seq: 1 }] },
    ]);
  });
});
