import { Doorbell, PostgresEventStore } from '#event-sourcing';
import { Clock, counted, errorFields, type Logger, LOGGER, timed, watched } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { noteSilent, openGaps } from '../gateways/gateways.ts';
import { Hearing } from './hearing.ts';
import { sweep } from './sweep.ts';

const EVERY_MS = 5_000;

/** Runs the sweep every few seconds of real time, and at once when it is woken. */
@Injectable()
export class Sweeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly bell = new Doorbell();
  private running: Promise<void> | undefined;
  private stopped = false;
  private readonly listeningSince = performance.now();

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly hearing: Hearing,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Something may have become due. */
  wake(): void {
    this.bell.ring();
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  private async run() {
    while (!this.stopped) {
      const rings = this.bell.rings;
      await this.once().catch((error: unknown) => {
        this.failed(error);
      });
      if (!this.stopped) await this.bell.wait(EVERY_MS, rings);
    }
  }

  private async once() {
    await this.missGateways();
    const stop = timed.sweep.startTimer({ service: 'inactivity-policy' });
    const { looked, ...counts } = await sweep(
      this.store,
      this.pool,
      this.clock.now(),
      () => this.hearing.upTo(),
      (error) => {
        this.failed(error);
      },
      () => this.stopped,
    );
    if (looked === 0) return;
    stop();
    for (const [outcome, count] of Object.entries(counts))
      counted.swept.inc({ service: 'inactivity-policy', outcome }, count);
    this.logger.info({ looked, ...counts }, 'looked at what was due');
  }

  private async missGateways() {
    for (const gateway of await noteSilent(this.pool, performance.now() - this.listeningSince)) {
      this.logger.error(
        { gateway },
        'a gateway fell silent without having left: nobody is suspended until it is heard again or "rollcall inactivity close-gap" says why not to wait',
      );
    }
    watched.silentGateways.set({ service: 'inactivity-policy' }, (await openGaps(this.pool)).length);
  }

  private failed(error: unknown) {
    this.logger.warn(errorFields(error), 'an account could not be looked at; it is looked at again in the next run');
  }
}
