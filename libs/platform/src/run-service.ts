import { environment, readConfig, type ServiceConfig } from './config.ts';
import { openBus } from './open-bus.ts';
import { runProcess } from './run-process.ts';
import { type ServiceDefinition, startService } from './start-service.ts';

/** A service as a process of its own, configured by its environment. */
export const runService = <C extends ServiceConfig>(service: ServiceDefinition<C>): Promise<void> => runProcess(service.name, async ({ logger, clock, development }) => {
  const config = readConfig(service.config, environment(process.env, service.config));
  const { bus, close } = openBus(service.name, process.env, logger);
  const running = await startService(service, { config, clock, logger, bus }, { reflection: development });
  return {
    stop: async () => {
      await running.stop();
      await close();
    },
  };
});
