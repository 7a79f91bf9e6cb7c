import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { EXIT, Ended } from './exit.ts';

/** How a superuser comes into each database of a cluster. */
export type UrlOf = (database: string) => string;

/** The database of the person keys. */
export const PERSON_KEYS = 'person_keys';

/** Where the data folder of this machine's installation is. */
export const dataFolder = (env: NodeJS.ProcessEnv): string => env.ROLLCALL_DATA ?? '.rollcall';

/** Of the superuser of this machine's installation; undefined where there is none. */
export function superuserPassword(env: NodeJS.ProcessEnv): string | undefined {
  const secrets = join(dataFolder(env), 'secrets.json');
  return existsSync(secrets)
    ? (JSON.parse(readFileSync(secrets, 'utf8')) as { postgresPassword: string }).postgresPassword
    : undefined;
}

/** The cluster that OWNER_DATABASE_URL leads to, or the one of this machine's installation. @throws Ended where there is neither */
export const sourceCluster = async (env: NodeJS.ProcessEnv): Promise<UrlOf> =>
  ownerUrl(env) ?? (await ofDataFolder(env));

/** The address of a superuser that the environment names. */
export function ownerUrl({ OWNER_DATABASE_URL: url = '' }: NodeJS.ProcessEnv): UrlOf | undefined {
  return url === '' ? undefined : (database) => Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function ofDataFolder(env: NodeJS.ProcessEnv): Promise<UrlOf> {
  const { livingPostgres } = await import('#local-servers');
  const folder = join(dataFolder(env), 'postgres');
  const [password, server] = [superuserPassword(env), livingPostgres(folder)];
  if (password === undefined)
    throw new Ended(
      EXIT.config,
      `There is no ${join(dataFolder(env), 'secrets.json')}. Set ROLLCALL_DATA to the data folder of an installation, or OWNER_DATABASE_URL to a superuser's address (in the environment: a command line is seen by others).`,
    );
  if (!server)
    throw new Ended(EXIT.away, `No PostgreSQL runs on ${folder}: start Rollcall, a backup is taken while it runs.`);
  return (database) => `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`;
}

/** Works in one database. */
export async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'rollcall backup' });
  // It would end the process; whoever waits for an answer hears of it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
