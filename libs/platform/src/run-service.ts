import { PostgresBus } from '#bus';
import { z } from 'zod';
import { SystemClock } from './clock.ts';
import { ConfigError, environment, readConfig, type ServiceConfig } from './config.ts';
import { openPool } from './database.ts';
import { errorFields, makeLogger } from './logger.ts';
import { type ServiceDefinition, startService } from './start-service.ts';

const busConfig = z.object({ busDatabaseUrl: z.url({ protocol: /^postgres(ql)?$/ }) });

/** A service as a process of its own: configuration from the environment, SIGTERM and SIGINT end it cleanly. */
export async function runService<C extends ServiceConfig>(service: ServiceDefinition<C>): Promise<void> {
  const logger = makeLogger(process.env.LOG_LEVEL);
  try {
    const { busDatabaseUrl } = readConfig(busConfig, environment(process.env, busConfig));
    const config = readConfig(service.config, environment(process.env, service.config));
    const busPool = openPool(busDatabaseUrl, { max: 4, application: service.name, logger });
    const bus = new PostgresBus({ pool: busPool, alarm: (what, error) => logger.warn({ what, ...errorFields(error) }, 'trying again') });
    const running = await startService(service, { config, clock: new SystemClock(), logger, bus });
    logger.info({ service: service.name }, 'ready');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void running.stop().then(() => bus.close()).then(() => busPool.end()).then(() => process.exit(0)));
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const fault of error.faults) console.error(`${service.name}: ${fault}`);
      process.exit(ConfigError.EXIT);
    }
    logger.fatal(errorFields(error), `${service.name} could not start`);
    process.exit(1);
  }
}
