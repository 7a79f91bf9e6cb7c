import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Alarm } from '../projection/subscription.ts';
import type { Build } from './build.ts';
import type { Source } from './source.ts';

const EVERY_MS = 2_000;
const STEPS_MAX = 50;

/** Keeps up the builds that are not live: one that is ready, and the one to go back to. Cheap while there is none. */
export class BuildFollower {
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly sources: readonly Source[],
    private readonly alarm: Alarm,
    private readonly everyMs: number = EVERY_MS,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async run() {
    while (!this.ending.signal.aborted) {
      await pause(this.everyMs, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined);
      if (!this.ending.signal.aborted)
        await this.look().catch((error: unknown) => {
          if (!this.ending.signal.aborted) this.alarm('builds of read models', error);
        });
    }
  }

  private async look() {
    if (this.sources.length === 0) return;
    const { rows } = await this.pool.query<Pick<Build, 'name' | 'n'>>({
      name: 'builds-to-follow',
      text: `SELECT name, n FROM projection_builds WHERE state IN ('ready', 'retired')`,
      values: [],
    });
    for (const build of rows) {
      const source = this.sources.find((each) => each.name === build.name);
      for (let steps = 0; source && steps < STEPS_MAX && !this.ending.signal.aborted; steps++)
        if (!(await source.step(this.pool, build))) break;
    }
  }
}
