import { randomUUID } from 'node:crypto';
import { execute, type ExecutionParts } from './execution.ts';
import { forgetTurns, releaseTurn, renewTurn, takeTurn } from './turns.ts';

export interface ExecutorOptions {
  /** Jobs at a time. */
  readonly size: number;
  /** How long a dead executor keeps its jobs from the others. */
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly alarm: (jobId: string | undefined, error: unknown) => void;
}

/** Takes jobs while there are some, each under a lease that it renews. Any number of executors may share the queue. */
export class Executor {
  readonly #parts: ExecutionParts;
  readonly #options: ExecutorOptions;
  readonly #holder = randomUUID();
  readonly #running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
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
      const took = await this.#takeOne();
      if (!took && !this.#closed) await this.#pause();
    }
  }

  async #takeOne(): Promise<boolean> {
    if (this.#running.size >= this.#options.size) return false;
    try {
      const jobId = await takeTurn(this.#parts.sql, this.#holder, this.#options.leaseMs);
      if (jobId === undefined) {
        await forgetTurns(this.#parts.sql);
        return false;
      }
      const stop = new AbortController();
      this.#running.set(jobId, { stop, ended: this.#work(jobId, stop) });
      return true;
    } catch (error) {
      this.#options.alarm(undefined, error);
      return false;
    }
  }

  #pause() {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  async #work(jobId: string, stop: AbortController) {
    const renewing = setInterval(() => void this.#renew(jobId, stop), this.#options.leaseMs / 3);
    try {
      await execute(this.#parts, jobId, stop.signal);
      await releaseTurn(this.#parts.sql, jobId, this.#holder);
    } catch (error) {
      // The lease lapses by itself, which is the pause before the next attempt.
      this.#options.alarm(jobId, error);
    } finally {
      clearInterval(renewing);
      this.#running.delete(jobId);
      this.#wake();
    }
  }

  async #renew(jobId: string, stop: AbortController) {
    try {
      if (!(await renewTurn(this.#parts.sql, jobId, this.#holder, this.#options.leaseMs))) stop.abort();
    } catch (error) {
      this.#options.alarm(jobId, error);
    }
  }
}
