import { randomBytes } from 'node:crypto';
import { makeKeyPair } from '#local-servers';
import { freePort, type IncomingCall, standIn, type StandInMethods } from '#testing';
import { Metadata } from '@grpc/grpc-js';
import { Problem } from '../base/problem.ts';
import { SEEN, STALE } from './call-context.ts';
import { CallerTokens } from './caller-tokens.ts';
import { grpcServiceOf, Peers } from './peers.ts';

const CONTEXT = { correlationId: 'c-1', actor: 'account:ada' };
const keys = makeKeyPair();

describe('a call to another service', () => {
  const ends: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function serve(methods: StandInMethods<'key-management'>, address?: string): Promise<string> {
    const at = address ?? `127.0.0.1:${await freePort()}`;
    ends.push(await standIn('key-management', methods, at));
    return at;
  }
  function call(addresses: string, timeoutMs?: number) {
    const peers = new Peers(
      { peers: { 'key-management': addresses }, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      new CallerTokens('gateway', { callerKey: keys.privateKey, callerKeys: {} }),
    );
    ends.push(() => {
      peers.close();
    });
    return peers;
  }
  const gate = (peers: Peers) => peers.of('key-management', 'Gate');
  const verified = { verdicts: [], epoch: 1, seq: 7 };
  const verify = (peers: Peers, change: object = {}) =>
    gate(peers).verifyKeys({ digests: ['one'] }, { ...CONTEXT, ...change });
  const problem = (promise: Promise<unknown>) =>
    promise.then(
      () => 'answered',
      (error: unknown) => (error instanceof Problem ? error.code : String(error)),
    );

  it('brings the answer, and says who calls, for whom, and what may not happen twice', async () => {
    const heard: Record<string, unknown>[] = [];
    const at = await serve({
      Gate: {
        verifyKeys: async ({ digests }, { metadata }) => {
          heard.push({ digests, ...metadata.getMap() });
          return verified;
        },
      },
    });
    expect(await verify(call(at), { commandId: 'once', fingerprint: 'f', seen: 'key-1@2' })).toEqual(verified);
    const [{ 'rollcall-caller': token, ...rest } = {}] = heard;
    expect(rest).toMatchObject({
      'digests': ['one'],
      'rollcall-correlation': 'c-1',
      'rollcall-actor': 'account:ada',
      'rollcall-command': 'once',
      'rollcall-fingerprint': 'f',
      'rollcall-seen': 'key-1@2',
    });
    const tokens = new CallerTokens('key-management', {
      callerKey: keys.privateKey,
      callerKeys: { gateway: keys.publicKey },
    });
    expect(await tokens.caller(String(token))).toBe('gateway');
  });

  it('hands on what was written, and that a read is old', async () => {
    const at = await serve({
      Gate: {
        verifyKeys: async (_request, asked: IncomingCall) => {
          const told = new Metadata();
          told.set(SEEN, 'key-1@3');
          told.set(STALE, 'true');
          asked.sendMetadata(told);
          return verified;
        },
      },
    });
    const told: string[] = [];
    await verify(call(at), { onSeen: (seen: string) => told.push(seen), onStale: () => told.push('stale') });
    expect(told).toEqual(['key-1@3', 'stale']);
  });

  it('fails as it did there', async () => {
    const at = await serve({
      Gate: { verifyKeys: () => Promise.reject(new Problem('key/unknown', 'No key of yours has this id.')) },
    });
    await expect(verify(call(at))).rejects.toMatchObject({
      code: 'key/unknown',
      detail: 'No key of yours has this id.',
    });
  });

  it.each([
    ['of the call itself', 150, undefined],
    ['of all calls, where it says nothing itself', undefined, 150],
  ])('is given up after the time %s', async (_whose, ofCall, ofAll) => {
    const at = await serve({ Gate: { verifyKeys: () => new Promise(() => undefined) } });
    const began = performance.now();
    expect(await problem(verify(call(at, ofAll), ofCall === undefined ? {} : { timeoutMs: ofCall }))).toBe(
      'service/unavailable',
    );
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('goes to every replica in turn, and passes over one that does not answer', async () => {
    const turns: string[] = [];
    const answering = (name: string): StandInMethods<'key-management'> => ({
      Gate: {
        verifyKeys: async () => {
          turns.push(name);
          return verified;
        },
      },
    });
    const [one, two, dead] = [
      await serve(answering('one')),
      await serve(answering('two')),
      `127.0.0.1:${await freePort()}`,
    ];
    const peers = call([one, dead, two].join(','));
    // The second connection may be made a moment after the first.
    for (const until = performance.now() + 10_000; new Set(turns).size < 2 && performance.now() < until;)
      await verify(peers);
    turns.length = 0;
    for (let i = 0; i < 10; i++) await verify(peers);
    expect(['one', 'two'].map((name) => turns.filter((each) => each === name).length)).toEqual([5, 5]);
  });

  it('finds a service again that was away, by itself', async () => {
    const at = `127.0.0.1:${await freePort()}`;
    const peers = call(at);
    expect(await problem(verify(peers))).toBe('service/unavailable');
    await serve({ Gate: { verifyKeys: async () => verified } }, at);
    for (const until = performance.now() + 10_000; (await problem(verify(peers))) !== 'answered';)
      if (performance.now() > until) throw new Error('it was not found again');
  });

  it('does not begin where there is no such method, or no such service', async () => {
    const at = await serve({ Gate: {} });
    const strange = gate(call(at)) as unknown as Record<string, (request: object, context: object) => Promise<unknown>>;
    await expect(strange.openAllDoors?.({}, CONTEXT)).rejects.toThrow('key-management has no Gate.openAllDoors');
    expect(() => grpcServiceOf('key-management', 'Doors')).toThrow('key-management has no gRPC service Doors');
  });

  describe('that is answered with many messages', () => {
    const withdrawals = (seq: number) => ({ epoch: 1, seq, subjects: [randomBytes(4).toString('hex')] });
    const follow = (peers: Peers, change: object = {}) =>
      peers
        .of('key-management', 'Fence')
        .follow({ instance: 'i', epoch: 1, applied: 0 } as never, { ...CONTEXT, ...change });

    /** A stream that goes on, and whether its caller has left it. */
    async function stream(until = Infinity) {
      const asked: IncomingCall[] = [];
      const at = await serve({
        Fence: {
          follow: async function* (_request: unknown, call: IncomingCall) {
            asked.push(call);
            for (let seq = 1; seq <= until; seq++) {
              yield withdrawals(seq);
              await new Promise((resolve) => setTimeout(resolve, 5));
              if ((call as unknown as { cancelled: boolean }).cancelled) return;
            }
          },
        },
      });
      const left = async () => {
        for (const end = performance.now() + 5_000; performance.now() < end;) {
          if ((asked[0] as unknown as { cancelled: boolean } | undefined)?.cancelled === true) return true;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return false;
      };
      return { at, left };
    }

    it('brings them in order, and ends where they end', async () => {
      const { at } = await stream(3);
      const seqs: number[] = [];
      for await (const { seq } of follow(call(at))) seqs.push(seq);
      expect(seqs).toEqual([1, 2, 3]);
    });

    it('is over when its reader leaves', async () => {
      const { at, left } = await stream();
      for await (const { seq } of follow(call(at))) if (seq === 2) break;
      expect(await left()).toBe(true);
    });

    it('is over when its signal says so, also before it began', async () => {
      const { at, left } = await stream();
      const ending = new AbortController();
      const reading = (async () => {
        for await (const _ of follow(call(at), { signal: ending.signal })) ending.abort();
      })();
      await expect(reading).rejects.toBeInstanceOf(Problem);
      expect(await left()).toBe(true);
      const over = follow(call(at), { signal: AbortSignal.abort() });
      await expect(over[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(Problem);
    });

    it('has a deadline where one is given', async () => {
      const { at } = await stream();
      const reading = (async () => {
        for await (const _ of follow(call(at), { timeoutMs: 100 }));
      })();
      expect(await problem(reading)).toBe('service/unavailable');
    });
  });
});
