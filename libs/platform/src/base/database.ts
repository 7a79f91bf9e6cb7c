import type { Sql } from '#event-sourcing';
import type { Logger } from './logger.ts';
import { Client, Pool, type PoolClient, types } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { errorFields } from './logger.ts';
import { Problem } from './problem.ts';

const MIGRATIONS = 'migrations';

/** Forward only; TypeORM takes their order from the last 13 characters of the name. */
export type Migration = new () => MigrationInterface;

/** A numbered step of a service's schema: `sqlMigration('Keys', 1, [...])` is `Keys0000000000001`. */
export function sqlMigration(subject: string, number: number, statements: readonly string[]): Migration {
  return class implements MigrationInterface {
    readonly name = `${subject}${String(number).padStart(13, '0')}`;
    async up(runner: QueryRunner): Promise<void> {
      for (const statement of statements) await runner.query(statement);
    }
    down(): Promise<void> {
      throw new Error('migrations only go forward: write another one');
    }
  };
}

/** Brings the schema up to date as the database's owner; doing it again changes nothing. Without an owner it is left as it is. */
export async function migrate(ownerDatabaseUrl: string | undefined, migrations: readonly Migration[]): Promise<void> {
  if (ownerDatabaseUrl === undefined || (await isMigrated(ownerDatabaseUrl, migrations))) return;
  // It takes 40 MB, and nearly every start finds nothing to do.
  const { DataSource } = await import('typeorm');
  const source = new DataSource({ type: 'postgres', url: ownerDatabaseUrl, migrations: [...migrations], migrationsTableName: MIGRATIONS, migrationsTransactionMode: 'each' });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

async function isMigrated(connectionString: string, migrations: readonly Migration[]): Promise<boolean> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows: [table] } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [MIGRATIONS]);
    if (table?.there !== true) return false;
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS}`);
    return migrations.every((Each) => rows.some(({ name }) => name === new Each().name));
  } finally {
    await client.end();
  }
}

// bigint columns of ours are counts and offsets far below 2^53.
types.setTypeParser(types.builtins.INT8, Number);

const WAITING_MAX = 256;
/** Less than what callers wait for an answer: a request must fail while its caller still listens. */
const CONNECTION_MS = 4_500;

/** Connections for which so many wait at most: more would only hear later that nobody has time for them. */
class ServicePool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void): void;
  override connect(callback?: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void): Promise<PoolClient> | undefined {
    if (this.waitingCount >= WAITING_MAX) {
      const busy = new Problem('service/busy', 'Too many requests wait for the database of this service, which is at work. Try again shortly.', { retryAfterSeconds: 1 });
      if (!callback) return Promise.reject(busy);
      callback(busy, undefined, () => undefined);
      return undefined;
    }
    if (!callback) return super.connect();
    super.connect(callback);
    return undefined;
  }
}

/**
 * The service's connections. No transaction of ours lasts: one that is forgotten would hold back every follower of every log in the cluster.
 * @param options.verify asked of every new connection; where it throws, the connection is not used.
 * @param options.waitMs for a connection, at most. Where all are in use `service/busy` says so; where none can be made the database is away.
 */
export function openPool(databaseUrl: string, options: { max: number; application: string; logger: Logger; waitMs?: number; verify?: (client: Sql) => Promise<void> }): Pool {
  const { verify } = options;
  const pool = new ServicePool({
    connectionString: databaseUrl, max: options.max, application_name: options.application, connectionTimeoutMillis: options.waitMs ?? CONNECTION_MS, idleTimeoutMillis: 30_000,
    options: '-c idle_in_transaction_session_timeout=10000 -c transaction_timeout=20000 -c statement_timeout=15000 -c lock_timeout=5000',
    // The pool waits for its promise, although its type does not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    ...(verify ? { onConnect: verify } : {}),
  });
  pool.on('error', (error) => options.logger.warn(errorFields(error), 'an idle database connection was lost'));
  return pool;
}
