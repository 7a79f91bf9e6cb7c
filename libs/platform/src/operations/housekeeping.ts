import { BackOff, forgetWriters, Loop, pruneCommands, type Sql } from '#event-sourcing';
import type { Clock } from '../base/clock.ts';
import { counted } from '../observe/metrics.ts';

/** A table that would grow for ever, and what is done about it. */
export interface Housework {
  /** The table, by which metrics and operators know the work. */
  readonly name: string;
  readonly everyMs: number;
  /**
   * Removes what is never asked for again, in one statement of some `limit` rows: a long one would hold up those who follow the log.
   * Answers how many; fewer than `limit` when nothing is left. Several replicas may do it at once. `now` is the product's time.
   */
  readonly work: (sql: Sql, now: Date, limit: number) => Promise<number>;
}

/** How a work fares in this process, in seconds. `idleSeconds`: since it succeeded last, or since the process began. */
export interface HouseworkState {
  readonly name: string;
  readonly everySeconds: number;
  readonly idleSeconds: number;
  /** Unix time; undefined before it succeeded for the first time. */
  readonly succeededAt: number | undefined;
}

/** What is removed in a service. */
export interface HousekeepingOptions {
  readonly service: string;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly works: readonly Housework[];
  /** Told each time that a work failed. */
  readonly alarm: (what: string, error: unknown) => void;
  /** A process that has just started has better things to do. */
  readonly firstMs?: number;
}

export const HOUR_MS = 3_600_000;
const FIRST_MS = 30_000;
const AGAIN_MS = 60_000;
const BATCH_MAX = 500;

/** What every service with a log has to do. */
export const COMMANDS: Housework = {
  name: 'commands',
  everyMs: HOUR_MS,
  work: (sql, _now, limit) => pruneCommands(sql, limit),
};

/** Processes that wrote to the log and are long gone. */
export const WRITERS: Housework = {
  name: 'log_writers',
  everyMs: HOUR_MS,
  work: (sql, _now, limit) => forgetWriters(sql, limit),
};

/** Does the works of a service, each in its own time. One that fails is tried again within a minute, and keeps no other from its turn. */
export class Housekeeping {
  private readonly startedAt = Date.now();
  private readonly succeededAt = new Map<string, number>();
  private readonly loops: readonly Loop[];

  constructor(private readonly options: HousekeepingOptions) {
    this.loops = options.works.map((work) => this.loopOf(work));
  }

  start(): void {
    for (const loop of this.loops) loop.start();
  }

  /** Waits for the statements that are under way, not for the works. */
  async stop(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }

  get states(): HouseworkState[] {
    return this.options.works.map(({ name, everyMs }) => {
      const at = this.succeededAt.get(name);
      return {
        name,
        everySeconds: everyMs / 1000,
        idleSeconds: (Date.now() - (at ?? this.startedAt)) / 1000,
        succeededAt: at === undefined ? undefined : at / 1000,
      };
    });
  }

  private loopOf(work: Housework): Loop {
    const againMs = Math.min(AGAIN_MS, work.everyMs);
    return new Loop(() => this.tidy(work), {
      firstMs: this.options.firstMs ?? FIRST_MS,
      backOff: new BackOff(againMs, againMs),
      alarm: (error) => {
        this.options.alarm(`housekeeping of ${work.name}`, error);
      },
    });
  }

  /** One statement. Answers when the next is due. */
  private async tidy({ name, everyMs, work }: Housework): Promise<number> {
    const { service, sql, clock } = this.options;
    const removed = await work(sql, clock.now(), BATCH_MAX);
    counted.houseworkRemoved.inc({ service, work: name }, removed);
    if (removed >= BATCH_MAX) return 0;
    this.succeededAt.set(name, Date.now());
    return everyMs;
  }
}
