import { Loop } from '#event-sourcing';
import { errorFields, LOGGER, type Logger, Peers } from '#platform';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { CachedVerdict } from './verdict-cache.ts';

const FLUSH_EVERY_MS = 3_000;
const FLUSH_MAX = 5_000;
const DAY_MS = 86_400_000;
const dayOf = (at: number): number => Math.floor(at / DAY_MS);
const CONTEXT = { correlationId: 'gate', actor: 'service:gateway' };

/** When keys were last used: reported every few seconds, not with each request. What could not be reported is kept for the next time. */
@Injectable()
export class KeyUses implements OnApplicationShutdown {
  private used: CachedVerdict[] = [];
  /** Uses of days that are over. */
  private passed: { readonly keyId: string; readonly at: number }[] = [];
  private readonly flushing: Loop;

  constructor(
    private readonly peers: Peers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.flushing = new Loop(() => this.flush().then(() => FLUSH_EVERY_MS), {
      firstMs: FLUSH_EVERY_MS,
      alarm: (error) => {
        logger.error(errorFields(error), 'when keys were last used could not be told');
      },
    });
    this.flushing.start();
  }

  /** @param at milliseconds since 1970 */
  record(key: CachedVerdict, at: number): void {
    if (key.usedAt === 0) this.used.push(key);
    // The last use tells of one day alone: that of the day before would be forgotten at midnight.
    else if (dayOf(key.usedAt) !== dayOf(at)) this.passed.push({ keyId: key.keyId, at: key.usedAt });
    key.usedAt = at;
  }

  private recordAgain(key: CachedVerdict, at: number): void {
    const since = key.usedAt;
    if (since === 0) this.record(key, at);
    else if (dayOf(since) !== dayOf(at)) this.passed.push({ keyId: key.keyId, at });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flushing.stop();
    while (this.used.length + this.passed.length > 0 && (await this.flush()));
  }

  private async flush(): Promise<boolean> {
    const some = this.used.splice(0, FLUSH_MAX);
    const passed = this.passed.splice(0, FLUSH_MAX);
    if (some.length === 0 && passed.length === 0) return true;
    const uses = some.map((key) => ({ key, at: key.usedAt }));
    for (const { key } of uses) key.usedAt = 0;
    try {
      await this.peers
        .of('key-management', 'Gate')
        .recordUse(
          {
            uses: [...passed, ...uses.map(({ key: { keyId }, at }) => ({ keyId, at }))].map(({ keyId, at }) => ({
              keyId,
              usedAt: new Date(at).toISOString(),
            })),
          },
          CONTEXT,
        );
      return true;
    } catch (error) {
      this.passed.unshift(...passed);
      for (const { key, at } of uses) this.recordAgain(key, at);
      this.logger.warn(errorFields(error), 'when keys were last used could not be told; trying again');
      return false;
    }
  }
}
