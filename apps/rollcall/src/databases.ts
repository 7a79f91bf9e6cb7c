import { migrate, stepsIn } from '#platform';
import pg from 'pg';
import { DATABASES } from './composition.ts';

/** Makes what is missing: roles, databases, and who may connect where. Doing it again changes nothing. A role without a password is left out, and its databases. */
export async function provision(
  ownerUrl: (database: string) => string,
  passwordOf: (role: string) => string | undefined,
): Promise<void> {
  const wanted = [...DATABASES].filter(([, role]) => passwordOf(role) !== undefined);
  await statements(ownerUrl('postgres'), async (client) => {
    const { rows: roles } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
    for (const role of new Set(wanted.map(([, each]) => each))) {
      if (!roles.some(({ rolname }) => rolname === role)) await client.query(`CREATE ROLE ${role} LOGIN`);
      await client.query(`ALTER ROLE ${role} PASSWORD ${pg.escapeLiteral(passwordOf(role) ?? '')}`);
    }
    const { rows: databases } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    for (const [database, role] of wanted) {
      if (!databases.some(({ datname }) => datname === database)) await client.query(`CREATE DATABASE ${database}`);
      await client.query(`REVOKE ALL ON DATABASE ${database} FROM public`);
      await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${role}`);
    }
    for (const database of ['postgres', 'template1'])
      await client.query(`REVOKE CONNECT ON DATABASE ${database} FROM public`);
  });
  for (const [database, role] of wanted) {
    await statements(ownerUrl(database), async (client) => {
      await client.query(
        `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`,
      );
      await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${role}`);
    });
  }
  if (passwordOf('bus') !== undefined) await migrate(ownerUrl('bus'), stepsIn('apps/rollcall/migrations/bus'));
}

async function statements(url: string, work: (client: pg.Client) => Promise<void>) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
