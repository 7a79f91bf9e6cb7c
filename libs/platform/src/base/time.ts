import { setTimeout as delay } from 'node:timers/promises';

/**
 * The machine's own clocks and the waits by them, for what must follow nothing else: leases, and the waits for their end. One argument, so
 * that a model can take the place of both. For the time of the business there is `Clock`.
 */
export class Time {
  /** Milliseconds on the monotonic clock, which cannot be set. It stands still while a machine sleeps. */
  monotonic(): number {
    return performance.now();
  }

  /** Milliseconds since 1970, as the machine is set. */
  wall(): number {
    return Date.now();
  }

  /** Calls once, in so many milliseconds; the answer calls it off. */
  later(ms: number, call: () => void): () => void {
    const timer = setTimeout(call, ms);
    return () => {
      clearTimeout(timer);
    };
  }

  /** Calls every so many milliseconds until that is called off; keeps no process alive. */
  every(ms: number, call: () => void): () => void {
    const timer = setInterval(call, ms).unref();
    return () => {
      clearInterval(timer);
    };
  }

  /** Calls when this turn of the event loop is over. */
  soon(call: () => void): void {
    setImmediate(call);
  }

  /** Waits for so many milliseconds, or until the signal. Does not reject. */
  async pause(ms: number, signal?: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}
