import { BackOff } from './back-off.ts';
import { Doorbell } from './doorbell.ts';

/** How a loop waits, and what it calls when work fails. */
export interface LoopOptions {
  /** Told each time that a turn failed, but for what breaks off because the loop ends. */
  readonly alarm: (error: unknown) => void;
  /** How long it waits after turns that failed, one after the other. */
  readonly backOff?: BackOff;
  /** A ring ends a wait, also one that came during the turn before. */
  readonly bell?: Doorbell;
  /** A wait before the first turn. */
  readonly firstMs?: number;
}

/** Work in the background: turn after turn until it is stopped, also when a turn fails. It keeps no process alive. */
export class Loop {
  private readonly ending = new AbortController();
  private readonly bell: Doorbell;
  private readonly backOff: BackOff;
  private running: Promise<void> | undefined;

  /** @param turn answers how many milliseconds to wait before the next one, 0: none. The signal says that the loop ends. */
  constructor(
    private readonly turn: (signal: AbortSignal) => Promise<number>,
    private readonly options: LoopOptions,
  ) {
    this.bell = options.bell ?? new Doorbell();
    this.backOff = options.backOff ?? new BackOff();
  }

  /** Given when it is told to stop. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** There is something to do: the next turn comes at once. */
  ring(): void {
    this.bell.wake();
  }

  /** Waits for the turn under way. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.ring();
    await this.running;
  }

  private async run() {
    if (this.options.firstMs !== undefined) await this.bell.waitFor(this.options.firstMs);
    while (!this.signal.aborted) {
      const { sequence } = this.bell;
      const waitMs = await this.once();
      if (!this.signal.aborted && waitMs > 0) await this.bell.waitFor(waitMs, sequence);
    }
  }

  private async once(): Promise<number> {
    try {
      const waitMs = await this.turn(this.signal);
      this.backOff.reset();
      return waitMs;
    } catch (error) {
      if (!this.signal.aborted) this.options.alarm(error);
      return this.backOff.next();
    }
  }
}
