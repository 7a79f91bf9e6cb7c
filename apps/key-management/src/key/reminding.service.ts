import { BackOff, Loop, PostgresEventStore } from '#event-sourcing';
import { Clock, errorFields, type Logger, LOGGER } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import { remindHolders } from './reminders.ts';

const EVERY_MS = 5_000;

/** Looks every few seconds of real time for keys that expire soon. */
@Injectable()
export class Reminding implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop = new Loop((signal) => this.once(signal), {
    backOff: new BackOff(EVERY_MS, EVERY_MS),
    alarm: (error) => {
      this.failed(error);
    },
  });

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async once(signal: AbortSignal): Promise<number> {
    const failed = (error: unknown) => {
      this.failed(error);
    };
    await remindHolders(this.store, this.pool, this.clock.now(), failed, () => signal.aborted);
    return EVERY_MS;
  }

  private failed(error: unknown) {
    this.logger.warn(errorFields(error), 'the holder of a key could not be reminded that it expires; trying again');
  }
}
