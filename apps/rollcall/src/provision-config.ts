import { ConfigError, databaseUrl, environment, readConfig, tlsConfig, told } from '#platform';
import { DATABASES } from './composition.ts';

const variable = (database: string) => `${database.toUpperCase()}_DATABASE_URL`;

/** The role that may make roles and databases, and where each database will be; that of the bus only where the bus is in PostgreSQL. */
const provisionConfig = tlsConfig.extend({
  /** Any database of the server, under a role that may create roles and databases there. */
  OWNER_DATABASE_URL: databaseUrl(),
  ...Object.fromEntries(
    [...DATABASES.keys()].map((database) => [
      variable(database),
      database === 'bus' ? databaseUrl().optional() : databaseUrl(),
    ]),
  ),
});

/** Roles and databases to make, and the role to make them with. */
export interface ProvisionConfig {
  readonly ownerUrl: (database: string) => string;
  readonly passwords: ReadonlyMap<string, string>;
}

/** Reads the settings that the services will get, to make the roles and databases that they name. @throws ConfigError */
export function readProvisionConfig(env: NodeJS.ProcessEnv): ProvisionConfig {
  const { OWNER_DATABASE_URL: ownerDatabaseUrl } = readConfig(provisionConfig, environment(env, provisionConfig));
  const faults: string[] = [];
  const passwords = new Map<string, string>();
  for (const [database, role] of DATABASES) {
    const url = told(env, variable(database));
    if (url === undefined) continue;
    const { username, password, pathname } = new URL(url);
    if (username !== role || pathname !== `/${database}` || password === '')
      faults.push(`${variable(database)}: must be postgres://${role}:<password>@<host>:<port>/${database}`);
    else if ((passwords.get(role) ?? decodeURIComponent(password)) !== decodeURIComponent(password))
      faults.push(`${variable(database)}: must have the password of the role's other database`);
    else passwords.set(role, decodeURIComponent(password));
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    passwords,
    ownerUrl: (database) => Object.assign(new URL(ownerDatabaseUrl), { pathname: `/${database}` }).href,
  };
}
