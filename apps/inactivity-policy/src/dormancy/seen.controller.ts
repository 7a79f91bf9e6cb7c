import type { inactivity } from '#contracts';
import { loadMany, PostgresEventStore } from '#event-sourcing';
import { CallableBy, type Controller } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { lastActivities } from '../activity/activity.ts';
import { currentPolicy } from '../policy/current-policy.ts';
import { dueAtOf } from './deadline.process.ts';
import { dormancy } from './dormancy.process.ts';

/** What lists of people say of them. */
@NestController()
export class SeenController implements Pick<Controller<inactivity.Inactivity>, 'listSeen'> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
  ) {}

  @GrpcMethod('Inactivity')
  @CallableBy('gateway')
  async listSeen({ accountIds }: inactivity.ListSeenRequest): Promise<inactivity.ListSeenResponse> {
    const [policy, lasts, loaded] = await Promise.all([
      currentPolicy(this.store),
      lastActivities(this.pool, accountIds),
      loadMany(this.store, dormancy, accountIds),
    ]);
    return {
      accounts: [...lasts].flatMap(([accountId, last]) => {
        const dueAt = dueAtOf(loaded.get(accountId)?.state ?? dormancy.initial, policy, last);
        const lastSeenAt = Object.values(last)
          .filter((at) => at !== null)
          .sort()
          .at(-1);
        return dueAt === undefined ? [] : [{ accountId, dueAt, ...(lastSeenAt === undefined ? {} : { lastSeenAt }) }];
      }),
    };
  }
}
