import { setTimeout as delay } from 'node:timers/promises';
import { LookUps } from './look-ups.ts';

const held = () => {
  const open: (() => void)[] = [];
  return {
    open,
    work: () =>
      new Promise<string>((done) => {
        open.push(() => {
          done('found');
        });
      }),
  };
};
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

describe('look-ups', () => {
  it('lets one address look up so many at once, the others of it wait, and other addresses do not', async () => {
    const lookUps = new LookUps({ perAddress: 2, waitMs: 5_000, inAll: 100 });
    const { open, work } = held();
    const flood = [1, 2, 3, 4].map(() => lookUps.take('flood', work));
    const other = lookUps.take('other', work);
    await delay(1);
    expect(open).toHaveLength(3);
    open[2]?.();
    expect(await other).toBe('found');
    for (let i = 0; i < 5; i++) {
      open[i]?.();
      await delay(1);
    }
    expect(await Promise.all(flood)).toEqual(['found', 'found', 'found', 'found']);
  });

  it('tells who has waited too long to come again, and takes others when there is room', async () => {
    const lookUps = new LookUps({ perAddress: 1, waitMs: 20, inAll: 100 });
    const { open, work } = held();
    const first = lookUps.take('a', work);
    expect(await code(lookUps.take('a', work))).toBe('service/busy');
    open[0]?.();
    await first;
    const next = lookUps.take('a', work);
    open[1]?.();
    expect(await next).toBe('found');
  });

  it('counts those of an address that are still inside when another of it leaves', async () => {
    const lookUps = new LookUps({ perAddress: 2, waitMs: 5_000, inAll: 100 });
    const { open, work } = held();
    const first = [1, 2].map(() => lookUps.take('a', work));
    open[0]?.();
    await first[0];
    const more = [1, 2].map(() => lookUps.take('a', work));
    await delay(1);
    expect(open).toHaveLength(3);
    for (let i = 1; i < 4; i++) {
      open[i]?.();
      await delay(1);
    }
    await Promise.all([...first, ...more]);
  });

  it('says when to come again', async () => {
    const busy = new LookUps({ perAddress: 1, waitMs: 5_000, inAll: 0 }).take('a', () => Promise.resolve('found'));
    await expect(busy).rejects.toMatchObject({ code: 'service/busy', facts: { retryAfterSeconds: 1 } });
  });

  it('lets 64 of one address in at once by itself', async () => {
    const lookUps = new LookUps();
    const { open, work } = held();
    const flood = Array.from({ length: 65 }, () => lookUps.take('flood', work));
    await delay(1);
    expect(open).toHaveLength(64);
    for (let i = 0; i < 65; i++) {
      open[i]?.();
      await delay(0);
    }
    expect(await Promise.all(flood)).toHaveLength(65);
  });

  it('holds no more in all than it may, from however many addresses', async () => {
    const lookUps = new LookUps({ perAddress: 1, waitMs: 5_000, inAll: 2 });
    const { open, work } = held();
    const inside = ['a', 'b'].map((address) => lookUps.take(address, work));
    expect(await code(lookUps.take('c', work))).toBe('service/busy');
    for (const finish of open) finish();
    await Promise.all(inside);
    expect(await lookUps.take('c', () => Promise.resolve('found'))).toBe('found');
  });

  it('gives the place back when a look-up fails', async () => {
    const lookUps = new LookUps({ perAddress: 1, waitMs: 20, inAll: 2 });
    await expect(lookUps.take('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await lookUps.take('a', () => Promise.resolve('found'))).toBe('found');
  });
});
