import { Bus, busWitness, InboxRunner, Relay } from '#bus';
import { BuildFollower, Doorbell, LogProof, LogWatch, PostgresEventStore, shapeOf, WitnessFile } from '#event-sourcing';
import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { join } from 'node:path';
import { Pool } from 'pg';
import { CallerGuard } from '../rpc/caller.guard.ts';
import { CallerTokens } from '../rpc/caller-tokens.ts';
import { Clock } from '../base/clock.ts';
import { openPool } from '../base/database.ts';
import { ForeignStreams } from '../history/foreign-streams.ts';
import { HistoryController } from '../history/history.controller.ts';
import { errorFields, type Logger } from '../base/logger.ts';
import { hooksOf } from '../observe/hooks.ts';
import { COMMANDS, Housekeeping, WRITERS } from '../operations/housekeeping.ts';
import { observe } from '../observe/observed.ts';
import { OperationsController } from '../operations/operations.controller.ts';
import { RecoveryController } from '../operations/recovery.controller.ts';
import { resealing } from '../operations/resealing.ts';
import { KeysController } from '../operations/keys.controller.ts';
import { ProjectionsController } from '../operations/projections.controller.ts';
import { OwnerHistory } from '../history/owner-history.ts';
import { Peers } from '../rpc/peers.ts';
import { Projections } from '../parts/projections.ts';
import { deciderSources } from '../parts/decider-sources.ts';
import { sourcesOf } from '../parts/read-models.ts';
import { RpcProblemFilter } from '../rpc/rpc-problem.filter.ts';
import { SeenGuard } from '../rpc/seen.guard.ts';
import { observedService } from '../operations/service-observer.ts';
import { ServiceHealth } from './service-health.ts';
import { doubting, WholeLogInterceptor } from '../rpc/whole-log.interceptor.ts';
import {
  type ServiceContext,
  LOGGER,
  SERVICE_CONFIG,
  SERVICE_PARTS,
  type ServiceParts,
} from '../parts/service-parts.ts';

/** A service answers without the proof of its log after this: what needs it is refused until it is there. */
const PROOF_MAX_MS = 5_000;

/** Starts what follows the log and the bus when the service is up, and stops it in the opposite order. */
@Injectable()
class Followers implements OnApplicationBootstrap, OnApplicationShutdown {
  private unobserve: () => void = () => undefined;

