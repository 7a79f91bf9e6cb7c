import { type Alarm, type Bus, KafkaBus, PostgresBus, topicsOf } from '#bus';
import { z } from 'zod';
import { databaseUrl, environment, readConfig } from '../base/config.ts';
import { brokers, count } from '../base/settings.ts';
import { openPool } from '../base/database.ts';
import { errorFields, type Logger } from '../base/logger.ts';

const needed = { postgres: 'busDatabaseUrl', kafka: 'kafkaBrokers' } as const;

/** What a service is told of its bus. */
export const busConfig = z
  .object({
    bus: z.enum(['postgres', 'kafka']).default('postgres'),
    busDatabaseUrl: databaseUrl().optional(),
    kafkaBrokers: brokers().optional(),
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
