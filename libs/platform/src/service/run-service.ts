import { environment, readConfig, readTogether, type ServiceConfig } from '../base/config.ts';
import { openBus, readBusConfig } from './open-bus.ts';
import { runProcess } from './run-process.ts';
import { type ServiceDefinition, startService } from './start-service.ts';

/** A service as a process of its own, configured by its environment. */
export const runService = <C extends ServiceConfig>(service: ServiceDefinition<C>): Promise<void> =>
  runProcess(
    service.name,
    (env) =>
      readTogether({
        own: () => readConfig(service.config, environment(env, service.config)),
        bus: () => readBusConfig(env),
      }),
    async (config, { logger, clock, development }) => {
      const { bus, close } = openBus(service.name, config.bus, logger);
      const running = await startService(
        service,
        { config: config.own, clock, logger, bus },
        { reflection: development },
      );
      return {
        stop: async () => {
          await running.stop();
          await close();
        },
      };
    },
  );
