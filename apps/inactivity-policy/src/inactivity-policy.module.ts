import {
  type ServiceContext,
  HOUR_MS,
  type Housework,
  migrate,
  type ServiceDefinition,
  ServiceModule,
  stepsIn,
} from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { forgetActivity } from './activity/activity.ts';
import { DevClockController } from './clock/dev-clock.controller.ts';
import { inactivityPolicyConfig, type InactivityPolicyConfig } from './config.ts';
import { policy } from './policy/policy.decider.ts';
import { clock } from './clock/clock.decider.ts';
import { gap } from './gap/gap.decider.ts';
import { forgetGateways } from './gateways/gateways.ts';
import { GatewaysController } from './gap/gateways.controller.ts';
import { dormancy } from './dormancy/dormancy.process.ts';
import { Evidence } from './dormancy/hearing.ts';
import { InactivityController } from './dormancy/inactivity.controller.ts';
import { SeenController } from './dormancy/seen.controller.ts';
import { Sweeping } from './dormancy/sweeping.service.ts';
import { warnings } from './dormancy/warnings.projection.ts';
import { InactivityPolicyInbox } from './inbox.ts';
import { Opening } from './opening.service.ts';
import { publish } from './outbox.ts';

const readModels = { projections: [], inline: [warnings] };
const housekeeping: readonly Housework[] = [
  { name: 'activity', everyMs: 6 * HOUR_MS, work: forgetActivity },
  { name: 'gateways', everyMs: 6 * HOUR_MS, work: forgetGateways },
];

@Module({})
export class InactivityPolicyModule {
  static register(floor: ServiceContext<InactivityPolicyConfig>): DynamicModule {
    return {
      module: InactivityPolicyModule,
      imports: [
        ServiceModule.register(floor, {
          service: 'inactivity-policy',
          definedIn: import.meta.url,
          deciders: [policy, clock, dormancy, gap],
          ...readModels,
          publish,
          inbox: InactivityPolicyInbox,
          housekeeping,
        }),
      ],
      controllers: [InactivityController, SeenController, GatewaysController, DevClockController],
      providers: [Opening, Evidence, Sweeping],
    };
  }
}

/** Inactivity-policy, as a process or an installation starts it. Start it first where a development clock is shared: it sets that clock. */
export const inactivityPolicy: ServiceDefinition<InactivityPolicyConfig> = {
  name: 'inactivity-policy',
  config: inactivityPolicyConfig,
  migrate: (config) =>
    migrate(config.ownerDatabaseUrl, stepsIn('apps/inactivity-policy/migrations'), config.databaseUrl),
  module: (floor) => InactivityPolicyModule.register(floor),
  readModels,
  publish,
};
