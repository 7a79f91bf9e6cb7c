import { BackOff, Loop, PostgresEventStore } from '#event-sourcing';
import { Clock, counted, errorFields, type Logger, LOGGER, timed, watched } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { noteSilent, openGaps } from '../gateways/gateways.ts';
import { Evidence } from './hearing.ts';
import { sweep } from './sweep.ts';

const EVERY_MS = 5_000;

/** Runs the sweep every few seconds of real time, and at once when it is woken. */
@Injectable()
export class Sweeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop = new Loop((signal) => this.once(signal), {
    backOff: new BackOff(EVERY_MS, EVERY_MS),
    alarm: (error) => {
      this.failed(error);
    },
  });
  private readonly listeningSince = performance.now();

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly hearing: Evidence,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Something may have become due. */
  wake(): void {
    this.loop.ring();
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async once(signal: AbortSignal): Promise<number> {
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
      () => signal.aborted,
    );
    if (looked === 0) return EVERY_MS;
    stop();
    for (const [outcome, count] of Object.entries(counts))
      counted.swept.inc({ service: 'inactivity-policy', outcome }, count);
    this.logger.info({ looked, ...counts }, 'looked at what was due');
    return EVERY_MS;
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
