import type { Sql } from '../decision/event-store.ts';

const NOTIFY_EVERY_MS = 10;

/**
 * Wakes followers after an append: at once those in this process, by NOTIFY those in others. A NOTIFY inside the append
 * would cost three quarters of its rate, so it goes in a transaction of its own, at most every 10 ms.
 * A lost ring costs nothing but time: polling is the guarantee.
 */
export class Doorbell {
  private readonly waiting = new Set<() => void>();
  private lastRing = 0;
  private notifying: NodeJS.Timeout | undefined;

  /**
   * @param others where to NOTIFY; leave it out when one process holds all followers.
   * @param later calls once, in so many milliseconds; the answer calls it off.
   */
  constructor(
    private readonly others?: { sql: Sql; channel: string },
    private readonly later: (ms: number, call: () => void) => () => void = byTimer,
  ) {}

  /** Something was appended by this process. */
  notify(): void {
    this.wake();
    if (!this.others || this.notifying) return;
    const { sql, channel } = this.others;
    this.notifying = setTimeout(() => {
      this.notifying = undefined;
      sql.query('SELECT pg_notify($1, $2)', [channel, '']).catch(() => undefined);
    }, NOTIFY_EVERY_MS);
    this.notifying.unref();
  }

  /** A notification has arrived. */
  wake(): void {
    this.lastRing++;
    for (const wake of this.waiting) wake();
  }

  /** How often it has rung: compare before and after to see whether something was missed. */
  get sequence(): number {
    return this.lastRing;
  }

  /** Until it rings (true) or the time is over (false). `since` is a value of `rings`: a ring after it counts at once. */
  waitFor(timeoutMs: number, since = this.lastRing): Promise<boolean> {
    if (since !== this.lastRing) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (rung: boolean) => {
        callOff();
        this.waiting.delete(wake);
        resolve(rung);
      };
      const wake = () => done(true);
      const callOff = this.later(timeoutMs, () => done(false));
      this.waiting.add(wake);
    });
  }
}

function byTimer(ms: number, call: () => void) {
  // A waiting caller keeps no process alive.
  const timer = setTimeout(call, ms).unref();
  return () => {
    clearTimeout(timer);
  };
}
