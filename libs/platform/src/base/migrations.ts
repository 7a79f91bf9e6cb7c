import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inProject } from './project.ts';

/** One file of a service's schema, run once in every database of it and never edited. */
export interface Step {
  /** Its place, from 1 on. */
  readonly number: number;
  /** `0001-log`: the file's name. */
  readonly name: string;
  readonly sql: string;
  /** Of its text, in hex. */
  readonly sha256: string;
  /** The step's name in databases from before steps were files: they have run it. */
  readonly formerly: string | undefined;
}

/** Where TypeORM writes down what it has run, and where we write down the text. */
const MIGRATIONS = 'migrations';
const STEPS = 'migration_steps';
/**
 * How long a step waits for a lock at a time, and how long it tries. Shorter than the second after which PostgreSQL ends one of two
 * that wait for each other: processes of the release before are at work on these tables, and none of their requests may be the one.
 */
const LOCK_MS = 300;
const LOCKED_MAX_MS = 120_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * The steps in a folder of the project (`apps/identity/migrations`), from source and from the build alike: `0001-log.sql`, `0002-…`.
 * @throws Error where their numbers have a gap or one is there twice.
 */
export function stepsIn(folder: string): readonly Step[] {
  const files = readdirSync(inProject(folder))
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return files.map((file, index) => {
    const number = index + 1;
    if (!file.startsWith(`${String(number).padStart(4, '0')}-`))
      throw new Error(
        `${folder}/${file}: steps are numbered 0001, 0002 and so on, each number once; here number ${number} is expected`,
      );
    const sql = readFileSync(inProject(folder, file), 'utf8');
    return {
      number,
      name: file.slice(0, -'.sql'.length),
      sql,
      sha256: createHash('sha256').update(sql).digest('hex'),
      formerly: /^-- formerly (\w+)$/m.exec(sql)?.[1],
    };
  });
}

/**
 * Brings the schema up to date as the database's owner; doing it again changes nothing. Without an owner the service's role looks whether it is.
 * @throws Error where the database has run another text under a step's number, has left a step out, or lacks one and there is no owner to run it.
 */
export async function migrate(
  ownerDatabaseUrl: string | undefined,
  steps: readonly Step[],
  databaseUrl?: string,
): Promise<void> {
  const client = new Client({ connectionString: ownerDatabaseUrl ?? databaseUrl });
  await client.connect();
  try {
    const missing = await pending(client, steps);
    if (missing.length === 0) return;
    if (ownerDatabaseUrl === undefined)
      throw new Error(
        `the database ${client.database ?? ''} has not run ${missing.map(({ name }) => name).join(', ')}. Run the program "provision" of this release, which is the owner of the databases, before its services`,
      );
    // Replicas start together: who waited finds nothing left to do.
    await client.query(`SELECT pg_advisory_lock(hashtext('${STEPS}'))`);
    await baseline(client, steps);
    const left = await pending(client, steps);
    if (left.length > 0) await run(ownerDatabaseUrl, left);
    await keepFromServices(client);
  } finally {
    await client.end();
  }
}

/** Steps that the database has not run. Steps behind all of ours are those of a newer release, beside which this one goes on. */
async function pending(client: Client, steps: readonly Step[]): Promise<readonly Step[]> {
  if (!(await exists(client, STEPS))) return steps;
  const { rows } = await client.query<{ number: number; name: string; sha256: string; database: string }>(
    `SELECT number, name, sha256, current_database() AS database FROM ${STEPS} ORDER BY number`,
  );
  const last = rows.at(-1)?.number ?? 0;
  for (const step of steps) {
    const ran = rows.find(({ number }) => number === step.number);
    const database = `the database ${rows[0]?.database ?? ''}`;
    if (!ran && step.number < last)
      throw new Error(
        `${database} has run later steps and not ${step.name}: a step was put before others that have run. Give it the next free number`,
      );
    if (ran && ran.name !== step.name)
      throw new Error(
        `${database} has run ${ran.name} where ${step.name} stands now. Steps that have run keep their name and number: put ${ran.name} back, and number the new one behind all others`,
      );
    if (ran && ran.sha256 !== step.sha256)
      throw new Error(
        `${step.name} was changed after ${database} ran it (sha-256 ${ran.sha256}, now ${step.sha256}). Put its text back, and write another step for what shall change`,
      );
  }
  return steps.filter((step) => step.number > last);
}

/** A database from before steps were files counts what it has run under the old names. Those stay, for releases that know no others. */
async function baseline(client: Client, steps: readonly Step[]): Promise<void> {
  if (await exists(client, STEPS)) return;
  const formerly = (await exists(client, MIGRATIONS))
    ? (await client.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS}`)).rows.map(({ name }) => name)
    : [];
  await client.query('BEGIN');
  await client.query(
    `CREATE TABLE ${STEPS} (number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, ran_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  );
  for (const step of steps.filter((each) => each.formerly !== undefined && formerly.includes(each.formerly))) {
    await client.query(record(step));
    await client.query(`INSERT INTO ${MIGRATIONS} (timestamp, name) VALUES ($1, $2)`, [step.number, typeOrmName(step)]);
  }
  await client.query('COMMIT');
}

/** The owner's default privileges would let a service's role write what has run: it only reads. */
const keepFromServices = (client: Client) =>
  client.query(`DO $$ DECLARE other record; BEGIN
  FOR other IN SELECT DISTINCT table_name, grantee FROM information_schema.role_table_grants
                WHERE table_schema = 'public' AND table_name IN ('${MIGRATIONS}', '${STEPS}') AND privilege_type <> 'SELECT' AND grantee <> current_user LOOP
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %I FROM %I', other.table_name, other.grantee);
  END LOOP;
END $$`);

async function run(url: string, steps: readonly Step[]): Promise<void> {
  // It takes 40 MB, and nearly every start finds nothing to do.
  const { DataSource } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: steps.map(typeOrmMigration),
    migrationsTableName: MIGRATIONS,
    migrationsTransactionMode: 'each',
  });
  await source.initialize();
  try {
    for (const until = performance.now() + LOCKED_MAX_MS; ; await pause(LOCK_MS)) {
      const locked = await source.runMigrations().then(
        () => undefined,
        (error: Error & { code?: string }) => error,
      );
      if (!locked) return;
      if (locked.code !== LOCK_NOT_AVAILABLE || performance.now() >= until) throw locked;
    }
  } finally {
    await source.destroy();
  }
}

/** TypeORM takes their order from the last 13 characters of the name. */
const typeOrmName = ({ number, name }: Step) => `${name.slice('0000-'.length)}${String(number).padStart(13, '0')}`;

const typeOrmMigration = (step: Step) =>
  class implements MigrationInterface {
    readonly name = typeOrmName(step);
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      await runner.query(step.sql);
      const { text, values } = record(step);
      await runner.query(text, values);
    }
    down(): Promise<void> {
      throw new Error('migrations only go forward: write another one');
    }
  };

const record = ({ number, name, sha256 }: Step) => ({
  text: `INSERT INTO ${STEPS} (number, name, sha256) VALUES ($1, $2, $3)`,
  values: [number, name, sha256],
});

async function exists(client: Client, table: string): Promise<boolean> {
  const {
    rows: [found],
  } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  return found?.there === true;
}
