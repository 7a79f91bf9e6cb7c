import { ConfigError, onlyChecks, readTogether, refuseSamples } from '#platform';
import { readProvisionConfig } from './provision-config.ts';
import { provisionAll } from './provisioning.ts';

const checks = onlyChecks();
try {
  const { config } = readTogether({
    config: () => readProvisionConfig(process.env),
    samples: () => {
      refuseSamples(process.env, process.env.ROLLCALL_DEV === '1');
    },
  });
  if (!checks) {
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
