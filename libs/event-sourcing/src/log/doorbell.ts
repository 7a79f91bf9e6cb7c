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

  /** @param others where to NOTIFY; leave it out when one process holds all followers. */
  constructor(private readonly others?: { sql: Sql; channel: string }) {}

  /** Something was appended by this process. */
  ring(): void {
    this.heard();
    if (!this.others || this.notifying) return;
    const { sql, channel } = this.others;
    this.notifying = setTimeout(() => {
      this.notifying = undefined;
      sql.query('SELECT pg_notify($1, $2)', [channel, '']).catch(() => undefined);
    }, NOTIFY_EVERY_MS);
    this.notifying.unref();
  }

  /** Somebody's ring has arrived. */
  heard(): void {
    this.lastRing++;
    for (const wake of this.waiting) wake();
  }

  /** How often it has rung: compare before and after to see whether something was missed. */
  get rings(): number {
    return this.lastRing;
  }

  /** Until it rings (true) or the time is over (false). `since` is a value of `rings`: a ring after it counts at once. */
  wait(timeoutMs: number, since = this.lastRing): Promise<boolean> {
    if (since !== this.lastRing) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (rung: boolean) => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve(rung);
      };
      const wake = () => done(true);
      // Whoever waits keeps no process alive.
      const timer = setTimeout(() => done(false), timeoutMs).unref();
      this.waiting.add(wake);
    });
  }
}
