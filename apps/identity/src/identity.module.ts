import { PostgresPersonKeys } from '#event-sourcing';
import { type Floor, migrate, openPool, type ServiceDefinition, ServiceModule, stepsIn } from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsController } from './account/accounts.controller.ts';
import { accounts } from './account/accounts.projection.ts';
import { Passwords } from './account/password.ts';
import { identityConfig, type IdentityConfig } from './config.ts';
import { account } from './account/account.decider.ts';
import { login } from './session/login.decider.ts';
import { session } from './session/session.decider.ts';
import { signUp } from './sign-up/sign-up.decider.ts';
import { IdentityInbox } from './inbox.ts';
import { publish } from './outbox.ts';
import { SessionsController } from './session/sessions.controller.ts';
import { sessions } from './session/sessions.projection.ts';
import { SignIn } from './session/sign-in.service.ts';
import { Registration } from './sign-up/registration.ts';

const readModels = { projections: [], inline: [accounts, sessions] };

@Module({})
export class IdentityModule {
  static register(floor: Floor<IdentityConfig>): DynamicModule {
    const { config, logger } = floor;
    const keysPool = openPool(config.personKeysDatabaseUrl, { max: 4, application: 'identity', logger });
    const personKeys = new PostgresPersonKeys(keysPool, Buffer.from(config.masterKey, 'base64url'));
    return {
      module: IdentityModule,
      imports: [ServiceModule.register(floor, { service: 'identity', definedIn: import.meta.url, deciders: [account, signUp, session, login], ...readModels, publish, inbox: IdentityInbox, personKeys, release: () => keysPool.end() })],
      controllers: [AccountsController, SessionsController],
      providers: [Registration, SignIn, { provide: Passwords, useValue: new Passwords(config.passwordWorkers) }],
    };
  }
}

/** Identity, for whoever starts it. */
export const identity: ServiceDefinition<IdentityConfig> = {
  name: 'identity',
  config: identityConfig,
  migrate: async (config) => {
    await migrate(config.ownerDatabaseUrl, stepsIn('apps/identity/migrations'), config.databaseUrl);
    await migrate(config.ownerPersonKeysDatabaseUrl, stepsIn('apps/identity/migrations/person-keys'), config.personKeysDatabaseUrl);
  },
  module: (floor) => IdentityModule.register(floor),
  readModels,
  publish,
};
