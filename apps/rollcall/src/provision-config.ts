import { ConfigError, databaseUrl, environment, readConfig, tlsConfig, told } from '#platform';
import { DATABASES } from './composition.ts';

const variable = (database: string) => `${database.toUpperCase()}_DATABASE_URL`;

/** Who may make roles and databases, and where each database is told to be; that of the bus only where the bus is in PostgreSQL. */
const provisionConfig = tlsConfig.extend({
  /** Any database of the server, as whoever may make roles and databases there. */
  OWNER_DATABASE_URL: databaseUrl(),
  ...Object.fromEntries(
    [...DATABASES.keys()].map((database) => [
      variable(database),
      database === 'bus' ? databaseUrl().optional() : databaseUrl(),
    ]),
  ),
});

/** What must be made, and as whom. */
export interface ProvisionConfig {
  readonly ownerUrl: (database: string) => string;
  readonly passwords: ReadonlyMap<string, string>;
}

/** Reads what the services will be told, for whoever makes it true. @throws ConfigError */
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
