import { ConfigError, databaseUrl, environment, readConfig } from '#platform';
import { z } from 'zod';
import { DATABASES, type DatabaseName, type RoleName } from './databases.ts';

const provisionConfig = z.object({
  /** Any database of the server, as whoever may make roles and databases there. */
  ownerDatabaseUrl: databaseUrl(),
  identityDatabaseUrl: databaseUrl(),
  personKeysDatabaseUrl: databaseUrl(),
  organizationDatabaseUrl: databaseUrl(),
  keyManagementDatabaseUrl: databaseUrl(),
  inactivityPolicyDatabaseUrl: databaseUrl(),
  jobQueueDatabaseUrl: databaseUrl(),
  mailerDatabaseUrl: databaseUrl(),
  /** Needed where the bus is in PostgreSQL. */
  busDatabaseUrl: databaseUrl().optional(),
});

const VARIABLES: Readonly<Record<DatabaseName, string>> = {
  identity: 'IDENTITY_DATABASE_URL',
  person_keys: 'PERSON_KEYS_DATABASE_URL',
  organization: 'ORGANIZATION_DATABASE_URL',
  key_management: 'KEY_MANAGEMENT_DATABASE_URL',
  inactivity_policy: 'INACTIVITY_POLICY_DATABASE_URL',
  job_queue: 'JOB_QUEUE_DATABASE_URL',
  mailer: 'MAILER_DATABASE_URL',
  bus: 'BUS_DATABASE_URL',
};

/** What must be made, and as whom. */
export interface ProvisionConfig {
  readonly ownerUrl: (database: string) => string;
  readonly passwords: ReadonlyMap<RoleName, string>;
}

/** Reads what the services will be told, for whoever makes it true. @throws ConfigError */
export function readProvisionConfig(env: NodeJS.ProcessEnv): ProvisionConfig {
  const { ownerDatabaseUrl } = readConfig(provisionConfig, environment(env, provisionConfig));
  const faults: string[] = [];
  const passwords = new Map<RoleName, string>();
  for (const [database, role] of Object.entries(DATABASES) as [DatabaseName, RoleName][]) {
    const told = env[VARIABLES[database]];
    if (told === undefined || told === '') continue;
    const { username, password, pathname } = new URL(told);
    if (username !== role || pathname !== `/${database}` || password === '')
      faults.push(`${VARIABLES[database]}: must be postgres://${role}:<password>@<host>:<port>/${database}`);
    else if ((passwords.get(role) ?? decodeURIComponent(password)) !== decodeURIComponent(password))
      faults.push(`${VARIABLES[database]}: must have the password of the role's other database`);
    else passwords.set(role, decodeURIComponent(password));
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    passwords,
    ownerUrl: (database) => Object.assign(new URL(ownerDatabaseUrl), { pathname: `/${database}` }).href,
  };
}
