import type { inactivity } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import { CallableBy, Clock, type Controller, ForeignStreams, parse, Problem } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { z } from 'zod';
import { activeDays, lastActivity, recordActivity } from '../activity/activity.ts';
import { notAhead } from '../not-ahead.ts';
import { currentPolicy } from '../policy/current-policy.ts';
import { readDormancy } from './assessment.ts';
import { type Dormancy, dueAtOf, isRunning, warningAtOf } from './deadline.process.ts';

const account = z.object({ accountId: z.uuid() });
const arrival = account.extend({ signedInAt: z.iso.datetime({ offset: true }).transform((at) => new Date(at)) });
const activities = z.object({
  activities: z.array(
    z.object({
      accountId: z.uuid(),
      kind: z.enum(['session', 'api']),
      occurredAt: z.iso.datetime({ offset: true }).transform((at) => new Date(at)),
    }),
  ),
});

@NestController()
export class InactivityController implements Pick<
  Controller<inactivity.Inactivity>,
  'recordActivity' | 'getInactivity' | 'getReturn'
> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly foreign: ForeignStreams,
  ) {}

  /** All or nothing: a gateway that is told of a bad record can send the others again. */
  @GrpcMethod('Inactivity')
  @CallableBy('gateway')
  async recordActivity(request: inactivity.RecordActivityRequest): Promise<inactivity.RecordActivityResponse> {
    const records = parse(activities, request).activities;
    notAhead(
      this.clock,
      records.map(({ occurredAt }, i) => [`/activities/${i}/occurredAt`, occurredAt]),
    );
    await recordActivity(this.pool, records);
    return {};
  }

  @GrpcMethod('Inactivity')
  @CallableBy('gateway', 'operator')
  async getInactivity(request: inactivity.GetInactivityRequest): Promise<inactivity.AccountInactivity> {
    const { accountId } = parse(account, request);
    const state = await this.dormancyOf(accountId);
    const [policy, last] = [await currentPolicy(this.store), await lastActivity(this.pool, accountId)];
    const dueAt = dueAtOf(state, policy, last);
    if (dueAt === undefined) throw new Problem('account/unknown', 'No account has this id.');
    return {
      status: statusOf(state, dueAt),
      dueAt,
      warningAt: warningAtOf(dueAt, policy),
      days: await activeDays(this.pool, accountId, this.clock.now()),
      ...(last.signIn === null ? {} : { lastSignIn: last.signIn }),
      ...(last.session === null ? {} : { lastSession: last.session }),
      ...(last.api === null ? {} : { lastApi: last.api }),
      ...(isRunning(state) || state.stoppedAt === null ? {} : { suspendedAt: state.stoppedAt }),
    };
  }

  /** By what was known before the sign-in: whether its own fact has come by now changes nothing. */
  @GrpcMethod('Inactivity')
  @CallableBy('gateway')
  async getReturn(request: inactivity.GetReturnRequest): Promise<inactivity.Return> {
    const { accountId, signedInAt } = parse(arrival, request);
    const state = await readDormancy(this.store, accountId);
    // Asked at every sign-in, and of hardly anybody is there more to say.
    if (state.warnings.length === 0) return {};
    const [policy, last] = [await currentPolicy(this.store), await lastActivity(this.pool, accountId, signedInAt)];
    const dueAt = dueAtOf(state, policy, last);
    if (dueAt === undefined || statusOf(state, dueAt) !== 'warned') return {};
    const staysActiveUntil = dueAtOf(state, policy, { ...last, signIn: signedInAt.toISOString() });
    return staysActiveUntil === undefined ? {} : { staysActiveUntil };
  }

  /** A new account may be asked for before the bus has told of it: then its owner is. */
  private async dormancyOf(accountId: string): Promise<Dormancy> {
    const state = await readDormancy(this.store, accountId);
    if (state.startedAt !== null) return state;
    await this.foreign.catchUp('identity.accounts', `account-${accountId}`);
    return readDormancy(this.store, accountId);
  }
}

function statusOf(state: Dormancy, dueAt: string): 'active' | 'warned' | 'suspended' {
  if (!isRunning(state)) return 'suspended';
  return state.warnings.some((warning) => warning.dueAt === dueAt) ? 'warned' : 'active';
}
