import { errorFields, LOGGER, type Logger, Peers } from '#platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';

const FLUSH_EVERY_MS = 3_000;
const FLUSH_MAX = 5_000;
const CONTEXT = { correlationId: 'gate', actor: 'service:gateway' };

/** When keys were last used: told every few seconds and never for each request. What could not be told is kept for the next time. */
@Injectable()
export class KeyUses implements OnApplicationShutdown {
  private readonly latest = new Map<string, number>();
  private readonly flushing: NodeJS.Timeout;

  constructor(private readonly peers: Peers, @Inject(LOGGER) private readonly logger: Logger) {
    this.flushing = setInterval(() => void this.flush(), FLUSH_EVERY_MS).unref();
  }

  /** @param at milliseconds since 1970 */
  record(keyId: string, at: number): void {
    this.latest.set(keyId, at);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.flushing);
    while (this.latest.size > 0 && (await this.flush()));
  }

  private async flush(): Promise<boolean> {
    const some = [...this.latest].slice(0, FLUSH_MAX);
    if (some.length === 0) return true;
    for (const [keyId] of some) this.latest.delete(keyId);
    try {
      await this.peers.of('key-management', 'Gate').recordUse({ uses: some.map(([keyId, at]) => ({ keyId, usedAt: new Date(at).toISOString() })) }, CONTEXT);
      return true;
    } catch (error) {
      for (const [keyId, at] of some) if (!this.latest.has(keyId)) this.latest.set(keyId, at);
      this.logger.warn(errorFields(error), 'when keys were last used could not be told; trying again');
      return false;
    }
  }
}
