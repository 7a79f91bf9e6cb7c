import type { OwnerOf, ServiceConfig } from '#platform';
import type { IdentityConfig } from '../../identity/src/config.ts';
import { identity } from '../../identity/src/identity.module.ts';
import { inactivityPolicy } from '../../inactivity-policy/src/inactivity-policy.module.ts';
import { jobQueue } from '../../job-queue/src/job-queue.module.ts';
import { keyManagement } from '../../key-management/src/key-management.module.ts';
import { mailer } from '../../mailer/src/mailer.module.ts';
import { organization } from '../../organization/src/organization.module.ts';
import { provision } from './databases.ts';
import type { ProvisionConfig } from './provision-config.ts';

/** Roles, databases and their schemas, as their owner: before the services, which need no owner's password then. Doing it again changes nothing. */
export async function provisionAll({ ownerUrl, passwords }: ProvisionConfig): Promise<void> {
  await provision(ownerUrl, (role) => passwords.get(role));
  for (const service of [identity, organization, keyManagement, inactivityPolicy, jobQueue, mailer]) {
    const owner: OwnerOf<ServiceConfig & IdentityConfig> = {
      ownerDatabaseUrl: ownerUrl(service.name.replaceAll('-', '_')),
      ownerPersonKeysDatabaseUrl: ownerUrl('person_keys'),
    };
    await service.migrate(owner);
  }
}
