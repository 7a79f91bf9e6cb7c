import { ConfigError, environment, makeLogger, readConfig, SystemClock } from '#platform';
import { gatewayConfig } from './config.ts';
import { startGateway } from './start-gateway.ts';

const logger = makeLogger(process.env.LOG_LEVEL);
try {
  const config = readConfig(gatewayConfig, environment(process.env, gatewayConfig));
  const gateway = await startGateway({ config, clock: new SystemClock(), logger });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void gateway.stop().then(() => process.exit(0)));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  for (const fault of error.faults) console.error(`gateway: ${fault}`);
  process.exit(ConfigError.EXIT);
}
