import { BackOff, Loop, type Polling, POLLING, type Sql } from '#event-sourcing';
import type { Alarm } from '../port/bus.ts';

/**
 * The one poll of a process for all its followers: how far each topic reaches. What this process publishes itself is
 * known at once; what others publish is found soon after it came, and ever more seldom looked for while nothing comes.
 */
export class Tails {
  private readonly next = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly loop: Loop;
  private delayMs: number;

  constructor(
    private readonly sql: Sql,
    alarm: Alarm,
    private readonly polling: Polling = POLLING,
  ) {
    this.delayMs = polling.minMs;
    this.loop = new Loop(() => this.turn(), {
      backOff: new BackOff(polling.maxMs),
      alarm: (error) => {
        alarm('bus', error);
      },
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** The topic has been seen to reach up to this offset. */
  advance(topic: string, next: number): boolean {
    if (next <= (this.next.get(topic) ?? 0)) return false;
    this.next.set(topic, next);
    for (const wake of [...(this.waiting.get(topic) ?? [])]) wake();
    return true;
  }

  /** Until the topic reaches beyond the offset, or the signal is given. */
  beyond(topic: string, offset: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (this.next.get(topic) ?? 0) > offset) return Promise.resolve();
    const here = this.waiting.get(topic) ?? new Set();
    this.waiting.set(topic, here);
    return new Promise((resolve) => {
      const wake = () => {
        if (!signal.aborted && (this.next.get(topic) ?? 0) <= offset) return;
        here.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      here.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  private async turn(): Promise<number> {
    this.delayMs = (await this.look()) ? this.polling.minMs : Math.min(this.delayMs * 2, this.polling.maxMs);
    return this.delayMs;
  }

  private async look(): Promise<boolean> {
    const { rows } = await this.sql.query<{ topic: string; next_offset: string | number }>({
      name: 'bus-tails',
      text: 'SELECT topic, next_offset FROM bus_topics',
      values: [],
    });
    // Not `some`, which would stop at the first that has moved.
    return rows.filter((row) => this.advance(row.topic, Number(row.next_offset))).length > 0;
  }
}
