import { type Alarm, type Bus, KafkaBus, PostgresBus, topicsOf } from '#bus';
import { z } from 'zod';
import { databaseUrl, environment, readConfig } from '../base/config.ts';
import { openPool } from '../base/database.ts';
import { errorFields, type Logger } from '../base/logger.ts';

const needed = { postgres: 'busDatabaseUrl', kafka: 'kafkaBrokers' } as const;

const busConfig = z
  .object({
    bus: z.enum(['postgres', 'kafka']).default('postgres'),
    busDatabaseUrl: databaseUrl().optional(),
    /** `host:port`, with commas between them. */
    kafkaBrokers: z
      .string()
      .regex(/^[^:,\s]+:\d+(,[^:,\s]+:\d+)*$/, 'must be host:port, with commas between several')
      .optional(),
    /** Of the topics that this service owns, for ever. */
    kafkaPartitions: z.coerce.number().int().min(1).max(1_000).default(6),
    /** Copies of each record on different brokers; with three, two must have it before it counts as published. */
    kafkaReplication: z.coerce.number().int().min(1).max(9).default(1),
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
