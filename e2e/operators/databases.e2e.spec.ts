import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Product } from '#testing';
import pg from 'pg';
import { DATABASES } from '../../apps/rollcall/src/composition.ts';
import type { Secrets } from '../../apps/rollcall/src/secrets.ts';

const databases = [...DATABASES.keys()];
const roles = [...new Set(DATABASES.values())];
const CONNECT_DENIED = '42501';
/** Databases that hold a log; `person_keys` and `bus` do not. */
const logs = databases.filter((database) => database !== 'person_keys' && database !== 'bus');

describe('the databases', () => {
  let product: Product;
  let as: (role: string, password?: string) => (database: string, sql?: string) => Promise<string>;

  beforeAll(async () => {
    product = await Product.start();
    const data = join(product.dataFolder, 'data');
    const { rolePassword } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as Secrets;
    const port = Number(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]);
    as =
      (user, password = rolePassword) =>
      (database, sql = 'SELECT 1') =>
        outcome(new pg.Client({ host: '127.0.0.1', port, user, password, database }), sql);
    await product.signUp('ada@example.com');
  });
  afterAll(() => product.dispose());

  it.each(roles)('the role %s enters its own databases and no other', async (role) => {
    const entered = await Promise.all(
      [...databases, 'postgres', 'template1'].map(async (database) => [database, await as(role)(database)] as const),
    );
    expect(Object.fromEntries(entered)).toEqual(
      Object.fromEntries(
        [...databases, 'postgres', 'template1'].map((database) => [
          database,
          DATABASES.get(database) === role ? 'done' : CONNECT_DENIED,
        ]),
      ),
    );
  });

  it.each(roles)('the role %s enters nothing without its password', async (role) => {
    expect(await as(role, 'guessed')(databases.find((database) => DATABASES.get(database) === role) ?? '')).toBe(
      '28P01',
    );
  });

  it.each(logs)('the service of %s cannot change, take back or empty what its log says', async (database) => {
    const own = as(DATABASES.get(database) ?? '');
    const attempts = [
      'UPDATE events SET type = type',
      'DELETE FROM events',
      'TRUNCATE events',
      'DROP TABLE events',
      'ALTER TABLE events DISABLE TRIGGER ALL',
    ];
    const answers = await Promise.all(attempts.map((sql) => own(database, sql)));
    expect(answers).not.toContain('done');
    expect(await own(database, 'SELECT count(*) FROM events')).toBe('done');
  });

  it.each(roles)('the role %s is no superuser, makes no roles and no databases', async (role) => {
    const own = as(role);
    const database = databases.find((name) => DATABASES.get(name) === role) ?? '';
    expect(
      await Promise.all(
        [
          'CREATE ROLE intruder',
          'CREATE DATABASE intruded',
          `ALTER ROLE ${role} SUPERUSER`,
          'SELECT * FROM pg_authid',
          'CREATE TABLE planted (id int)',
        ].map((sql) => own(database, sql)),
      ),
    ).not.toContain('done');
  });
});

/** `done`, or the SQLSTATE of the refusal. */
async function outcome(client: pg.Client, sql: string): Promise<string> {
  try {
    await client.connect();
    await client.query(sql);
    return 'done';
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? 'unknown') : String(error);
  } finally {
    await client.end();
  }
}
