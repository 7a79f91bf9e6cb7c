import { randomUUID } from 'node:crypto';
import type { keyManagement } from '#contracts';
import { randomSecret } from '#local-servers';
import { type CallContext, Clock, type Logger, newApiKey, type Peers, Time } from '#platform';
import type { GatewayConfig } from '../config.ts';
import { CacheLease } from './cache-lease.ts';
import { KeyGate } from './key-gate.ts';
import { KeyUses } from './key-uses.ts';
import { VerdictCache } from './verdict-cache.ts';

type Renewed = Omit<keyManagement.RenewResponse, 'leaseMs'>;

/** Clocks, timers and waits that stand still until a test moves them. */
export class StillTime extends Time {
  at = 1_000;
  wallAt = Date.parse('2026-01-01T00:00:00.000Z');
  /** What is waited for, in milliseconds each. */
  readonly pauses: { readonly ms: number; readonly go: () => void }[] = [];
  private readonly ticking = new Map<() => void, number>();

  override monotonic(): number {
    return this.at;
  }

  override wall(): number {
    return this.wallAt;
  }

  override every(ms: number, call: () => void): () => void {
    this.ticking.set(call, ms);
    return () => {
      this.ticking.delete(call);
    };
  }

  override pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((go) => {
      this.pauses.push({ ms, go });
      signal?.addEventListener('abort', () => {
        go();
      });
    });
  }

  /** Both clocks go on; what is done every so often is not done by that. */
  pass(ms: number): void {
    this.at += ms;
    this.wallAt += ms;
  }

  /** Does what is done every so many milliseconds, and says how many that are. */
  tick(): number[] {
    const all = [...this.ticking];
    for (const [call] of all) call();
    return all.map(([, ms]) => ms);
  }

  /** Ends all waits, and says how long they were to be. */
  resume(): number[] {
    return this.pauses.splice(0).map(({ ms, go }) => {
      go();
      return ms;
    });
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 12; turns++) await new Promise(setImmediate);
}

