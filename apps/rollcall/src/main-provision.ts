import { ConfigError, readTogether, refuseSamples } from '#platform';
import { readProvisionConfig } from './provision-config.ts';
import { provisionAll } from './provisioning.ts';

try {
  const { config } = readTogether({
    config: () => readProvisionConfig(process.env),
    samples: () => {
      refuseSamples(process.env, process.env.ROLLCALL_DEV === '1');
    },
  });
  if (process.argv.includes('--check-config')) console.log('provision: the configuration fits');
  else {
    await provisionAll(config);
    console.log('provision: roles, databases and schemas are as this version needs them');
  }
} catch (error) {
  for (const said of error instanceof ConfigError
    ? error.faults
    : [error instanceof Error ? error.message : String(error)])
    console.error(`provision: ${said}`);
  process.exitCode = error instanceof ConfigError ? ConfigError.EXIT : 1;
}
