import { environment, readConfig, runProcess } from '#platform';
import { gatewayConfig } from './config.ts';
import { startGateway } from './start-gateway.ts';

await runProcess('gateway', ({ logger, clock, development }) =>
  startGateway({ config: readConfig(gatewayConfig, { ...environment(process.env, gatewayConfig), development }), clock, logger }));
