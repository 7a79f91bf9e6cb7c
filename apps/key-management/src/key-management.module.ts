import {
  type ServiceContext,
  forgetHourly,
  HOUR_MS,
  type Housework,
  migrate,
  type ServiceDefinition,
  ServiceModule,
  stepsIn,
  Time,
} from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { keyManagementConfig, type KeyManagementConfig } from './config.ts';
import { key } from './key/key.decider.ts';
import { KeyManagementInbox } from './inbox.ts';
import { Issuing } from './key/issuing.service.ts';
import { KeyListsController } from './key/key-lists.controller.ts';
import { Reminding } from './key/reminding.service.ts';
import { KeysController } from './key/keys.controller.ts';
import { keyDirectory } from './key/key-directory.projection.ts';
import { withdrawnKeys } from './key/withdrawn-keys.ts';
import { Fence } from './fence/fence.ts';
import { heardOf, recalled } from './fence/recalled.ts';
import { revokeRecalled } from './key/recalled-keys.ts';
import { Floors } from './fence/floors.ts';
import { FenceSignals } from './fence/fence-signals.ts';
import { FenceController } from './fence/fence.controller.ts';
import { forgetWithdrawals } from './fence/fence.query.ts';
import { withdrawals } from './fence/withdrawals.ts';
import { GateController } from './key-gate/gate.controller.ts';
import { forgetUseDays } from './key-gate/key-uses.ts';
import { PrimaryCheck } from './key-gate/primary-check.ts';
import { workingSince } from './key/key-directory.query.ts';
import { publish } from './outbox.ts';
import { takenBack } from './taken-back.ts';
import { membership } from './membership/membership.projection.ts';

const readModels = { projections: [], inline: [keyDirectory], foreign: [membership] };
const housekeeping: readonly Housework[] = [
  { name: 'throttles', everyMs: HOUR_MS, work: forgetHourly },
  { name: 'key_use_days', everyMs: HOUR_MS, work: forgetUseDays },
  { name: 'withdrawals', everyMs: HOUR_MS / 6, work: forgetWithdrawals },
];

@Module({})
export class KeyManagementModule {
  static register(floor: ServiceContext<KeyManagementConfig>): DynamicModule {
    return {
      module: KeyManagementModule,
      imports: [
        ServiceModule.register(floor, {
          service: 'key-management',
          definedIn: import.meta.url,
          deciders: [key],
          ...readModels,
          publish,
          inbox: KeyManagementInbox,
          housekeeping,
          withdraws: ['KeyRevoked', 'KeyRotated'],
          reopening: {
            takeBack: takenBack,
            after: ['identity', 'organization'],
            heardOf,
            recalled,
            finish: revokeRecalled,
          },
          checkedBefore: workingSince,
          withCommit: (tx, events) => withdrawals(tx, withdrawnKeys(events)),
        }),
      ],
      controllers: [KeysController, KeyListsController, GateController, FenceController],
      providers: [Issuing, Reminding, Fence, FenceSignals, Floors, PrimaryCheck, Time],
    };
  }
}

/** Key-management, as a process or an installation starts it. */
export const keyManagement: ServiceDefinition<KeyManagementConfig> = {
  name: 'key-management',
  config: keyManagementConfig,
  migrate: (config) => migrate(config.ownerDatabaseUrl, stepsIn('apps/key-management/migrations'), config.databaseUrl),
  module: (floor) => KeyManagementModule.register(floor),
  readModels,
  publish,
};
