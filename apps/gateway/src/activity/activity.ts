import type { inactivity } from '#contracts';
import { Clock, errorFields, LOGGER, type Logger, Peers } from '#platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';

const WRITE_MS = 50;
const RETRY_EVERY_MS = 2_000;
const DAY_MS = 86_400_000;
const CONTEXT = { correlationId: 'activity', actor: 'service:gateway', timeoutMs: 2_000 };

/**
 * Who was here today: one record per account, kind and UTC day, written before the first request of the day is answered.
 * A write that takes longer than 50 ms holds up nobody; it is kept and tried again.
 */
@Injectable()
export class Activity implements OnApplicationShutdown {
  private day = 0;
  private recorded = new Set<string>();
  private readonly kept = new Map<string, inactivity.Activity>();
  private readonly retrying: NodeJS.Timeout;

  constructor(private readonly peers: Peers, private readonly clock: Clock, @Inject(LOGGER) private readonly logger: Logger) {
    this.retrying = setInterval(() => void this.retry(), RETRY_EVERY_MS).unref();
  }

  async record(accountId: string, kind: 'session' | 'api'): Promise<void> {
    const now = this.clock.now();
    const day = Math.floor(now.getTime() / DAY_MS);
    if (day !== this.day) {
      this.day = day;
      this.recorded = new Set();
    }
    const name = `${accountId}|${kind}`;
    if (this.recorded.has(name)) return;
    this.recorded.add(name);
    const key = `${name}|${day}`;
    this.kept.set(key, { accountId, kind, occurredAt: now.toISOString() });
    const written = this.write([key]);
    await Promise.race([written, new Promise<void>((late) => setTimeout(late, WRITE_MS).unref())]);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.retrying);
    await this.retry();
  }

  private async retry() {
    if (this.kept.size > 0) await this.write([...this.kept.keys()].slice(0, 500));
  }

  private async write(keys: readonly string[]) {
    const activities = keys.flatMap((key) => this.kept.get(key) ?? []);
    try {
      await this.peers.of('inactivity-policy', 'Inactivity').recordActivity({ activities }, CONTEXT);
      for (const key of keys) this.kept.delete(key);
    } catch (error) {
      this.logger.warn(errorFields(error), 'activity could not be recorded; it is kept and tried again');
    }
  }
}
