import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, Product, type SignedUp } from '#testing';
import pg from 'pg';

interface Finding {
  readonly service: string;
  readonly check: string;
  readonly outcome: string;
  readonly says: string;
  readonly next: string;
}

/** A checker is worth what it finds: each test breaks something by hand that no service could. */
describe('rollcall doctor --invariants', () => {
  let product: Product;
  let ada: SignedUp;

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    await eventually(
      () => ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }),
      ({ status }) => status === 201,
    );
  });
  afterAll(() => product.dispose());

  async function asSuperuser(database: string, ...statements: readonly string[]) {
    const data = join(product.dataFolder, 'data');
    const { postgresPassword } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as {
      postgresPassword: string;
    };
    const client = new pg.Client({
      connectionString: `postgres://postgres:${postgresPassword}@127.0.0.1:${readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]}/${database}`,
    });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  async function findings(service: string): Promise<{ code: number; failed: Finding[] }> {
    const { code, stdout } = await product.rollcall('doctor', '--invariants', '--service', service, '-o', 'json');
    return { code, failed: (JSON.parse(stdout) as Finding[]).filter(({ outcome }) => outcome === 'fail') };
  }

  it('finds nothing where nothing is wrong', async () => {
    expect(await findings('key-management')).toEqual({ code: 0, failed: [] });
  });

  it('is told of every service, and why, by a status that outlives the bus that it looks at', async () => {
    await asSuperuser('bus', 'ALTER TABLE bus_topics RENAME TO elsewhere');
    try {
      const { code, stdout, stderr } = await product.rollcall('status', '-o', 'json');
      const told = (JSON.parse(stdout) as { service: string; reasons?: string[]; events?: number }[]).filter(
        ({ service }) => service !== 'gateway',
      );
      expect([code, stderr]).toEqual([0, '']);
      for (const { service, reasons, events } of told)
        expect([service, reasons?.join(), events]).toEqual([
          service,
          expect.stringMatching(/the bus does not answer as it should: .*bus_topics/),
          expect.anything(),
        ]);
      const doctor = await product.rollcall('doctor', '-o', 'json');
      expect(
        (JSON.parse(doctor.stdout) as Finding[]).filter(
          ({ service, check }) => check === 'ready' && service !== 'gateway',
        ),
      ).toEqual(told.map(({ service }) => expect.objectContaining({ service, outcome: 'warn' })));
      expect(`${stdout}${doctor.stdout}${doctor.stderr}`).not.toContain('gRPC status');
    } finally {
      await asSuperuser('bus', 'ALTER TABLE elsewhere RENAME TO bus_topics');
    }
  });

  it('finds a read model that has drifted, and a rebuild heals it', async () => {
    await asSuperuser('key_management', `UPDATE key_directory SET name = 'not what was said'`);
    const { code, failed } = await findings('key-management');
    expect([code, failed.map(({ check, next }) => [check, next])]).toEqual([
      5,
      [['I2', 'rollcall projections rebuild key-directory']],
    ]);
    expect(
      (await product.rollcall('projections', 'rebuild', 'key-directory', '--apply', '--reason', 'a test')).code,
    ).toBe(5);
    expect(
      (
        await product.rollcall(
          'projections',
          'promote',
          'key-directory',
          '--even-if-different',
          '--apply',
          '--reason',
          'a test',
        )
      ).code,
    ).toBe(0);
    expect((await findings('key-management')).failed).toEqual([]);
    expect((await ada.visitor.get('/v1/keys')).body.items[0].name).toBe('laptop');
  });

  it('finds a fact that was missed, and reading the topic anew heals it', async () => {
    await asSuperuser(
      'key_management',
      `UPDATE inbox_versions SET last_version = 1 WHERE stream_id LIKE 'organization-%'`,
    );
    const { code, failed } = await findings('key-management');
    // A fresh build is made of no more than what the inbox says that it knows, so it differs, too.
    expect([code, failed.map(({ check }) => check)]).toEqual([5, ['I1', 'I2']]);
    expect(failed[0]?.next).toBe('rollcall inbox restart key-management <topic>');
    expect(
      (
        await product.rollcall(
          'inbox',
          'restart',
          'key-management',
          'organization.organizations',
          '--apply',
          '--reason',
          'a test',
        )
      ).code,
    ).toBe(0);
    expect((await findings('key-management')).failed).toEqual([]);
  });

  it('leaves what no relay has written, and was parked, to whoever looks at it', async () => {
    await asSuperuser(
      'bus',
      `WITH next AS (UPDATE bus_topics SET next_offset = next_offset + 1 WHERE topic = 'identity.accounts' RETURNING next_offset - 1 AS at)
      INSERT INTO bus_log (topic, "offset", key, event_id, headers, value) SELECT 'identity.accounts', at, '', 'planted', 'null', '0' FROM next`,
    );
    const parked = async () =>
      JSON.parse((await product.rollcall('parked', 'list', '--service', 'mailer', '-o', 'json')).stdout) as {
        stream: string;
      }[];
    for (const until = Date.now() + 20_000; (await parked()).length === 0;)
      if (Date.now() > until) throw new Error('it was not parked');
    expect((await findings('mailer')).failed).toEqual([]);
    const { stdout } = await product.rollcall('parked', 'show', (await parked())[0]?.stream ?? '', '-o', 'json');
    expect((JSON.parse(stdout) as { raw: string }[]).map(({ raw }) => JSON.parse(raw) as object)).toContainEqual({
      key: '',
      value: 'MA==',
      headers: [],
    });
    expect(
      (await product.rollcall('parked', 'skip', (await parked())[0]?.stream ?? '', '--apply', '--reason', 'planted'))
        .stderr,
    ).toMatch(/in .*mailer.* goes on without/);
  });

  it('finds a log that came back from a copy, which nobody writes to until an operator reopens it', async () => {
    await asSuperuser('mailer', 'UPDATE log_meta SET system_identifier = 1');
    await product.end();
    await product.begin();
    expect((await product.visitor().get('/readyz')).body.services).toMatchObject({
      mailer: 'not ready',
      identity: 'ready',
    });
    expect((await product.rollcall('status', '--service', 'mailer')).stdout).toContain('the database is a copy');
    await product.visitor().post('/v1/sign-ups', { email: 'bob@example.com' });
    expect((await product.rollcall('log', 'reopen', 'mailer', '--apply', '--reason', 'restored by a test')).code).toBe(
      0,
    );
    await product.mail('bob@example.com', /./);
    expect((await findings('mailer')).failed).toEqual([]);
  });

  it('finds an event that is gone', async () => {
    await asSuperuser(
      'key_management',
      'ALTER TABLE events DISABLE TRIGGER ALL',
      `DELETE FROM events WHERE type = 'KeyIssued'`,
      'ALTER TABLE events ENABLE TRIGGER ALL',
    );
    const { code, failed } = await findings('key-management');
    expect(code).not.toBe(0);
    expect(failed.map(({ check }) => check)).toContain('I1');
  });
});
