import { PostgresBus } from '#bus';
import { z } from 'zod';
import { environment, readConfig, type ServiceConfig } from './config.ts';
import { openPool } from './database.ts';
import { errorFields } from './logger.ts';
import { runProcess } from './run-process.ts';
import { type ServiceDefinition, startService } from './start-service.ts';

const busConfig = z.object({ busDatabaseUrl: z.url({ protocol: /^postgres(ql)?$/ }) });

/** A service as a process of its own, configured by its environment. */
export const runService = <C extends ServiceConfig>(service: ServiceDefinition<C>): Promise<void> => runProcess(service.name, async ({ logger, clock, development }) => {
  const { busDatabaseUrl } = readConfig(busConfig, environment(process.env, busConfig));
  const config = readConfig(service.config, environment(process.env, service.config));
  const busPool = openPool(busDatabaseUrl, { max: 4, application: service.name, logger });
  const bus = new PostgresBus({ pool: busPool, alarm: (what, error) => logger.warn({ what, ...errorFields(error) }, 'trying again') });
  const running = await startService(service, { config, clock, logger, bus }, { reflection: development });
  return {
    stop: async () => {
      await running.stop();
      await bus.close();
      await busPool.end();
    },
  };
});
