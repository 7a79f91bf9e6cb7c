import { BackOff, Loop } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
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
  private readonly holder = uuid();
  private readonly running = new Map<
    string,
    { readonly lane: Lane; readonly stop: AbortController; readonly ended: Promise<void> }
  >();
  private readonly loop: Loop;

  constructor(
    private readonly parts: ExecutionParts,
    private readonly options: ExecutorOptions,
  ) {
    this.loop = new Loop(() => this.look(), {
      backOff: new BackOff(options.pollMs, options.pollMs),
      alarm: (error) => {
        options.alarm(undefined, error);
      },
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Lets go of what runs: others, or the next start, run it again. */
  async close(): Promise<void> {
    await this.loop.stop();
    for (const { stop } of this.running.values()) stop.abort();
    await Promise.all([...this.running.values()].map(({ ended }) => ended));
  }

  /** A job was submitted: do not wait for the next look. */
  ring(): void {
    this.loop.ring();
  }

  /** A job was canceled or deleted here; elsewhere the next renewal notices. */
  stop(jobId: string): void {
    this.running.get(jobId)?.stop.abort();
  }

  private async look(): Promise<number> {
    return (await this.takeOne('any')) || (await this.takeOne('short')) ? 0 : this.options.pollMs;
  }

  private async takeOne(lane: Lane): Promise<boolean> {
    if (
      [...this.running.values()].filter((one) => one.lane === lane).length >= (lane === 'any' ? this.options.size : 1)
    )
      return false;
    const turn = await takeTurn(this.parts.store, this.holder, this.options.leaseMs, lane === 'short');
    if (!turn) {
      if (lane === 'any') await forgetTurns(this.parts.sql);
      return false;
    }
    const stop = new AbortController();
    this.running.set(turn.jobId, { lane, stop, ended: this.work(turn, stop) });
    return true;
  }

  private async work(turn: Turn, stop: AbortController) {
    const { jobId } = turn;
    const watch = new Stopwatch();
    const renewing = setInterval(() => void this.renew(jobId, watch, stop), this.options.leaseMs / 3);
    try {
      await execute(this.parts, turn, watch, stop.signal);
      await endTurn(this.parts.sql, turn, this.holder, watch.takeMs(), watch.ms);
    } catch (error) {
      // The lease lapses by itself, which is the pause before the next attempt.
      this.options.alarm(jobId, error);
    } finally {
      clearInterval(renewing);
      this.running.delete(jobId);
      this.loop.ring();
    }
  }

  private async renew(jobId: string, watch: Stopwatch, stop: AbortController) {
    try {
      if (!(await renewTurn(this.parts.sql, jobId, this.holder, this.options.leaseMs, watch.takeMs()))) stop.abort();
    } catch (error) {
      this.options.alarm(jobId, error);
    }
  }
}
