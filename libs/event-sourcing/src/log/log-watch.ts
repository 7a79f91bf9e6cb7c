import { BackOff } from './back-off.ts';
import type { Doorbell } from './doorbell.ts';
import { Loop } from './loop.ts';
import { type Cursor, START, compareCursors } from '../decision/event.ts';
import type { Sql } from '../decision/event-store.ts';

/** How often a quiet log is looked at. */
export interface Polling {
  readonly minMs: number;
  readonly maxMs: number;
}

export const POLLING: Polling = { minMs: 5, maxMs: 250 };

/**
 * The one poll of a process for all followers of one log. It looks at the newest event below the frontier,
 * soon after a ring and ever more seldom while nothing comes.
 */
export class LogWatch {
  private visible: Cursor = START;
  private readonly waiting = new Set<() => void>();
  private readonly loop: Loop;
  private delayMs: number;
  private heard = 0;
  private failing = false;

  /** @param alarm told once when the log can no longer be looked at; the watch goes on trying by itself. */
  constructor(
    private readonly sql: Sql,
    private readonly doorbell: Doorbell,
    private readonly polling: Polling = POLLING,
    private readonly alarm: (error: unknown) => void = () => undefined,
  ) {
    this.delayMs = polling.minMs;
    this.loop = new Loop(() => this.turn(), {
      bell: doorbell,
      alarm: (error) => {
        this.failed(error);
      },
      backOff: new BackOff(polling.minMs * 2, polling.maxMs),
    });
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    const stopped = this.loop.stop();
    this.wakeAll();
    await stopped;
  }

  /** Until the log shows something after the cursor, or the watch is stopped, or the follower gives up by its signal. */
  async after(cursor: Cursor, signal?: AbortSignal): Promise<void> {
    const wakeAll = () => this.wakeAll();
    signal?.addEventListener('abort', wakeAll);
    try {
      while (!this.loop.signal.aborted && signal?.aborted !== true && compareCursors(this.visible, cursor) <= 0) {
        await new Promise<void>((resolve) => this.waiting.add(resolve));
      }
    } finally {
      signal?.removeEventListener('abort', wakeAll);
    }
  }

  private async turn(): Promise<number> {
    const { sequence } = this.doorbell;
    // The frontier may stand a little behind what rang, so a ring is followed by short waits, not by one look.
    if (sequence !== this.heard) this.delayMs = this.polling.minMs;
    this.heard = sequence;
    // What was looked for is there, nearly always: who comes next rings.
    this.delayMs = Math.min((await this.look()) ? this.polling.minMs * 4 : this.delayMs * 2, this.polling.maxMs);
    this.failing = false;
    return this.delayMs;
  }

  private failed(error: unknown) {
    if (!this.failing) this.alarm(error);
    this.failing = true;
  }

  private async look(): Promise<boolean> {
    const { rows } = await this.sql.query<{ log_epoch: number; txid: string; pos: string }>({
      name: 'watch',
      text: `SELECT log_epoch, txid, pos FROM events
              WHERE (log_epoch, txid) < ((SELECT epoch FROM log_meta), pg_snapshot_xmin(pg_current_snapshot()))
              ORDER BY log_epoch DESC, events.txid DESC, pos DESC LIMIT 1`,
      values: [],
    });
    const row = rows[0];
    if (!row) return false;
    const seen = { epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) };
    if (compareCursors(seen, this.visible) <= 0) return false;
    this.visible = seen;
    this.wakeAll();
    return true;
  }

  private wakeAll() {
    const woken = [...this.waiting];
    this.waiting.clear();
    for (const wake of woken) wake();
  }
}
