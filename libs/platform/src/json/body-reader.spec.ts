import { BodyReader } from './body-reader.ts';

const LIMITS = { depthMax: 64, valuesMax: 1_000_000 };
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
/** Takes as long as it is told. */
const SOURCE = `export const read = ({ spin = 0, text = '' }) => {
  for (const until = Date.now() + spin; Date.now() < until;);
  return { length: text.length, bytes: new TextEncoder().encode(text) };
};`;
interface Read {
  readonly length: number;
  readonly bytes: Uint8Array;
}

describe('reading bodies beside the loop', () => {
  let reader: BodyReader<Read>;
  const open = (options: { timeoutMs?: number; waitingMax?: number; waitingEachMax?: number } = {}) => {
    reader = new BodyReader<Read>({
      definedIn: `data:text/javascript,${encodeURIComponent(SOURCE)}`,
      read: () => ({ length: -1, bytes: new Uint8Array() }),
      limits: LIMITS,
      inPlaceBytesMax: 100,
      ...options,
    });
  };
  afterEach(() => reader.close());
  const long = (more: object = {}) => bytes({ text: 'x'.repeat(1_000), ...more });

  it('reads short ones at once and long ones in a thread, which hands back what is long as bytes', async () => {
    open();
    expect((await reader.read(bytes({}), 'a')).length).toBe(-1);
    const read = await reader.read(long(), 'a');
    expect([read.length, read.bytes.length]).toEqual([1_000, 1_000]);
  });

  it('refuses what is no JSON within the limits, and goes on', async () => {
    open();
    const wrong = new TextEncoder().encode(`[${'['.repeat(200)}`);
    await expect(reader.read(wrong, 'a')).rejects.toMatchObject({ code: 'request/invalid' });
    await expect(
      reader.read(new TextEncoder().encode(`{"__proto__":"${'x'.repeat(200)}"}`), 'a'),
    ).rejects.toMatchObject({ code: 'request/invalid', facts: { fields: [{ pointer: '/__proto__' }] } });
    expect((await reader.read(long(), 'a')).length).toBe(1_000);
  });

  it('lets nobody fill the queue, and nobody alone', async () => {
    open({ waitingMax: 3, waitingEachMax: 2 });
    const taken = ['a', 'a', 'a', 'b'].map((owner) => reader.read(long({ spin: 50 }), owner));
    await expect(reader.read(long(), 'a')).rejects.toMatchObject({ code: 'service/busy' });
    await expect(reader.read(long(), 'c')).rejects.toMatchObject({
      code: 'service/busy',
      facts: { retryAfterSeconds: 2 },
    });
    expect((await Promise.all(taken)).map(({ length }) => length)).toEqual([1_000, 1_000, 1_000, 1_000]);
  });

  it('ends what takes too long, and reads the next', async () => {
    open({ timeoutMs: 3_000 });
    const [slow, next] = [reader.read(long({ spin: 60_000 }), 'a'), reader.read(long(), 'b')];
    await expect(slow).rejects.toMatchObject({ code: 'request/too-large' });
    expect((await next).length).toBe(1_000);
  });

  it('tells whoever waits when it is closed', async () => {
    open();
    const waiting = Promise.allSettled([reader.read(long({ spin: 60_000 }), 'a'), reader.read(long(), 'b')]);
    await reader.close();
    for (const result of await waiting) expect(result).toMatchObject({ reason: { code: 'service/busy' } });
  });
});
