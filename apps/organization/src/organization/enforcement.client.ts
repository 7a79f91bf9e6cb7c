import { type Handled, PostgresEventStore } from '#event-sourcing';
import { type CallContext, errorFields, LOGGER, type Logger, Peers, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { OrganizationConfig } from '../config.ts';

const AGAIN_MS = 50;

/** Asks key-management whether what was decided holds at every gate. */
@Injectable()
export class Enforcement {
  constructor(
    private readonly peers: Peers,
    private readonly store: PostgresEventStore,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The decision stands in every case; false means only that it is not known to hold at every gateway yet. */
  async confirmed(
    { streamId, version }: Pick<Handled<unknown, unknown>, 'streamId' | 'version'>,
    context: CallContext,
  ): Promise<boolean> {
    const until = performance.now() + this.config.enforceWithinMs;
    for (let left = this.config.enforceWithinMs; left > 0; left = until - performance.now()) {
      if (await this.ask(streamId, version, { ...context, timeoutMs: Math.ceil(left) })) return true;
      await delay(Math.min(AGAIN_MS, Math.max(0, until - performance.now())));
    }
    return false;
  }

  private async ask(streamId: string, version: number, context: CallContext): Promise<boolean> {
    try {
      const [event] = await this.store.readStream(streamId, { after: version - 1, upTo: version });
      return (
        await this.peers
          .of('key-management', 'Gate')
          .confirmWithdrawal({ streamId, version, epoch: event?.cursor.epoch ?? 0 }, context)
      ).confirmed;
    } catch (error) {
      this.logger.warn(
        { ...errorFields(error), correlationId: context.correlationId },
        'a withdrawal is not confirmed yet',
      );
      return false;
    }
  }
}
