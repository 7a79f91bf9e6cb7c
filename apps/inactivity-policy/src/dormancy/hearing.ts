import { Bus, hasTakenAll } from '#bus';
import { Clock, errorFields, LOGGER, type Logger, Peers } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { heardUpTo } from '../gateways/gateways.ts';

const CONTEXT = { correlationId: 'evidence', actor: 'service:inactivity-policy', timeoutMs: 2_000 };

/** Up to when everybody has been heard who may know of activity: the gateways, and identity by its sign-ins. */
@Injectable()
export class Evidence {
  constructor(
    private readonly pool: Pool,
    private readonly bus: Bus,
    private readonly peers: Peers,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Undefined while that can be said of no instant. */
  async upTo(): Promise<Date | undefined> {
    const [gateways, logins] = [await heardUpTo(this.pool, this.clock.now()), await this.loginsUpTo()];
    return gateways && logins && (gateways < logins ? gateways : logins);
  }

  /** First what is on the bus, then whether it was taken from there: what was decided by the first is in the second. */
  private async loginsUpTo(): Promise<Date | undefined> {
    try {
      const { upTo } = await this.peers.of('identity', 'History').publishedUpTo({}, CONTEXT);
      return upTo !== undefined && (await hasTakenAll(this.pool, this.bus, 'inactivity-policy', 'identity.logins'))
        ? new Date(upTo)
        : undefined;
    } catch (error) {
      this.logger.warn(errorFields(error), 'it is not known whether sign-ins are still on their way: suspensions wait');
      return undefined;
    }
  }
}
