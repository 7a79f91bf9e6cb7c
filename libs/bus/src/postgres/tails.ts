import { Doorbell, type Polling, POLLING, type Sql } from '#event-sourcing';
import { BackOff } from '../port/back-off.ts';
import type { Alarm } from '../port/bus.ts';

/**
 * The one poll of a process for all its followers: how far each topic reaches. What this process publishes itself is
 * known at once; what others publish is found soon after it came, and ever more seldom looked for while nothing comes.
 */
export class Tails {
  private readonly next = new Map<string, number>();
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly bell = new Doorbell();
  private readonly backOff = new BackOff();
  private stopped = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly sql: Sql,
    private readonly alarm: Alarm,
    private readonly polling: Polling = POLLING,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.bell.ring();
    await this.running;
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

  private async run() {
    let delayMs = this.polling.minMs;
    while (!this.stopped) {
      try {
        delayMs = (await this.look()) ? this.polling.minMs : Math.min(delayMs * 2, this.polling.maxMs);
        this.backOff.reset();
      } catch (error) {
        this.alarm('bus', error);
        delayMs = Math.max(this.backOff.next(), this.polling.maxMs);
      }
      if (!this.stopped) await this.bell.wait(delayMs);
    }
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
