import { Doorbell } from '#event-sourcing';
import { errorFields, LOGGER, type Logger, SERVICE_CONFIG, type ServiceConfig } from '#platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Client, Pool } from 'pg';
import { FollowerSignals } from './follower-signals.ts';

const CHANNEL = 'fence';
const AGAIN_MS = 1_000;

/**
 * Wakes whoever waits at the fence: those in this process at once, those in other replicas by NOTIFY after the commit.
 * A lost ring costs time alone: everybody looks by itself, too.
 */
@Injectable()
export class FenceBell implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly bell = new Doorbell();
  private listener: Client | undefined;
  private again: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly pool: Pool, private readonly signals: FollowerSignals, @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig, @Inject(LOGGER) private readonly logger: Logger) {}

  /** Something was withdrawn, and is committed. */
  ring(): void {
    this.bell.heard();
    this.tell('moved');
  }

  /** A gateway has applied something, and it is committed. */
  applied(): void {
    this.signals.ring();
    this.tell('applied');
  }

  /** How often something was withdrawn, as far as it was heard here. */
  get moves(): number {
    return this.bell.rings;
  }

  moved(timeoutMs: number, since: number): Promise<boolean> {
    return this.bell.wait(timeoutMs, since);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listen();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.again);
    await this.listener?.end().catch(() => undefined);
  }

  private tell(what: 'moved' | 'applied') {
    this.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, what]).catch(() => undefined);
  }

  private async listen() {
    const listener = new Client({ connectionString: this.config.databaseUrl, application_name: 'key-management fence', connectionTimeoutMillis: 2_000 });
    this.listener = listener;
    const lost = (error?: unknown) => {
      if (this.stopped || this.listener !== listener) return;
      this.listener = undefined;
      this.logger.warn(errorFields(error), 'other replicas cannot be heard at the fence; trying again');
      this.again = setTimeout(() => void this.listen(), AGAIN_MS).unref();
    };
    listener.on('error', lost).on('end', () => { lost(); });
    listener.on('notification', ({ payload }) => {
      if (payload === 'applied') this.signals.ring();
      else this.bell.heard();
    });
    try {
      await listener.connect();
      await listener.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      lost(error);
      await listener.end().catch(() => undefined);
    }
  }
}
