import { LogProof, PostgresEventStore } from '#event-sourcing';
import { Clock, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { restoreClock } from './clock/restore-clock.ts';
import type { InactivityPolicyConfig } from './config.ts';
import { adoptPolicy } from './policy/current-policy.ts';

/** Longer than a broker that is away is waited for. */
const PROOF_MAX_MS = 15_000;

/**
 * Before anything else runs: the time it is, then the policy that holds. A bus that is slow to answer at a start is waited for; a person who must say
 * that the log goes on is not, as they say it to a service that runs. The policy of such a log holds, unless the configured one is another: that start fails.
 */
@Injectable()
export class Opening implements OnModuleInit {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly log: LogProof,
    @Inject(SERVICE_CONFIG) private readonly config: InactivityPolicyConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    await restoreClock(this.store, this.clock);
    await this.log.settled(PROOF_MAX_MS);
    await adoptPolicy(this.store, this.pool, this.config, {
      at: this.clock.now(),
      correlationId: uuid(),
      actor: 'service:inactivity-policy',
    });
  }
}
