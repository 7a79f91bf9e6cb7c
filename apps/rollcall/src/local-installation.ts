import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type GrpcOwner, SERVICES, type ServiceName } from '#contracts';
import { BackOff } from '#event-sourcing';
import {
  type CertificateFiles,
  certificateFiles,
  type EmbeddedServer,
  freePort,
  keepCertificates,
  startEmbeddedPostgres,
} from '#local-servers';
import { errorFields, type Logger, makeLogger } from '#platform';
import { endOrphans } from './children.ts';
import { COMPOSED, databaseSettings } from './composition.ts';
import { provision } from './databases.ts';
import { lockFolder } from './lock.ts';
import { startMailCatcher } from './mail-catcher.ts';
import { operatorsFile } from './operators.ts';
import { installationSecrets, type Secrets } from './secrets.ts';
import { type Settings, settingsOf } from './settings.ts';
import { tell } from './tell.ts';

export type Stop = () => Promise<void> | void;

/** What every way of running Rollcall on one machine needs: secrets, PostgreSQL, addresses, a mail catcher. */
export interface LocalInstallation {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Where each service answers; replicas are separated by commas. */
  readonly peers: Readonly<Record<GrpcOwner, string>>;
  /** The bus in PostgreSQL. */
  readonly busDatabaseUrl: string;
  /** The settings of a service. */
  readonly serviceValues: (name: GrpcOwner) => Record<string, unknown>;
  readonly gateways: readonly GatewayPorts[];
  /** The certificate of a service or server of ours, under TLS. */
  readonly tls: (name: string) => CertificateFiles | undefined;
  /** The settings of a gateway. */
  readonly gatewayValues: (ports: GatewayPorts) => Record<string, unknown>;
}

/** Where a gateway answers: the world, and services of the platform by HTTP and by gRPC. */
export interface GatewayPorts {
  readonly port: number;
  readonly internalPort: number;
  readonly internalGrpcPort: number;
}

/** Services to run more than once. */
export type Replicas = Partial<Record<GrpcOwner, number>>;

/** Starts what all of Rollcall stands on; `stops` gets what ends it. @throws Error that says what to do. */
export async function prepareInstallation(
  settings: Settings,
  stops: Stop[],
  options: { gateways?: number; replicas?: Replicas } = {},
): Promise<LocalInstallation> {
  makeFolder(settings.dataFolder);
  stops.push(lockFolder(settings.dataFolder));
  endOrphans(settings.dataFolder);
  const gateways = await gatewayPorts(settings, options.gateways ?? 1);
  const logger = makeLogger(settings.logLevel, join(settings.dataFolder, 'rollcall.log'));
  const secrets = installationSecrets(settings.dataFolder);
  const tls = await certificates(settings);
  tell('Starting PostgreSQL …');
  const postgres = await startPostgres(settings.dataFolder, secrets, logger, stops, tls('postgres'));
  tell('Making what databases there are not yet …');
  await provision(
    (database) => postgres.url(database),
    () => secrets.rolePassword,
  );
  const catcher = settings.smtpUrl === undefined ? await startMailCatcher() : undefined;
  if (catcher) stops.push(() => catcher.stop());
  const peers = await addresses(options.replicas ?? {});
  // Under TLS a service adds by itself how it verifies the server.
  const spoken = (url: string) => (settings.rollcallTls ? url : `${url}?sslmode=disable`);
  const roleUrl = (database: string, role: string) =>
    spoken(`postgres://${role}:${secrets.rolePassword}@127.0.0.1:${postgres.port}/${database}`);
  // Beside the databases, not within them.
  const witnessFolder = join(settings.dataFolder, 'witness');
  makeFolder(witnessFolder);
  // For the rollcall command, which finds the services by it.
  writeFileSync(join(settings.dataFolder, 'peers.json'), JSON.stringify(peers, null, 2));
  const shared = {
    peers,
    callerKeys: Object.fromEntries(Object.entries(secrets.callers).map(([name, { publicKey }]) => [name, publicKey])),
    busRequired: settings.busRequired ? '1' : '0',
    witnessFolder,
    operatorsFile: operatorsFile(settings.dataFolder),
  };
  // Read anew for each start of a process: a key may have been changed meanwhile ("rollcall secrets rotate").
  const rings = (name: ServiceName) => {
    const { installationKey, masterKey } = installationSecrets(settings.dataFolder);
    return { installationKey, ...(name === 'identity' ? { masterKey } : {}) };
  };
  const own: Partial<Record<GrpcOwner, Record<string, unknown>>> = {
    mailer: {
      smtpUrl: settings.smtpUrl ?? (catcher && `${catcher.url}?starttls=optional`),
      mailFrom: settings.mailFrom,
      origin: settings.origin,
    },
  };
  return {
    settings,
    logger,
    peers,
    gateways,
    tls,
    busDatabaseUrl: roleUrl('bus', 'bus'),
    serviceValues: (name) => ({
      ...shared,
      ...rings(name),
      ...tls(name),
      ...databaseSettings(name, roleUrl),
      ...databaseSettings(name, (database) => spoken(postgres.url(database)), 'owner'),
      grpcAddress: peers[name].split(',')[0],
      callerKey: secrets.callers[name]?.privateKey,
      ...settingsOf(name, settings),
      ...own[name],
    }),
    gatewayValues: ({ port, ...internal }) => ({
      stateFolder: join(settings.dataFolder, `gateway-${port - settings.port + 1}`),
      ...shared,
      ...rings('gateway'),
      ...internal,
      ...tls('gateway'),
      callerKey: secrets.callers.gateway?.privateKey,
      port,
      host: '127.0.0.1',
      origin: port === settings.port ? settings.origin : `http://localhost:${port}`,
      trustedProxies: settings.trustedProxies,
      keyPrefix: settings.keyPrefix,
      verdictsMax: settings.verdictsMax,
      development: settings.development,
      brand: settings.brand,
      mailCatcherUrl: catcher?.readUrl,
    }),
  };
}

