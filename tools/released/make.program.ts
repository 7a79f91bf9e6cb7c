import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startEmbeddedPostgres } from '#local-servers';
import { eventually, PASSWORD, Product, tokenIn } from '#testing';
import pg from 'pg';

/**
 * Keeps what a release's databases look like after its first story: `released/<version>/<database>.sql`, with the secrets and what
 * its people know. Run where that release is checked out and built:
 * `cd <worktree of the release> && node <here>/dist/tools/released/make.program.js <here>/tools/released/<version>`
 */
const folder = resolve(process.argv[2] ?? 'released');
/** Where each database's steps were, from before they were files. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  identity: ['identity/migrations/0001-identity.js'], organization: ['organization/migrations/0001-organization.js', 'organization/migrations/0002-record.js'], key_management: ['key-management/migrations/0001-key-management.js'],
  inactivity_policy: ['inactivity-policy/migrations/0001-inactivity-policy.js'], job_queue: ['job-queue/migrations/0001-job-queue.js'], mailer: ['mailer/migrations/0001-mailer.js'],
};
const BELL = { type: 'ionq.circuit.v1', backend: 'simulator', shots: 100, input: { gateset: 'qis', qubits: 2, circuit: [{ gate: 'h', target: 0 }, { gate: 'cnot', control: 0, target: 1 }] } };

interface OldStep { readonly name: string; up(runner: { query(sql: string): Promise<void> }): Promise<void> }
type OldSteps = readonly (new () => OldStep)[];

const product = await Product.start();
try {
  const story = await live(product);
  await product.end();
  const secrets = readFileSync(join(product.dataFolder, 'data', 'secrets.json'), 'utf8');
  const server = await startEmbeddedPostgres({ folder: join(product.dataFolder, 'data', 'postgres'), password: (JSON.parse(secrets) as { postgresPassword: string }).postgresPassword });
  mkdirSync(folder, { recursive: true });
  for (const database of [...Object.keys(STEPS), 'person_keys', 'bus']) writeFileSync(join(folder, `${database}.sql`), await dump(server.url(database), await stepsOf(database)));
  await server.stop();
  writeFileSync(join(folder, 'secrets.json'), secrets);
  writeFileSync(join(folder, 'story.json'), `${JSON.stringify(story, null, 2)}\n`);
} finally {
  await product.dispose();
}

/** A person with a key in use, one that was revoked and a job that has run, and a colleague who came and was removed. */
async function live(at: Product) {
  const ada = await at.signUp('ada@example.com');
  const key = async (name: string) => {
    const { body } = await eventually(() => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }), ({ status }) => status === 201);
    return { id: body.key.id as string, secret: body.secret as string };
  };
  const [laptop, lost] = [await key('laptop'), await key('lost')];
  const withKey = { authorization: `apiKey ${laptop.secret}` };
  const job = await at.visitor().post('/v0.4/jobs', BELL, withKey);
  await eventually(() => at.visitor().get(`/v0.4/jobs/${job.body.id as string}`, withKey), ({ body }) => body.status === 'completed');
  await ada.visitor.post(`/v1/keys/${lost.id}/revoke`);
  await ada.visitor.post(`/v1/organizations/${ada.organizationId}/invitations`, { email: 'bob@example.com', projectIds: [ada.projectId] });
  const joined = await at.visitor().post('/v1/invitations/accept', { token: tokenIn(await at.mail('bob@example.com', /./)), name: 'Bob', password: PASSWORD });
  await ada.visitor.post(`/v1/organizations/${ada.organizationId}/members/${joined.body.account.id as string}/remove`);
  await eventually(() => ada.visitor.get(`/v1/keys/${laptop.id}`), ({ body }) => body.lastUsedAt !== null);
  return { email: 'ada@example.com', password: PASSWORD, accountId: ada.accountId, organizationId: ada.organizationId, projectId: ada.projectId, jobId: job.body.id as string, laptop, lost };
}

/** The statements that the release's own steps run, with their names. */
async function stepsOf(database: string): Promise<{ name: string; statements: string[] }[]> {
  const load = async (file: string) => await import(pathToFileURL(resolve('dist', file)).href) as Record<string, unknown>;
  const steps = database === 'person_keys' ? [(await load('apps/identity/migrations/0001-identity.js')).personKeyMigrations as OldSteps] : await Promise.all((STEPS[database] ?? []).map(async (file) => Object.values(await load(`apps/${file}`)).find(Array.isArray) as OldSteps));
  const bus = database === 'bus' ? [{ name: 'Bus0000000000001', statements: [...(await load('libs/bus/src/index.js')).busSchema as string[]] }] : [];
  const made = steps.flat().map((Step) => new Step()).sort((a, b) => Number(a.name.slice(-13)) - Number(b.name.slice(-13)));
  return [...bus, ...await Promise.all(made.map(async (step) => {
    const statements: string[] = [];
    await step.up({ query: async (sql) => { statements.push(sql); } });
    return { name: step.name, statements };
  }))];
}

/** Schema and rows, a statement each with an empty line between. The log's identity is that of the server on which they are run. */
async function dump(url: string, steps: readonly { name: string; statements: readonly string[] }[]): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const column = async (sql: string, values: unknown[] = []) => (await client.query<{ it: string }>(sql, values)).rows.map(({ it }) => it);
  const names = await column('SELECT name AS it FROM migrations ORDER BY id');
  if (names.toSorted().join() !== steps.map(({ name }) => name).sort().join()) throw new Error(`${url} has run other steps: ${names.join(', ')}`);
  const rows: string[] = [];
  for (const table of await column(`SELECT tablename::text AS it FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'log_meta' ORDER BY 1`)) {
    const found = await column(`SELECT to_json(t)::text AS it FROM ${table} AS t`);
    rows.push(`DELETE FROM ${table}`);
    if (found.length > 0) rows.push(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${table}, ${pg.escapeLiteral(`[${found.join(',\n')}]`)})`);
  }
  const sequences = await column(`SELECT format('SELECT setval(%L, %s)', sequencename, last_value) AS it FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1`);
  const [transactions = '0'] = await column('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS it');
  await client.end();
  return [
    // The log's order is that of transactions: the next one must come behind all that are here.
    `DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < ${transactions} LOOP COMMIT; END LOOP; END $$`,
    'CREATE TABLE migrations (id SERIAL NOT NULL, timestamp bigint NOT NULL, name character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id))',
    ...steps.flatMap(({ statements }) => statements), ...rows.filter((row) => !/^DELETE FROM events$/.test(row)), ...sequences,
  ].map((statement) => `${statement};\n`).join('\n');
}
