import { type ServiceContext, migrate, type ServiceDefinition, ServiceModule, stepsIn } from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { mailerConfig, type MailerConfig } from './config.ts';
import { mail } from './mail/mail.decider.ts';
import { OutcomesController } from './mail/outcomes.controller.ts';
import { MailerInbox } from './inbox.ts';
import { Recipients } from './mail/recipients.client.ts';
import { Sending } from './mail/sending.service.ts';
import { BounceHook } from './returned/bounce-hook.service.ts';
import { ReturnedMails } from './returned/returned-mails.ts';
import { Returns } from './returned/returns.service.ts';
import { Smtp } from './mail/smtp.client.ts';
import { publish } from './outbox.ts';

const readModels = { projections: [] };

@Module({})
export class MailerModule {
  static register(floor: ServiceContext<MailerConfig>): DynamicModule {
    return {
      module: MailerModule,
      imports: [
        ServiceModule.register(floor, {
          service: 'mailer',
          definedIn: import.meta.url,
          deciders: [mail],
          ...readModels,
          publish,
          inbox: MailerInbox,
        }),
      ],
      controllers: [OutcomesController],
      providers: [Recipients, Smtp, Sending, ReturnedMails, Returns, BounceHook],
    };
  }
}

/** Mailer, as a process or an installation starts it. */
export const mailer: ServiceDefinition<MailerConfig> = {
  name: 'mailer',
  config: mailerConfig,
  migrate: (config) => migrate(config.ownerDatabaseUrl, stepsIn('apps/mailer/migrations'), config.databaseUrl),
  module: (floor) => MailerModule.register(floor),
  readModels,
  publish,
};
