import { randomUUID } from 'node:crypto';
import { execute, type ExecutionParts } from './execution.ts';
import { Stopwatch } from './stopwatch.ts';
import { endTurn, forgetTurns, renewTurn, takeTurn, type Turn } from './turns.ts';

export interface ExecutorOptions {
  /** Jobs at a time; one more if it is short. */
  readonly size: number;
  /** How long a dead executor keeps its jobs from the others. */
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly alarm: (jobId: string | undefined, error: unknown) => void;
}

/** Short jobs have a place of their own, and may take the others. */
type Lane = 'any' | 'short';

/** Takes turns at jobs while there are some, each under a lease that it renews. Any number of executors may share the queue. */
export class Executor {
  readonly #parts: ExecutionParts;
  readonly #options: ExecutorOptions;
  readonly #holder = randomUUID();
  readonly #running = new Map<
    string,
    { readonly lane: Lane; readonly stop: AbortController; readonly ended: Promise<void> }
  >();
  #loop: Promise<void> | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(parts: ExecutionParts, options: ExecutorOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Lets go of what runs: others, or the next start, run it again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#loop;
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** A job was submitted: do not wait for the next look. */
  ring(): void {
    this.#wake();
  }

  /** A job was canceled or deleted here; elsewhere the next renewal notices. */
  stop(jobId: string): void {
    this.#running.get(jobId)?.stop.abort();
  }

  async #run() {
    while (!this.#closed) {
      const took = (await this.#takeOne('any')) || (await this.#takeOne('short'));
      if (!took && !this.#closed) await this.#pause();
    }
  }

  async #takeOne(lane: Lane): Promise<boolean> {
    if (
      [...this.#running.values()].filter((one) => one.lane === lane).length >= (lane === 'any' ? this.#options.size : 1)
    )
      return false;
    try {
      const turn = await takeTurn(this.#parts.store, this.#holder, this.#options.leaseMs, lane === 'short');
      if (!turn) {
        if (lane === 'any') await forgetTurns(this.#parts.sql);
        return false;
      }
      const stop = new AbortController();
      this.#running.set(turn.jobId, { lane, stop, ended: this.#work(turn, stop) });
      return true;
    } catch (error) {
      this.#options.alarm(undefined, error);
      return false;
    }
  }

  #pause() {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #work(turn: Turn, stop: AbortController) {
    const { jobId } = turn;
    const watch = new Stopwatch();
    const renewing = setInterval(() => void this.#renew(jobId, watch, stop), this.#options.leaseMs / 3);
    try {
      await execute(this.#parts, turn, watch, stop.signal);
      await endTurn(this.#parts.sql, turn, this.#holder, watch.takeMs(), watch.ms);
    } catch (error) {
      // The lease lapses by itself, which is the pause before the next attempt.
      this.#options.alarm(jobId, error);
    } finally {
      clearInterval(renewing);
      this.#running.delete(jobId);
      this.#wake();
    }
  }

  async #renew(jobId: string, watch: Stopwatch, stop: AbortController) {
    try {
      if (!(await renewTurn(this.#parts.sql, jobId, this.#holder, this.#options.leaseMs, watch.takeMs()))) stop.abort();
    } catch (error) {
      this.#options.alarm(jobId, error);
    }
  }
}
