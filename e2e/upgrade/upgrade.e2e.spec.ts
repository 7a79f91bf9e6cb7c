import { hash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#local-servers';
import { eventually, Product, type Visitor } from '#testing';
import pg from 'pg';
import { DATABASES } from '../../apps/rollcall/src/composition.ts';
import { provision } from '../../apps/rollcall/src/databases.ts';
import { RELEASED, releasedStatements, releasedStory } from './released.fixture.ts';
import type { Secrets } from '../../apps/rollcall/src/secrets.ts';

/** The token that the browser of one of its people holds: who made the release kept none. */
const TOKEN = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** A data folder as 0.1.0 left it. */
async function asReleased(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(RELEASED, 'secrets.json'), join(folder, 'secrets.json'));
  const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Secrets;
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), password: secrets.postgresPassword });
  await provision(
    (database) => server.url(database),
    () => secrets.rolePassword,
  );
  for (const database of DATABASES.keys()) {
    const client = new pg.Client({ connectionString: server.url(database) });
    await client.connect();
    // Provisioning makes the schema of the bus, too: it was another one then.
    if (database === 'bus')
      await client.query(
        'DROP TABLE bus_topics, bus_log, bus_groups, migrations, migration_steps; DROP FUNCTION bus_publish, bus_prune',
      );
    for (const statement of releasedStatements(database)) await client.query(statement);
    if (database === 'identity')
      await client.query('UPDATE sessions SET token_digest = $1, created_at = now() WHERE account_id = $2', [
        hash('sha256', TOKEN, 'base64url'),
        releasedStory().accountId,
      ]);
    await client.end();
  }
  await server.stop();
}

describe('an installation of 0.1.0, started by this release', () => {
  const { email, password, projectId, jobId, laptop, lost } = releasedStory();
  let product: Product;
  let ada: Visitor;
  const whoami = (secret: string) => product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${secret}` });

  beforeAll(async () => {
    product = await Product.start({}, { script: 'start' }, asReleased);
  });
  afterAll(() => product.dispose());

  it('signs its people in and shows what is theirs', async () => {
    ada = product.visitor();
    expect((await ada.post('/v1/sessions', { email, password })).status).toBe(201);
    expect((await ada.get('/v1/account')).body).toMatchObject({ email, name: 'Ada' });
    const { body } = await ada.get('/v1/keys?status=all');
    expect(
      Object.fromEntries((body.items as { id: string; status: string }[]).map(({ id, status }) => [id, status])),
    ).toEqual({ [laptop.id]: 'active', [lost.id]: 'revoked' });
  });

  it('keeps its sessions, which prove themselves as new ones do', async () => {
    const before = product.visitor();
    before.cookies.set(`rollcall-${product.port}`, TOKEN);
    expect(await before.get('/v1/sessions/current')).toMatchObject({ status: 200, body: { methods: ['password'] } });
    expect((await before.get('/v1/account/security')).body).toMatchObject({
      password: { alone: true },
      multiFactor: { enabled: false },
      factors: [],
    });
    expect(await before.post('/v1/sessions/current/prove', { password })).toMatchObject({ status: 200 });
    expect(before.cookies.get(`rollcall-${product.port}`)).not.toBe(TOKEN);
  });

  it('accepts the keys that worked, refuses the revoked one, and keeps results', async () => {
    await eventually(
      () => whoami(laptop.secret),
      ({ status }) => status === 200,
    );
    expect((await whoami(lost.secret)).status).toBe(401);
    expect(
      (
        await product
          .visitor()
          .get(`/v0.4/jobs/${jobId}/results/probabilities`, { authorization: `apiKey ${laptop.secret}` })
      ).body,
    ).toEqual({ 0: 0.5, 3: 0.5 });
  });

  it('goes on: a new key works, and an old one that is revoked is refused from then on', async () => {
    const made = await eventually(
      () => ada.post('/v1/keys', { name: 'new', projectId }),
      ({ status }) => status === 201,
    );
    expect((await whoami(made.body.secret as string)).status).toBe(200);
    expect(await ada.post(`/v1/keys/${laptop.id}/revoke`)).toMatchObject({ status: 200, body: { enforced: true } });
    expect((await whoami(laptop.secret)).status).toBe(401);
  });
});
