import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { GRPC_PACKAGES, type GrpcOwner } from '#contracts';
import { PostgresBus } from '#bus';
import { DevClock, type EmbeddedServer, errorFields, freePort, type Logger, makeLogger, openPool, type RunningService, type ServiceConfig, type ServiceDefinition, startEmbeddedPostgres, startService, SystemClock } from '#platform';
import { pino } from 'pino';
import { startGateway } from '../../gateway/src/start-gateway.ts';
import { identity } from '../../identity/src/identity.module.ts';
import { inactivityPolicy } from '../../inactivity-policy/src/inactivity-policy.module.ts';
import { jobQueue } from '../../job-queue/src/job-queue.module.ts';
import { keyManagement } from '../../key-management/src/key-management.module.ts';
import { mailer } from '../../mailer/src/mailer.module.ts';
import { organization } from '../../organization/src/organization.module.ts';
import { provision } from './databases.ts';
import { lockFolder } from './lock.ts';
import { startMailCatcher } from './mail-catcher.ts';
import { installationSecrets, type Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';

/** All of Rollcall, running. */
export interface Rollcall {
  stop(): Promise<void>;
}

type Stop = () => Promise<void> | void;

/** Starts everything: PostgreSQL, the services, the gateway. What was started is stopped again when something fails. @throws Error that says what to do. */
export async function startRollcall(settings: Settings): Promise<Rollcall> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const next of stops.splice(0).reverse()) await next();
  };
  try {
    await requirePort(settings.port);
    makeFolder(settings.dataFolder);
    stops.push(lockFolder(settings.dataFolder));
    const logger = makeLogger(settings.logLevel, pino.destination({ dest: join(settings.dataFolder, 'rollcall.log'), sync: true }));
    await startAll(settings, installationSecrets(settings.dataFolder), logger, stops);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(settings: Settings, secrets: Secrets, logger: Logger, stops: Stop[]) {
  const postgres = await startPostgres(settings.dataFolder, secrets, logger, stops);
  await provision((database) => postgres.url(database), secrets.rolePassword);
  const catcher = settings.smtpUrl === undefined ? await startMailCatcher() : undefined;
  if (catcher) stops.push(() => catcher.stop());

  const alarm = (what: string, error: unknown) => { logger.warn({ what, ...errorFields(error) }, 'trying again'); };
  const roleUrl = (database: string, role: string) => `postgres://${role}:${secrets.rolePassword}@127.0.0.1:${postgres.port}/${database}`;
  const busPool = openPool(roleUrl('bus', 'bus'), { max: 8, application: 'bus', logger });
  const bus = new PostgresBus({ pool: busPool, alarm });
  stops.push(() => busPool.end(), () => bus.close());

  const clock = settings.development ? new DevClock() : new SystemClock();
  const owners = Object.keys(GRPC_PACKAGES) as GrpcOwner[];
  const peers = Object.fromEntries(await Promise.all(owners.map(async (name) => [name, `127.0.0.1:${await freePort()}`] as const)));
  const callerKeys = Object.fromEntries(Object.entries(secrets.callers).map(([name, { publicKey }]) => [name, publicKey]));
  const configOf = (name: GrpcOwner): ServiceConfig => {
    const database = name.replaceAll('-', '_');
    return {
      databaseUrl: roleUrl(database, database), ownerDatabaseUrl: postgres.url(database), grpcAddress: peers[name] ?? '', peers,
      callerKey: secrets.callers[name]?.privateKey ?? '', callerKeys, installationKey: secrets.installationKey,
    };
  };
  const start = async <C extends ServiceConfig>(service: ServiceDefinition<C>, more: Record<string, unknown> = {}): Promise<RunningService> => {
    const running = await startService(service, { config: service.config.parse({ ...configOf(service.name), ...more }), clock, logger: logger.child({ service: service.name }), bus }, { reflection: settings.development });
    stops.push(() => running.stop());
    return running;
  };
  // First, because it sets the clock that all the others read.
  await start(inactivityPolicy);
  await Promise.all([
    start(identity, { personKeysDatabaseUrl: roleUrl('person_keys', 'identity'), ownerPersonKeysDatabaseUrl: postgres.url('person_keys'), masterKey: secrets.masterKey, signUpsPerNetworkAndHour: settings.signUpsPerNetworkAndHour, mailsPerAddressAndHour: settings.mailsPerAddressAndHour }),
    start(organization), start(keyManagement, { keyPrefix: settings.keyPrefix }), start(jobQueue),
    start(mailer, { smtpUrl: settings.smtpUrl ?? catcher?.url, mailFrom: settings.mailFrom, origin: settings.origin }),
  ]);
  const gateway = await startGateway({
    config: {
      peers, callerKey: secrets.callers.gateway?.privateKey ?? '', callerKeys, installationKey: secrets.installationKey, port: settings.port, host: '127.0.0.1',
      origin: settings.origin, keyPrefix: settings.keyPrefix, development: settings.development, keyReportsPerNetworkAndHour: settings.keyReportsPerNetworkAndHour,
    },
    clock, logger: logger.child({ service: 'gateway' }), ...(catcher ? { mails: (to) => catcher.mails(to) } : {}),
  });
  stops.push(() => gateway.stop());
}

/** PostgreSQL, started again on the same port should it end under us: the services wait for it and lose nothing. */
async function startPostgres(dataFolder: string, secrets: Secrets, logger: Logger, stops: Stop[]): Promise<EmbeddedServer> {
  const options = { folder: join(dataFolder, 'postgres'), password: secrets.postgresPassword };
  let server = await startEmbeddedPostgres(options);
  const { port } = server;
  let stopping = false;
  const watch = () => {
    void server.ended.then(async () => {
      for (let waitMs = 200; !stopping; waitMs = Math.min(waitMs * 2, 5_000)) {
        logger.error('PostgreSQL has ended; starting it again');
        try {
          server = await startEmbeddedPostgres({ ...options, port });
          watch();
          return;
        } catch (error) {
          logger.error(errorFields(error), 'PostgreSQL does not start');
          await new Promise((later) => setTimeout(later, waitMs));
        }
      }
    });
  };
  watch();
  stops.push(async () => {
    stopping = true;
    await server.stop();
  });
  return server;
}

function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  } catch {
    throw new Error(`the data folder ${folder} cannot be made or written. Set ROLLCALL_DATA to a folder of yours`);
  }
}

function requirePort(port: number): Promise<void> {
  return new Promise((free, taken) => {
    const probe = createServer().once('error', (error: NodeJS.ErrnoException) => {
      taken(new Error(error.code === 'EACCES' ? `port ${port} needs more rights than this user has. Choose another: PORT=8081 npm start` : `port ${port} is in use. Stop what uses it, or choose another: PORT=${port + 1} npm start`));
    }).listen(port, '127.0.0.1', () => probe.close(() => { free(); }));
  });
}