/** What each process is told of its certificates: nothing, unless TLS is wished for. */
async function certificates({
  rollcallTls,
  dataFolder,
}: Settings): Promise<(name: string) => CertificateFiles | undefined> {
  if (!rollcallTls) return () => undefined;
  const folder = join(dataFolder, 'tls');
  await keepCertificates(
    folder,
    Object.fromEntries(
      [...SERVICES, 'operator', 'postgres', 'kafka'].map((name) => [name, [name, 'localhost', '127.0.0.1']]),
    ),
  );
  return (name: string) => certificateFiles(folder, name);
}

/** The ports for services of the platform in documents and samples, beside the port for people. */
const DOCUMENTED = { port: 8080, internalPort: 8081, internalGrpcPort: 8091 };

async function gatewayPorts(
  { port, internalPort, internalGrpcPort }: Settings,
  count: number,
): Promise<GatewayPorts[]> {
  const people = Array.from({ length: count }, (_, n) => port + n);
  const each = (first: number | undefined, documented: number, n: number) => {
    if (first !== undefined) return first + n;
    const at = documented + n;
    return freePort(port === DOCUMENTED.port && !people.includes(at) ? at : undefined);
  };
  const gateways = await Promise.all(
    Array.from({ length: count }, async (_, n) => ({
      port: port + n,
      internalPort: await each(internalPort, DOCUMENTED.internalPort, n),
      internalGrpcPort: await each(internalGrpcPort, DOCUMENTED.internalGrpcPort, n),
    })),
  );
  const taken = new Set<number>();
  for (const at of gateways.flatMap(({ port: own, ...internal }) => [
    own,
    internal.internalPort,
    internal.internalGrpcPort,
  ])) {
    if (taken.has(at))
      throw new Error(
        `port ${at} is given twice. PORT, INTERNAL_PORT and INTERNAL_GRPC_PORT count up by one for each gateway: leave room between them`,
      );
    taken.add(at);
  }
  for (const gateway of gateways) await requirePort(gateway.port, 'PORT');
  if (internalPort !== undefined)
    for (const gateway of gateways) await requirePort(gateway.internalPort, 'INTERNAL_PORT');
  if (internalGrpcPort !== undefined)
    for (const gateway of gateways) await requirePort(gateway.internalGrpcPort, 'INTERNAL_GRPC_PORT');
  return gateways;
}

async function addresses(replicas: Replicas): Promise<Record<GrpcOwner, string>> {
  const ports = async (count: number) =>
    Promise.all(Array.from({ length: count }, async () => `127.0.0.1:${await freePort()}`));
  return Object.fromEntries(
    await Promise.all(COMPOSED.map(async (name) => [name, (await ports(replicas[name] ?? 1)).join(',')] as const)),
  ) as Record<GrpcOwner, string>;
}

/** PostgreSQL, started again on the same port should it end under us: the services wait for it and lose nothing. */
async function startPostgres(
  dataFolder: string,
  secrets: Secrets,
  logger: Logger,
  stops: Stop[],
  tls: CertificateFiles | undefined,
): Promise<EmbeddedServer> {
  const options = {
    folder: join(dataFolder, 'postgres'),
    password: secrets.postgresPassword,
    ...(tls === undefined ? {} : { tls }),
  };
  let server = await startEmbeddedPostgres(options);
  const { port } = server;
  stops.push(
    keepRunning('PostgreSQL', logger, server, async () => {
      server = await startEmbeddedPostgres({ ...options, port });
      return server;
    }),
  );
  return server;
}

/** Starts a server again whenever it ends by itself; what it answers ends it for good. */
export function keepRunning(
  name: string,
  logger: Logger,
  first: { ended: Promise<unknown>; stop(): Promise<void> },
  again: () => Promise<typeof first>,
): Stop {
  let server = first;
  let stopping = false;
  const watch = () => {
    void server.ended.then(async () => {
      for (const backOff = new BackOff(200); !stopping;) {
        logger.error(`${name} has ended; starting it again`);
        try {
          server = await again();
          watch();
          return;
        } catch (error) {
          logger.error(errorFields(error), `${name} does not start`);
          await pause(backOff.next());
        }
      }
    });
  };
  watch();
  return async () => {
    stopping = true;
    await server.stop();
  };
}

function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  } catch {
    throw new Error(`the data folder ${folder} cannot be made or written. Set ROLLCALL_DATA to a folder of yours`);
  }
}

function requirePort(port: number, name: string): Promise<void> {
  return new Promise((free, taken) => {
    const probe = createServer()
      .once('error', (error: NodeJS.ErrnoException) => {
        taken(
          new Error(
            error.code === 'EACCES'
              ? `port ${port} needs more rights than this user has. Choose another: ${name}=8081`
              : `port ${port} is in use. Stop what uses it, or choose another: ${name}=${port + 1}`,
          ),
        );
      })
      .listen(port, '127.0.0.1', () =>
        probe.close(() => {
          free();
        }),
      );
  });
}
