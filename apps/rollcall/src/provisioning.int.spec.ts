import { randomSecret, startEmbeddedPostgres, type EmbeddedServer } from '#local-servers';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { newInstallation } from '../../ops/src/env-file.ts';
import { readProvisionConfig } from './provision-config.ts';
import { provisionAll } from './provisioning.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-provision-'));
let server: EmbeddedServer;
let env: Record<string, string>;

beforeAll(async () => {
  const password = randomSecret();
  server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), password, flags: ['fsync=off'] });
  const written = newInstallation({
    origin: 'http://localhost:8080',
    port: 8080,
    smtpUrl: undefined,
    mailFrom: 'Rollcall <no-reply@localhost>',
  });
  env = Object.fromEntries(
    written.flatMap((line) =>
      'name' in line ? [[line.name, line.value.replace('@postgres:5432', `@127.0.0.1:${server.port}`)]] : [],
    ),
  );
  env.OWNER_DATABASE_URL = server.url('postgres');
  await provisionAll(readProvisionConfig(env));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(url: string | undefined, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
const as = (url: string | undefined, database: string) =>
  Object.assign(new URL(url ?? ''), { pathname: `/${database}` }).href;

describe('provision', () => {
  it('makes every database, with its schema, as the services will be told', async () => {
    for (const name of Object.keys(env).filter(
      (each) => each.endsWith('_DATABASE_URL') && !each.startsWith('OWNER_'),
    )) {
      const [{ count } = { count: 0 }] = (await ask(
        env[name],
        "SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'",
      )) as { count: number }[];
      expect([name, count]).toEqual([name, expect.any(Number)]);
      expect(count).toBeGreaterThan(0);
    }
  });

  it("lets a service neither into another's database nor change its own schema", async () => {
    await expect(ask(as(env.MAILER_DATABASE_URL, 'identity'), 'SELECT 1')).rejects.toThrow(
      'permission denied for database',
    );
    await expect(ask(env.MAILER_DATABASE_URL, 'CREATE TABLE own (id int)')).rejects.toThrow(
      'permission denied for schema public',
    );
  });

  it('changes nothing when it is run again, and takes a new password', async () => {
    const events = 'SELECT count(*)::int AS count FROM migrations';
    const before = await ask(server.url('identity'), events);
    const renewed = {
      ...env,
      MAILER_DATABASE_URL: (env.MAILER_DATABASE_URL ?? '').replace(/:[^:@/]+@/, `:${randomSecret()}@`),
    };
    await provisionAll(readProvisionConfig(renewed));
    expect(await ask(server.url('identity'), events)).toEqual(before);
    await expect(ask(env.MAILER_DATABASE_URL, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(await ask(renewed.MAILER_DATABASE_URL, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('makes the bus where it is in PostgreSQL, and not otherwise', async () => {
    await expect(ask(server.url('bus'), 'SELECT 1')).rejects.toThrow('does not exist');
    await provisionAll(
      readProvisionConfig({
        ...env,
        BUS_DATABASE_URL: `postgres://bus:${randomSecret()}@127.0.0.1:${server.port}/bus`,
      }),
    );
    expect(await ask(server.url('bus'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('names what it is told of the wrong database or role', () => {
    expect(() =>
      readProvisionConfig({
        ...env,
        MAILER_DATABASE_URL: env.IDENTITY_DATABASE_URL ?? '',
        PERSON_KEYS_DATABASE_URL: 'postgres://identity:other@127.0.0.1/person_keys',
      }),
    ).toThrow(
      /PERSON_KEYS_DATABASE_URL: must have the password of the role's other database\nMAILER_DATABASE_URL: must be postgres:\/\/mailer:<password>/,
    );
  });
});
