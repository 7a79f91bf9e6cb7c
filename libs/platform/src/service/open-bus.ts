import { type Alarm, type Bus, type KafkaAddress, KafkaBus, PostgresBus, topicsOf } from '#bus';
import { z } from 'zod';
import { databaseUrl, environment, readConfig } from '../base/config.ts';
import { brokers, count, flag } from '../base/settings.ts';
import { openPool } from '../base/database.ts';
import { errorFields, type Logger } from '../base/logger.ts';
import { Certificates, tlsConfig } from '../base/tls.ts';

const needed = { postgres: 'busDatabaseUrl', kafka: 'kafkaBrokers' } as const;

/** What a service is told of its bus. */
export const busConfig = z
  .object({
    bus: z.enum(['postgres', 'kafka']).default('postgres'),
    busDatabaseUrl: databaseUrl().optional(),
    kafkaBrokers: brokers().optional(),
    /** Whether brokers are spoken to under TLS: by TLS_CA and with our certificate or, without those, by the system's authorities. As TLS_CA says unless told. */
    kafkaTls: flag().optional(),
    ...tlsConfig.shape,
    /** Of the topics that this service owns, for ever. */
    kafkaPartitions: count(6, { max: 1_000 }),
    /** Copies of each record on different brokers; with three, two must have it before it counts as published. */
    kafkaReplication: count(1, { max: 9 }),
  })
  .superRefine((config, context) => {
    const name = needed[config.bus];
    if (config[name] === undefined)
      context.addIssue({ code: 'custom', path: [name], message: `is needed when BUS is ${config.bus}` });
  });

export type BusConfig = z.output<typeof busConfig>;

/** Which bus a service's environment names. @throws ConfigError */
export const readBusConfig = (env: NodeJS.ProcessEnv): BusConfig => readConfig(busConfig, environment(env, busConfig));

/** Read for each connection, which asks for the properties one by one. */
function kafkaTls(config: BusConfig, logger: Logger): Partial<Pick<KafkaAddress, 'ssl'>> {
  const certificates = Certificates.of(config, logger);
  if (!(config.kafkaTls ?? certificates !== undefined)) return {};
  if (!certificates) return { ssl: true };
  return {
    ssl: {
      get ca() {
        return certificates.now.ca;
      },
      get cert() {
        return certificates.now.cert;
      },
      get key() {
        return certificates.now.key;
      },
    },
  };
}

/** The bus that is configured, and what ends it. */
export function openBus(service: string, config: BusConfig, logger: Logger): { bus: Bus; close: () => Promise<void> } {
  const alarm: Alarm = (what, error) => {
    logger.warn({ what, ...errorFields(error) }, 'trying again');
  };
  if (config.bus === 'kafka') {
    const topicSettings = {
      partitions: config.kafkaPartitions,
      replication: config.kafkaReplication,
      minInSync: config.kafkaReplication > 2 ? 2 : 1,
    };
    const bus = new KafkaBus({
      brokers: (config.kafkaBrokers ?? '').split(','),
      clientId: service,
      ...kafkaTls(config, logger),
      owns: topicsOf(service),
      topicSettings,
      alarm,
    });
    return { bus, close: () => bus.close() };
  }
  const pool = openPool(config.busDatabaseUrl ?? '', { max: 4, application: service, logger });
  const bus = new PostgresBus({ pool, alarm });
  return { bus, close: () => bus.close().then(() => pool.end()) };
}
