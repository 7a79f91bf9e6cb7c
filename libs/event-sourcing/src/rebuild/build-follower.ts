import type { Pool } from 'pg';
import { BackOff } from '../log/back-off.ts';
import { Loop } from '../log/loop.ts';
import type { Alarm } from '../projection/subscription.ts';
import type { Build } from './build.ts';
import type { Source } from './source.ts';

const EVERY_MS = 2_000;
const STEPS_MAX = 50;

/** Keeps up the builds that are not live: one that is ready, and the one to go back to. Cheap while there is none. */
export class BuildFollower {
  private readonly loop: Loop;

  constructor(
    private readonly pool: Pool,
    private readonly sources: readonly Source[],
    alarm: Alarm,
    everyMs: number = EVERY_MS,
  ) {
    this.loop = new Loop((signal) => this.look(signal).then(() => everyMs), {
      firstMs: everyMs,
      backOff: new BackOff(everyMs, everyMs),
      alarm: (error) => {
        alarm('builds of read models', error);
      },
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async look(signal: AbortSignal) {
    if (this.sources.length === 0) return;
    const { rows } = await this.pool.query<Pick<Build, 'name' | 'n'>>({
      name: 'builds-to-follow',
      text: `SELECT name, n FROM projection_builds WHERE state IN ('ready', 'retired')`,
      values: [],
    });
    for (const build of rows) {
      const source = this.sources.find((each) => each.name === build.name);
      for (let steps = 0; source && steps < STEPS_MAX && !signal.aborted; steps++)
        if (!(await source.step(this.pool, build))) break;
    }
  }
}
