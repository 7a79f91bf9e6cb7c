import { PostgresEventStore } from '#event-sourcing';
import { Clock, errorFields, LOGGER, type Logger, SERVICE_CONFIG } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Pool } from 'pg';
import type { JobQueueConfig } from '../config.ts';
import type { JobSignals } from '../job/job-signals.ts';
import { SimulatorPool } from '../simulator/simulator-pool.ts';
import { Executor } from './executor.ts';

const POLL_MS = 1_000;

/** The executor of this process, from its start to its end. */
@Injectable()
export class Executing implements JobSignals, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly simulator: SimulatorPool;
  private readonly executor: Executor;

  constructor(
    store: PostgresEventStore,
    pool: Pool,
    clock: Clock,
    @Inject(LOGGER) logger: Logger,
    @Inject(SERVICE_CONFIG) config: JobQueueConfig,
  ) {
    this.simulator = new SimulatorPool({ size: config.simulators + 1, timeoutMs: config.jobTimeoutSeconds * 1000 });
    this.executor = new Executor(
      { store, sql: pool, simulator: this.simulator, now: () => clock.now() },
      {
        size: config.simulators,
        leaseMs: config.leaseSeconds * 1000,
        pollMs: POLL_MS,
        alarm: (jobId, error) =>
          logger.warn({ jobId, ...errorFields(error) }, 'a job could not be worked on; trying again'),
      },
    );
  }

  onApplicationBootstrap(): void {
    this.executor.start();
  }

  /** While the database can still be told that the jobs are free for others. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.executor.close();
    await this.simulator.close();
  }

  ring(): void {
    this.executor.ring();
  }

  stop(jobId: string): void {
    this.executor.stop(jobId);
  }
}
