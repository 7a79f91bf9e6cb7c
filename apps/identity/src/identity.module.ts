import { keyName, PostgresPersonKeys } from '#event-sourcing';
import {
  type ServiceContext,
  forgetHourly,
  HOUR_MS,
  type Housework,
  migrate,
  openPool,
  ringNames,
  type ServiceDefinition,
  ServiceModule,
  stepsIn,
  masterKeysOf,
} from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { account } from './account/account.decider.ts';
import { AccountsController } from './account/accounts.controller.ts';
import { accounts } from './account/accounts.projection.ts';
import { identityConfig, type IdentityConfig } from './config.ts';
import { AddressBook } from './email-address/address-book.ts';
import { KeptDigests } from './account/kept-digests.ts';
import { dropExpiredAddresses, sealedAddresses } from './email-address/pending-address.ts';
import { DemandsController } from './demand/demands.controller.ts';
import { demands } from './demand/demands.projection.ts';
import { IdentityInbox } from './inbox.ts';
import { publish } from './outbox.ts';
import { takenBack } from './taken-back.ts';
import { closeAll } from './reopening.ts';
import { Passkeys } from './factor/passkeys.service.ts';
import { forgetChallenges } from './factor/uses.ts';
import { forgetPending } from './security/pending-factors.ts';
import { Security } from './security/security.service.ts';
import { SecurityController } from './security/security.controller.ts';
import { forgetHalves } from './sign-in/half-sessions.ts';
import { forgetTries } from './sign-in/tries.ts';
import { forgetSessionDevices, sealedDevices } from './session/devices.ts';
import { mailedLinks } from './sign-in/mailed-link.decider.ts';
import { RecoveriesController } from './recovery/recoveries.controller.ts';
import { Recoveries } from './recovery/recoveries.service.ts';
import { Wishes } from './recovery/wishes.ts';
import { StepView } from './sign-in/step.view.ts';
import { Proofs } from './sign-in/proofs.service.ts';
import { Passwords } from './password/password.ts';
import { session } from './session/session.decider.ts';
import { SessionsController } from './session/sessions.controller.ts';
import { sessions } from './session/sessions.projection.ts';
import { forgetTouches } from './session/sessions.query.ts';
import { login } from './sign-in/login.decider.ts';
import { SignIn } from './sign-in/sign-in.service.ts';
import { SignInsController } from './sign-in/sign-ins.controller.ts';
import { Registration } from './sign-up/registration.ts';
import { signUp } from './sign-up/sign-up.decider.ts';
import { enforced } from './governance/enforced.projection.ts';
import { forgetProviderSessions } from './governance/provider-sessions.ts';
import { Upkeep } from './single-sign-on/upkeep.ts';
import { Arrivals } from './single-sign-on/arrivals.service.ts';
import { forgetAssertions, forgetAttempts } from './single-sign-on/attempts.ts';
import { Connections } from './single-sign-on/connections.client.ts';
import { Preview } from './single-sign-on/preview.query.ts';
import { Protocols } from './single-sign-on/protocols.ts';
import { ProviderLogout } from './single-sign-on/provider-logout.service.ts';
import { SingleSignOnController } from './single-sign-on/single-sign-on.controller.ts';
import { SingleSignOn } from './single-sign-on/single-sign-on.service.ts';
import { SignUpsController } from './sign-up/sign-ups.controller.ts';

const readModels = { projections: [], inline: [accounts, sessions], foreign: [demands, enforced] };
const housekeeping: readonly Housework[] = [
  { name: 'throttles', everyMs: HOUR_MS, work: forgetHourly },
  { name: 'tries', everyMs: HOUR_MS, work: forgetTries },
  { name: 'pending_addresses', everyMs: HOUR_MS, work: dropExpiredAddresses },
  { name: 'session_touches', everyMs: HOUR_MS, work: forgetTouches },
  { name: 'session_devices', everyMs: HOUR_MS, work: forgetSessionDevices },
  { name: 'challenges_spent', everyMs: HOUR_MS, work: forgetChallenges },
  { name: 'half_sessions', everyMs: HOUR_MS, work: forgetHalves },
  { name: 'sso_attempts', everyMs: HOUR_MS, work: forgetAttempts },
  { name: 'sso_assertions', everyMs: HOUR_MS, work: forgetAssertions },
  { name: 'sso_sessions', everyMs: HOUR_MS, work: forgetProviderSessions },
  { name: 'pending_factors', everyMs: HOUR_MS, work: forgetPending },
];

const WRAPPED = {
  purpose: 'master',
  table: 'person_keys',
  id: ['person_id'],
  sealed: 'wrapped',
  sealedBy: 'wrapped_by',
  bound: ([personId = '']: readonly string[]) => personId,
} as const;

@Module({})
export class IdentityModule {
  static register(floor: ServiceContext<IdentityConfig>): DynamicModule {
    const { config, logger } = floor;
    const keysPool = openPool(config.personKeysDatabaseUrl, { max: 4, application: 'identity', logger });
    const keys = masterKeysOf(config);
    const personKeys = new PostgresPersonKeys(keysPool, ...keys);
    const seals = { keys, first: keyName(keys[0]) };
    return {
      module: IdentityModule,
      imports: [
        ServiceModule.register(floor, {
          service: 'identity',
          definedIn: import.meta.url,
          deciders: [account, signUp, session, login, ...Object.values(mailedLinks)],
          ...readModels,
          publish,
          inbox: IdentityInbox,
          housekeeping,
          reopening: { takeBack: takenBack, finish: closeAll },
          withdraws: [
            'SessionEnded',
            'AccountSuspended',
            'PasswordSet',
            'PasswordWithdrawn',
            'FactorRemoved',
            'RecoveryCodeSpent',
          ],
          sealed: [{ ...WRAPPED, seals, elsewhere: keysPool }, sealedDevices(seals), sealedAddresses(seals)],
          rings: [`master ${ringNames(config.masterKey, 'master').join(' ')}`],
          personKeys,
          release: () => keysPool.end(),
        }),
      ],
      controllers: [
        AccountsController,
        RecoveriesController,
        DemandsController,
        SecurityController,
        SessionsController,
        SignInsController,
        SignUpsController,
        SingleSignOnController,
      ],
      providers: [
        AddressBook,
        Connections,
        Preview,
        Protocols,
        ProviderLogout,
        Arrivals,
        SingleSignOn,
        Upkeep,
        KeptDigests,
        Passkeys,
        Proofs,
        Recoveries,
        Wishes,
        Registration,
        Security,
        StepView,
        SignIn,
        { provide: Passwords, useValue: new Passwords(config.passwordWorkers, config.breachedPasswords) },
      ],
    };
  }
}

/** Identity, as a process or an installation starts it. */
export const identity: ServiceDefinition<IdentityConfig> = {
  name: 'identity',
  config: identityConfig,
  migrate: async (config) => {
    await migrate(config.ownerDatabaseUrl, stepsIn('apps/identity/migrations'), config.databaseUrl);
    await migrate(
      config.ownerPersonKeysDatabaseUrl,
      stepsIn('apps/identity/migrations/person-keys'),
      config.personKeysDatabaseUrl,
    );
  },
  module: (floor) => IdentityModule.register(floor),
  readModels,
  publish,
};
