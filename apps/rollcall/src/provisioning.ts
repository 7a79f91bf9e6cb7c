import { COMPOSED, migrateService } from './composition.ts';
import { provision } from './databases.ts';
import type { ProvisionConfig } from './provision-config.ts';

/** Roles, databases and their schemas, as their owner: before the services, which need no owner's password then. Doing it again changes nothing. */
export async function provisionAll({ ownerUrl, passwords }: ProvisionConfig): Promise<void> {
  await provision(ownerUrl, (role) => passwords.get(role));
  for (const name of COMPOSED) await migrateService(name, ownerUrl);
}