/** Gate and lease of a gateway in time that stands still, with a key-management that answers as it is told. */
export function stillGate({ verdictsMax = 100 } = {}) {
  const time = new StillTime();
  const installationKey = randomSecret();
  const keys = new Map<string, keyManagement.Verdict>();
  const asked: { readonly method: string; readonly request: object; readonly context: CallContext }[] = [];
  const warned: string[] = [];
  const state = {
    epoch: 1,
    seq: 0,
    leaseMs: 10_000,
    renewed: { outcome: 'granted', upTo: 0, withdrawals: [] } as Renewed,
    /** Where the withdrawals stood when a verdict was read, and in which log. */
    stamp: 0,
    verdictEpoch: 1,
    /** Methods that fail, and by what. */
    failing: new Map<string, Error>(),
    /** Methods whose answers wait until they are let go. */
    held: new Map<string, (() => void)[]>(),
  };
  const followers = new Set<{
    readonly tell: (told: keyManagement.Withdrawals) => void;
    readonly end: (error?: Error) => void;
  }>();

  const answer = async <A>(method: string, request: object, context: CallContext, of: () => A): Promise<A> => {
    asked.push({ method, request, context });
    const failure = state.failing.get(method);
    // As it is when it is asked, whenever it arrives.
    const answered = failure === undefined ? of() : undefined;
    const waiting = state.held.get(method);
    if (waiting) await new Promise<void>((go) => waiting.push(go));
    if (failure) throw failure;
    return answered as A;
  };
  const peer = {
    register: (request: object, context: CallContext) =>
      answer('register', request, context, () => ({ epoch: state.epoch, seq: state.seq, leaseMs: state.leaseMs })),
    renew: (request: keyManagement.RenewRequest, context: CallContext) =>
      answer('renew', request, context, () => ({
        ...state.renewed,
        withdrawals: state.renewed.withdrawals.filter(({ seq }) => seq > request.applied),
        leaseMs: state.leaseMs,
      })),
    leave: (request: object, context: CallContext) => answer('leave', request, context, () => ({})),
    verifyKeys: (request: keyManagement.VerifyKeysRequest, context: CallContext) =>
      answer('verifyKeys', request, context, () => ({
        verdicts: request.digests.map((digest) => keys.get(digest) ?? NOBODY),
        epoch: state.verdictEpoch,
        seq: state.stamp,
      })),
    recordUse: (request: object, context: CallContext) => answer('recordUse', request, context, () => ({})),
    follow: async function* (request: object, context: CallContext) {
      await answer('follow', request, context, () => undefined);
      const queue: (keyManagement.Withdrawals | Error | 'end')[] = [];
      let wake = () => {
        /* no call waits yet */
      };
      const put = (each: keyManagement.Withdrawals | Error | 'end') => {
        queue.push(each);
        wake();
      };
      const follower = {
        tell: put,
        end: (error?: Error) => {
          put(error ?? 'end');
        },
      };
      followers.add(follower);
      if (context.signal?.aborted === true) put('end');
      context.signal?.addEventListener('abort', () => {
        put('end');
      });
      try {
        for (;;) {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            if (next === 'end') return;
            if (next instanceof Error) throw next;
            yield next;
          }
          await new Promise<void>((woken) => {
            wake = woken;
          });
        }
      } finally {
        followers.delete(follower);
      }
    },
  };
  const peers = {
    of: (owner: string, service: string) =>
      owner === 'key-management' && (service === 'Gate' || service === 'Fence') ? peer : undefined,
  } as unknown as Peers;
  const logger = {
    debug: () => undefined,
    warn: (_fields: object, text: string) => warned.push(text),
    error: (_fields: object, text: string) => warned.push(text),
  } as unknown as Logger;
  const clock = new (class extends Clock {
    now = () => new Date(time.wallAt);
  })();
  const cache = new VerdictCache(verdictsMax);
  const lease = new CacheLease(peers, cache, logger, time);
  const uses = new KeyUses(peers, logger);
  const gate = new KeyGate(
    peers,
    clock,
    { installationKey, keyPrefix: 'rck' } as GatewayConfig,
    cache,
    lease,
    uses,
    time,
  );

  return {
    time,
    state,
    warned,
    cache,
    lease,
    uses,
    gate,
    /** What was asked of a method, in order. */
    asked: (method: string) => asked.filter((each) => each.method === method).map(({ request }) => request),
    /** In whose name it was asked, and how long the answer was waited for. */
    contexts: (method: string) =>
      asked
        .filter((each) => each.method === method)
        .map(({ context: { actor, correlationId, timeoutMs } }) => [actor, correlationId, timeoutMs]),
    /** Answers of a method wait from now on; what is answered lets go of those that wait, all or the first. */
    hold: (method: string) => {
      const waiting: (() => void)[] = [];
      state.held.set(method, waiting);
      return {
        one: () => waiting.shift()?.(),
        all: () => {
          state.held.delete(method);
          for (const go of waiting.splice(0)) go();
        },
      };
    },
    followed: () => followers.size,
    withdraw: (seq: number, subjects: string[] = [], epoch = state.epoch) => {
      for (const { tell } of followers) tell({ epoch, seq, subjects });
    },
    /** The stream of withdrawals breaks off. */
    breakOff: (error?: Error) => {
      for (const { end } of followers) end(error);
    },
    /** Begins as a process does. */
    async begin() {
      lease.onApplicationBootstrap();
      await settled();
    },
    async end() {
      for (const waiting of state.held.values()) for (const go of waiting) go();
      state.held.clear();
      await lease.beforeApplicationShutdown();
      await uses.onApplicationShutdown();
      time.resume();
    },
    /** A key, as key-management would judge it. */
    key(change: Partial<keyManagement.Verdict> = {}) {
      const verdict: keyManagement.Verdict = {
        ...NOBODY,
        outcome: 'good',
        keyId: randomUUID(),
        keyName: 'laptop',
        projectId: randomUUID(),
        organizationId: randomUUID(),
        accountId: randomUUID(),
        ...change,
      };
      const { secret, digest } = newApiKey(installationKey, 'rck', verdict.keyId);
      keys.set(digest, verdict);
      return {
        ...verdict,
        secret,
        digest,
        become: (other: Partial<keyManagement.Verdict>) => keys.set(digest, { ...verdict, ...other }),
      };
    },
  };
}

const NOBODY: keyManagement.Verdict = {
  outcome: 'unknown',
  keyId: '',
  keyName: '',
  projectId: '',
  organizationId: '',
  accountId: '',
  scopes: [],
  addresses: [],
};
