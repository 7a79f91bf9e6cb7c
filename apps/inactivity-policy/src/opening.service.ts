import { LogProof, PostgresEventStore } from '#event-sourcing';
import { Clock, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { restoreClock } from './clock/restore-clock.ts';
import type { InactivityPolicyConfig } from './config.ts';
import { adoptPolicy } from './policy/current-policy.ts';

/** Before anything else runs: the time it is, then the policy that holds. A bus that is slow to answer at a start is waited for. */
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
    await this.log.settled();
    await adoptPolicy(this.store, this.pool, this.config, {
      at: this.clock.now(),
      correlationId: uuid(),
      actor: 'service:inactivity-policy',
    });
  }
}
