import { CallerTokens, Clock, LOGGER, type Logger, Peers, SERVICE_CONFIG, Time } from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AccountController } from './account/account.controller.ts';
import { Arrivals } from './account/arrivals.ts';
import { People } from './account/people.ts';
import { StartController } from './start/start.controller.ts';
import { SignUpsController } from './account/sign-ups.controller.ts';
import { Activity } from './activity/activity.ts';
import { Heartbeat } from './activity/heartbeat.ts';
import { Memory } from './activity/memory.ts';
import type { GatewayConfig } from './config.ts';
import { DevelopmentController } from './development/development.controller.ts';
import { Admission } from './edge/admission.ts';
import { Cookies } from './edge/cookies.ts';
import { KeyStrategy } from './edge/key.strategy.ts';
import { ProblemFilter } from './edge/problem.filter.ts';
import { RouteGuard } from './edge/route.guard.ts';
import { SessionStrategy } from './edge/session.strategy.ts';
import { KeyGate } from './gate/key-gate.ts';
import { KeyUses } from './gate/key-uses.ts';
import { CacheLease } from './gate/cache-lease.ts';
import { VerdictCache } from './gate/verdict-cache.ts';
import { EventsController } from './event/events.controller.ts';
import { IonqController } from './ionq/ionq.controller.ts';
import { JobsController } from './job/jobs.controller.ts';
import { KeysController } from './key/keys.controller.ts';
import { InvitationsController } from './organization/invitations.controller.ts';
import { OrganizationsController } from './organization/organizations.controller.ts';
import { ProjectsController } from './organization/projects.controller.ts';
import { PagesController } from './pages/pages.controller.ts';
import { Readiness } from './pages/readiness.ts';
import { ConnectionsController } from './single-sign-on/connections.controller.ts';
import { DomainsController } from './single-sign-on/domains.controller.ts';
import { SessionCheck } from './gate/session-check.ts';
import { HalfController } from './session/half.controller.ts';
import { SessionsController } from './session/sessions.controller.ts';
import { RecoveriesController } from './recovery/recoveries.controller.ts';
import { CONSOLE_FILES, consoleFiles } from './console/console-files.ts';
import { ProviderPagesController } from './single-sign-on/provider-pages.controller.ts';
import { ScimController } from './scim/scim.controller.ts';
import { ScimTokensController } from './single-sign-on/scim-tokens.controller.ts';
import { SingleSignOnController } from './single-sign-on/single-sign-on.controller.ts';
import { SecurityController } from './security/security.controller.ts';
import { RecentProofs } from './edge/recent-proofs.ts';

/** What the gateway is given by the process that starts it. */
export interface GatewayFloor {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

@Module({})
export class GatewayModule {
  static register({ config, clock, logger }: GatewayFloor): DynamicModule {
    const tokens = new CallerTokens('gateway', config);
    return {
      module: GatewayModule,
      controllers: [
        StartController,
        SignUpsController,
        HalfController,
        SessionsController,
        SecurityController,
        SingleSignOnController,
        ProviderPagesController,
        ScimTokensController,
        ScimController,
        RecoveriesController,
        AccountController,
        OrganizationsController,
        InvitationsController,
        ProjectsController,
        ConnectionsController,
        DomainsController,
        KeysController,
        JobsController,
        EventsController,
        IonqController,
        PagesController,
        ...(config.development ? [DevelopmentController] : []),
      ],
      providers: [
        { provide: SERVICE_CONFIG, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: LOGGER, useValue: logger },
        Time,
        { provide: Peers, useValue: new Peers(config, tokens, logger) },
        { provide: Cookies, useValue: new Cookies(config) },
        { provide: CONSOLE_FILES, useFactory: () => consoleFiles() },
        SessionCheck,
        { provide: VerdictCache, useValue: new VerdictCache(config.verdictsMax) },
        CacheLease,
        KeyUses,
        KeyGate,
        Activity,
        RecentProofs,
        KeyStrategy,
        SessionStrategy,
        Admission,
        {
          provide: Memory,
          useFactory: (lease: CacheLease, cache: VerdictCache): Memory => ({
            get leased() {
              return lease.held;
            },
            get keys() {
              return cache.size;
            },
          }),
          inject: [CacheLease, VerdictCache],
        },
        Heartbeat,
        People,
        Arrivals,
        Readiness,
        { provide: APP_GUARD, useClass: RouteGuard },
        { provide: APP_FILTER, useValue: new ProblemFilter(logger) },
      ],
    };
  }
}
