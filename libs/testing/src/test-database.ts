import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of a test's own, on the real server of the test run. */
export interface TestDatabase {
  readonly name: string;
  /** As its owner: may change the schema. */
  readonly ownerUrl: string;
  /** As a service: what the owner's tables grant, and no more. */
  readonly url: string;
  /** A pool as the service. Closed by `drop`. */
  readonly pool: pg.Pool;
  /** Runs statements as the owner. */
  asOwner(...statements: readonly string[]): Promise<void>;
  drop(): Promise<void>;
}

const serverUrl = () => {
  const url = process.env.ROLLCALL_TEST_POSTGRES;
  if (url === undefined)
    throw new Error(
      'no PostgreSQL for this test: name it *.int.spec.ts or *.e2e.spec.ts, so that the set-up starts one',
    );
  return new URL(url);
};

/** Makes an empty database with an owner and a service role. */
export async function testDatabase(schema: readonly string[] = []): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  await statements(serverUrl().href, [
    `CREATE ROLE ${name} LOGIN PASSWORD '${name}'`,
    `CREATE DATABASE ${name}`,
    `REVOKE CONNECT ON DATABASE ${name} FROM public`,
    `GRANT CONNECT ON DATABASE ${name} TO ${name}`,
  ]);
  const ownerUrl = Object.assign(serverUrl(), { pathname: `/${name}` }).href;
  const url = Object.assign(serverUrl(), { pathname: `/${name}`, username: name, password: name }).href;
  const asOwner = (...list: readonly string[]) => statements(ownerUrl, list);
  await asOwner(
    `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO ${name}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${name}`,
    ...schema,
  );
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => undefined);
  return {
    name,
    ownerUrl,
    url,
    pool,
    asOwner,
    drop: async () => {
      await pool.end();
      await statements(serverUrl().href, [`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${name}`]);
    },
  };
}

async function statements(url: string, list: readonly string[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of list) await client.query(statement);
  } finally {
    await client.end();
  }
}