  constructor(
    private readonly watch: LogWatch,
    private readonly projections: Projections,
    readonly relay: Relay,
    private readonly peers: Peers,
    private readonly builds: BuildFollower,
    readonly housekeeping: Housekeeping,
    readonly pool: Pool,
    readonly log: LogProof,
    readonly bus: Bus,
    readonly clock: Clock,
    @Inject(SERVICE_PARTS) readonly parts: ServiceParts,
    @Optional() @Inject(InboxRunner) readonly inbox: InboxRunner | undefined,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.unobserve = observe(this.parts.service, observedService(this));
    this.log.start();
    this.watch.start();
    await this.projections.start();
    await this.relay.start();
    await this.inbox?.start();
    this.builds.start();
    this.housekeeping.start();
    await this.log.settled(PROOF_MAX_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.unobserve();
    await this.housekeeping.stop();
    await this.inbox?.stop();
    await this.builds.stop();
    await Promise.all([this.relay.stop(), this.projections.stop()]);
    await this.watch.stop();
    await this.log.stop();
    this.peers.close();
    await this.pool.end();
    await this.parts.release?.();
  }
}

/** The floor of every service: its log, its followers, its callers, its peers. Known everywhere in the service. */
@Module({})
export class ServiceModule {
  static register(floor: ServiceContext, parts: ServiceParts): DynamicModule {
    const { config, clock, logger, bus } = floor;
    const tokens = new CallerTokens(parts.service, config);
    const witness =
      config.witnessFolder === undefined
        ? undefined
        : new WitnessFile(join(config.witnessFolder, `${parts.service}.log`));
    const log: LogProof = new LogProof({
      mend: `Nothing is judged, decided or published by it. Bring back the newest copy there is; "rollcall log reopen ${parts.service}" shows what going on with this one would lose`,
      sql: () => pool,
      bus: () => busWitness({ service: parts.service, sql: pool, bus }),
      busRequired: config.busRequired === true,
      ...(witness ? { file: witness } : {}),
      tell: (because) => {
        logger.warn({ because }, 'the database server was started anew or replaced; the log goes on');
      },
    });
    const pool = openPool(config.databaseUrl, {
      max: parts.connectionsMax ?? 10,
      application: parts.service,
      logger,
      verify: log.meet,
    });
    const doorbell = new Doorbell();
    const { inline = [], personKeys } = parts;
    const hooks = hooksOf(parts.service);
    const deciders = deciderSources(parts.definedIn);
    const store = new PostgresEventStore(pool, {
      doorbell,
      inline,
      around: async (events, work) => {
        await log.require();
        return doubting(log, () => hooks.append(events, work));
      },
      acknowledged: async (events) => {
        log.note(events);
        const kept = events.filter(({ type }) => parts.withdraws?.includes(type));
        if (kept.length > 0) await log.keep(kept);
      },
      // A service without deciders has no states, and nothing that would tell a snapshot of today's from an older one.
      ...(deciders.length > 0 ? { shape: shapeOf(deciders) } : {}),
      ...(personKeys ? { personKeys } : {}),
      ...(parts.withCommit ? { withCommit: parts.withCommit } : {}),
    });
    const alarm = alarmOf(logger);
    const watch = new LogWatch(pool, doorbell, undefined, (error) => {
      alarm('log watch', error);
    });
    const peers = new Peers(config, tokens, logger);
    return {
      module: ServiceModule,
      global: true,
      controllers: [HistoryController, OperationsController, RecoveryController, KeysController, ProjectionsController],
      providers: [
        Followers,
        ServiceHealth,
        { provide: Clock, useValue: clock },
        { provide: LOGGER, useValue: logger },
        { provide: SERVICE_CONFIG, useValue: config },
        { provide: SERVICE_PARTS, useValue: parts },
        { provide: Pool, useValue: pool },
        { provide: LogProof, useValue: log },
        { provide: PostgresEventStore, useValue: store },
        { provide: LogWatch, useValue: watch },
        { provide: CallerTokens, useValue: tokens },
        { provide: Peers, useValue: peers },
        { provide: Bus, useValue: bus },
        { provide: Projections, useValue: new Projections(pool, store, watch, parts.projections, alarm) },
        {
          provide: BuildFollower,
          useValue: new BuildFollower(
            pool,
            sourcesOf(parts, parts.service, new OwnerHistory(peers, parts.service)),
            alarm,
          ),
        },
        {
          provide: Housekeeping,
          useValue: new Housekeeping({
            service: parts.service,
            sql: pool,
            clock,
            works: [COMMANDS, WRITERS, ...(parts.housekeeping ?? []), ...(parts.sealed ?? []).map(resealing)],
            alarm,
          }),
        },
        {
          provide: Relay,
          useValue: new Relay({
            service: parts.service,
            pool,
            store,
            watch,
            bus,
            publish: parts.publish,
            alarm,
            around: async (messages, work) => {
              await log.require();
              return hooks.publish(messages, work);
            },
          }),
        },
        ...inboxProviders(parts, floor, { pool, store, peers }),
        { provide: APP_GUARD, useClass: CallerGuard },
        { provide: APP_GUARD, useClass: SeenGuard },
        { provide: APP_INTERCEPTOR, useClass: WholeLogInterceptor },
        { provide: APP_FILTER, useValue: new RpcProblemFilter(logger) },
      ],
      exports: [
        Bus,
        Clock,
        LogProof,
        LOGGER,
        SERVICE_CONFIG,
        Pool,
        PostgresEventStore,
        Peers,
        Projections,
        CallerTokens,
        ServiceHealth,
        ...(parts.inbox ? [ForeignStreams] : []),
      ],
    };
  }
}

function inboxProviders(
  parts: ServiceParts,
  { bus, logger }: ServiceContext,
  { pool, store, peers }: { pool: Pool; store: PostgresEventStore; peers: Peers },
): Provider[] {
  const { inbox } = parts;
  if (!inbox) return [];
  const history = new OwnerHistory(peers, parts.service);
  return [
    inbox,
    {
      provide: ForeignStreams,
      inject: [InboxRunner],
      useFactory: (runner: InboxRunner) => new ForeignStreams(runner, history),
    },
    {
      provide: InboxRunner,
      inject: [inbox],
      useFactory: (instance: InstanceType<typeof inbox>) =>
        new InboxRunner({
          consumer: parts.service,
          pool,
          store,
          bus,
          inbox: instance,
          history: history.stream,
          owners: history,
          alarm: alarmOf(logger),
          around: hooksOf(parts.service).receive,
        }),
    },
  ];
}

const alarmOf = (logger: Logger) => (what: string, error: unknown) =>
  logger.warn({ what, ...errorFields(error) }, 'trying again');
