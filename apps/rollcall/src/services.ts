import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type GrpcOwner, SERVICES } from '#contracts';
import { startEmbeddedKafka } from '#local-servers';
import { toEnvironment } from '#platform';
import { startInOrder } from './composition.ts';
import {
  type LocalInstallation,
  keepRunning,
  prepareInstallation,
  type Replicas,
  type Stop,
} from './local-installation.ts';
import { type Rollcall, stoppable } from './rollcall.ts';
import { startProcess } from './service-process.ts';
import type { Settings } from './settings.ts';
import { tell } from './tell.ts';

/** How many processes of each service. */
export interface Processes {
  readonly gateways: number;
  readonly replicas: Replicas;
}

/**
 * Starts every service as a process of its own, with its own database, beside a broker: the code that runs in production,
 * on one machine. A process that ends by itself is started again. @throws Error that says what to do.
 */
export async function startServices(settings: Settings, { gateways, replicas }: Processes): Promise<Rollcall> {
  const restarts: Restart[] = [];
  const running = await stoppable(async (stops) => {
    const ground = await prepareInstallation(settings, stops, { gateways, replicas });
    const bus = await startBus(ground, stops);
    tell('Starting the services, a process each …');
    await startInOrder(async (name) => {
      restarts.push(...(await startReplicas(ground, name, bus, stops)));
    });
    restarts.push(
      ...(await Promise.all(
        ground.gateways.map((ports, n) => supervise(ground, 'gateway', n, () => ground.gatewayValues(ports), stops)),
      )),
    );
    return ground;
  });
  return {
    ...running,
    restart: async () => {
      for (const restart of restarts) await restart();
    },
  };
}

/** Ends a process, and answers when the next one of its name is ready. */
type Restart = () => Promise<void>;

async function startReplicas(ground: LocalInstallation, name: GrpcOwner, bus: Record<string, unknown>, stops: Stop[]) {
  const restarts: Restart[] = [];
  for (const [n, grpcAddress] of ground.peers[name].split(',').entries())
    restarts.push(
      await supervise(ground, name, n, () => ({ ...ground.serviceValues(name), ...bus, grpcAddress }), stops),
    );
  return restarts;
}

async function supervise(
  { settings, logger }: LocalInstallation,
  service: GrpcOwner | 'gateway',
  n: number,
  values: () => Record<string, unknown>,
  stops: Stop[],
): Promise<Restart> {
  const { dataFolder, development } = settings;
  const log = n === 0 ? service : `${service}-${n + 1}`;
  const begin = () => {
    const env = toEnvironment({
      ...values(),
      metricsPort: metricsPort(settings, service, n),
      ...(development ? { rollcallDev: '1', devClockFile: join(dataFolder, 'clock') } : {}),
    });
    // A user who may read the secrets may start one more of this service by hand, with an address of its own.
    writeFileSync(
      join(dataFolder, `${log}.env`),
      Object.entries(env)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
      { mode: 0o600 },
    );
    return startProcess(service, { dataFolder, log, env });
  };
  let running = await begin();
  const again = async () => (running = await begin());
  stops.push(keepRunning(log, logger, running, again));
  return async () => {
    const before = running;
    await before.stop();
    while (running === before) await pause(RESTARTED_EVERY_MS);
  };
}

const RESTARTED_EVERY_MS = 50;

/** Eight for each service, in the order of `SERVICES`: the gateway has the first eight. */
const metricsPort = ({ metricsPort: first }: Settings, service: GrpcOwner | 'gateway', n: number) =>
  first === undefined ? undefined : first + 8 * SERVICES.indexOf(service) + n;

/** A broker of our own on this machine, started again when it ends; or the cluster that KAFKA_BROKERS names. */
async function startBus({ settings, logger, tls }: LocalInstallation, stops: Stop[]): Promise<Record<string, unknown>> {
  const { kafkaBrokers, kafkaTls, kafkaPartitions, kafkaReplication } = settings;
  if (kafkaBrokers !== undefined)
    return { bus: 'kafka', kafkaBrokers, kafkaTls: kafkaTls === true ? '1' : '0', kafkaPartitions, kafkaReplication };
  const folder = join(settings.dataFolder, 'kafka');
  tell('Starting Kafka …');
  const files = tls('kafka');
  const options = { folder, ...(files === undefined ? {} : { tls: files }) };
  const broker = await startEmbeddedKafka(options);
  const { port, brokers } = broker;
  tell(`Kafka answers at ${brokers}: KAFKA_BROKERS for consumers of yours.`);
  stops.push(keepRunning('Kafka', logger, broker, () => startEmbeddedKafka({ ...options, port })));
  // One broker keeps one copy.
  return { bus: 'kafka', kafkaBrokers: brokers, kafkaTls: files === undefined ? '0' : '1', kafkaPartitions };
}
