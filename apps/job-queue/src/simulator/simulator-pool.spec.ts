import type { Gate } from './circuit.ts';
import { SimulatorPool } from './simulator-pool.ts';
import type { Order } from './worker.ts';

const h = (target: number): Gate => ({ gate: 'h', targets: [target], controls: [] });
const task = (qubits: number, gates: readonly Gate[]): Order => ({
  shots: 100,
  circuit: { qubits, json: JSON.stringify({ qubits, gateset: 'qis', gates }) },
});
const coin = task(1, [h(0)]);
/** Minutes of work. */
const longGates = Array.from({ length: 5_000 }, (_, index) => h(index % 22));
const long = task(22, longGates);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('the pool of simulators', () => {
  let pool: SimulatorPool;
  const open = (options: Partial<ConstructorParameters<typeof SimulatorPool>[0]> = {}) => {
    pool = new SimulatorPool({ size: 1, timeoutMs: 20_000, ...options });
  };
  afterEach(() => pool.close());

  it('answers with JSON text', async () => {
    open();
    expect(text(await pool.run(coin))).toBe('{"0":0.5,"1":0.5}');
  });

  it('works off more than it has workers', async () => {
    open({ size: 2 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => pool.run(coin)));
    expect(answers.map(text)).toEqual(Array.from({ length: 20 }, () => '{"0":0.5,"1":0.5}'));
  });

  it('keeps a worker for what comes next, and ends one that waits for longer: what it held is given back', async () => {
    const worker = new URL(
      `data:text/javascript,${encodeURIComponent(
        "import { parentPort, threadId } from 'node:worker_threads'; parentPort.on('message', () => parentPort.postMessage({ probabilities: new TextEncoder().encode(String(threadId)) }));",
      )}`,
    );
    open({ worker, idleMs: 60_000 });
    const kept = await pool.run(coin);
    expect(await pool.run(coin)).toEqual(kept);
    await pool.close();
    open({ worker, idleMs: 1 });
    const first = await pool.run(coin);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await pool.run(coin)).not.toEqual(first);
  });

  it('keeps the event loop free while it works', async () => {
    open();
    const stop = new AbortController();
    const running = pool.run(long, { signal: stop.signal }).catch((failure: unknown) => failure);
    const lags: number[] = [];
    for (let i = 0; i < 20; i++) {
      const before = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 10));
      lags.push(performance.now() - before);
    }
    expect(lags.sort((a, b) => a - b)[10]).toBeLessThan(100);
    stop.abort();
    expect(await running).toMatchObject({ code: 'simulator/stopped' });
  });

  it('refuses a circuit that does not fit into memory before it starts', async () => {
    open({ memoryFree: () => 1_000_000_000 });
    await expect(pool.run(task(28, [h(0)]))).rejects.toMatchObject({
      code: 'simulator/too-large',
      message: expect.stringContaining('needs 2.1 GB of memory and the simulator has 1.0 GB') as string,
    });
  });

  it('lets a circuit wait while others hold the memory that it needs', async () => {
    open({ size: 2, memoryFree: () => 200_000_000 });
    await Promise.all([pool.run(task(22, [h(0)])), pool.run(task(23, [h(0)]))]);
  });

  it('ends what takes too long, and goes on', async () => {
    open({ timeoutMs: 300 });
    await expect(pool.run(long)).rejects.toMatchObject({ code: 'simulator/timeout' });
  });

  it('counts what the job has taken before', async () => {
    open();
    await expect(pool.run(long, { spentMs: 19_900 })).rejects.toMatchObject({
      code: 'simulator/timeout',
      message: expect.stringContaining('the 20 s that one may take, all its circuits together') as string,
    });
    await expect(pool.run(long, { spentMs: 30_000 })).rejects.toMatchObject({ code: 'simulator/timeout' });
  });

  it('lets a short one pass those that wait for memory, and no other', async () => {
    open({ size: 3, memoryFree: () => 200_000_000 });
    const order: string[] = [];
    const stop = new AbortController();
    const started = (name: string) => ({
      signal: stop.signal,
      started: () => {
        order.push(name);
      },
    });
    const all = [
      pool.run(task(23, longGates), started('large')),
      pool.run(task(23, [h(0)]), started('waits')),
      pool.run(coin, started('behind')),
      pool.run(coin, { ...started('short'), short: true }),
    ];
    await all[3];
    expect(order).toEqual(['large', 'short']);
    stop.abort();
    await Promise.allSettled(all);
  });

  it('stops one that runs and one that waits, and then takes the next', async () => {
    open();
    const stop = new AbortController();
    const both = [pool.run(long, { signal: stop.signal }), pool.run(coin, { signal: stop.signal })];
    const next = pool.run(coin);
    stop.abort();
    for (const result of await Promise.allSettled(both))
      expect(result).toMatchObject({ reason: { code: 'simulator/stopped' } });
    expect(text(await next)).toBe('{"0":0.5,"1":0.5}');
  });

  it('does not start one whose signal was given before', async () => {
    open();
    await expect(pool.run(long, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'simulator/stopped' });
  });

  it('loses only the job whose worker dies', async () => {
    open({ size: 2, worker: new URL(`data:text/javascript,${encodeURIComponent(FRAIL)}`) });
    const fatal = { ...coin, shots: 13 };
    const [died, lived] = await Promise.allSettled([pool.run(fatal), pool.run(coin)]);
    expect(died).toMatchObject({ reason: { code: 'simulator/crashed' } });
    expect(lived.status).toBe('fulfilled');
    expect(text(await pool.run(coin))).toBe('{}');
  });

  it('says that the outcomes are too many', async () => {
    open();
    await expect(
      pool.run(
        task(
          21,
          Array.from({ length: 21 }, (_, qubit) => h(qubit)),
        ),
      ),
    ).rejects.toMatchObject({ code: 'simulator/result-too-large' });
  });

  it('stops all when it closes', async () => {
    open();
    const results = Promise.allSettled([pool.run(long), pool.run(coin)]);
    await pool.close();
    for (const result of await results) expect(result).toMatchObject({ reason: { code: 'simulator/stopped' } });
    await expect(pool.run(coin)).rejects.toMatchObject({ code: 'simulator/stopped' });
  });
});

const FRAIL = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ shots }) => shots === 13 ? process.exit(1) : parentPort.postMessage({ probabilities: new TextEncoder().encode('{}') }));`;
