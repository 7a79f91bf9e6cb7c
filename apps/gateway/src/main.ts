import { environment, readConfig, runProcess } from '#platform';
import { gatewayConfig } from './config.ts';
import { startGateway } from './start-gateway.ts';

await runProcess(
  'gateway',
  (env, development) => readConfig(gatewayConfig, { ...environment(env, gatewayConfig), development }),
  (config, { logger, clock }) => startGateway({ config, clock, logger }),
);
