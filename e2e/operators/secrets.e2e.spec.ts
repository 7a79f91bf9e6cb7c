import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, type Mail, PASSWORD, Processes, Product, type SignedUp, tokenIn, Visitor } from '#testing';
import pg from 'pg';

const PURPOSES = ['master', 'seals', 'links', 'checks'] as const;
const REASON = ['--apply', '--reason', 'a copy was lost'] as const;

/** Two processes of identity and two gateways, so that while they are started again one knows the ring of before and one the next. */
describe('rollcall secrets rotate', () => {
  let product: Product;
  let ada: SignedUp;
  let secret: string;
  let inside: string;
  let people = 0;

  const data = () => join(product.dataFolder, 'data');
  const secrets = () =>
    JSON.parse(readFileSync(join(data(), 'secrets.json'), 'utf8')) as Record<
      'installationKey' | 'masterKey' | 'postgresPassword',
      string
    >;
  const rotate = (...words: string[]) => product.rollcall('secrets', 'rotate', ...words);

  beforeAll(async () => {
    product = await Product.start(
      { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000' },
      { script: 'start:services', args: ['--gateways', '2', '--replicas', 'identity=2'] },
    );
    inside = product.internal.origin;
    ada = await product.signUp('ada@example.com');
    const { body } = await eventually(
      () => ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }),
      ({ status }) => status === 201,
    );
    secret = body.secret;
  }, 180_000);
  afterAll(() => product.dispose(), 60_000);

  /** Somebody signs up by a mailed link and comes back by their password; the key of before works, and what was sealed before opens. */
  async function story() {
    const email = `person-${++people}@example.com`;
    const asked = await unless503(() => product.visitor().post('/v1/sign-ups', { email }));
    expect(asked.status).toBe(202);
    const mail = await mailTo(email);
    const came = await unless503(() =>
      product.visitor().post('/v1/sign-ups/verify', { token: tokenIn(mail), name: 'Grace', password: PASSWORD }),
    );
    expect(came.status).toBe(201);
    const back = await unless503(() => product.visitor().post('/v1/sessions', { email, password: PASSWORD }));
    expect(back.status).toBe(201);
    const verified = await unless503(() => new Visitor(inside, false).post('/verify', { key: secret }));
    expect(verified.body).toMatchObject({ valid: true });
    const account = await unless503(() => ada.visitor.get('/v1/account'));
    expect([account.status, account.body.email]).toEqual([200, 'ada@example.com']);
  }

  /** All processes, one after the other; the story goes on meanwhile. Answers how often it was told while rings differed. */
  async function startAgain() {
    const before = new Processes(product).started;
    const count = new Processes(product).names.length;
    const printed = product.printed;
    process.kill(product.pid, 'SIGUSR2');
    let told = 0;
    while (product.printed === printed || !product.printed.endsWith('All processes were started again.\n')) {
      await story();
      told++;
    }
    expect(new Processes(product).started).toBe(before + count);
    return told;
  }

  async function unless503<A extends { readonly status: number }>(ask: () => Promise<A>): Promise<A> {
    // A service that has one process is away while that is started again.
    for (const until = Date.now() + 60_000; ; await pause(100)) {
      const answer = await ask().catch(() => undefined);
      if (answer && answer.status !== 503) return answer;
      if (Date.now() > until) throw new Error('it was away for a minute');
    }
  }

  async function mailTo(email: string): Promise<Mail> {
    for (const until = Date.now() + 60_000; ; await pause(100))
      try {
        return await product.mail(email, /./);
      } catch (error) {
        if (Date.now() > until) throw error;
      }
  }

  async function sealedBy(database: string, table: string, column: string): Promise<(string | null)[]> {
    const port = readFileSync(join(data(), 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3] ?? '';
    const client = new pg.Client({
      connectionString: `postgres://postgres:${secrets().postgresPassword}@127.0.0.1:${port}/${database}`,
    });
    await client.connect();
    const { rows } = await client.query<{ by: string | null }>(`SELECT DISTINCT ${column} AS by FROM ${table}`);
    await client.end();
    return rows.map(({ by }) => by);
  }

  it('plans, and changes nothing before it is said to be meant', async () => {
    const before = readFileSync(join(data(), 'secrets.json'), 'utf8');
    expect(await rotate('master')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/identity 127\.0\.0\.1:\d+ +\S{8} +knows it[^]*identity 127\.0\.0\.1:\d+/),
      stderr: expect.stringMatching(/A new key would be added[^]*Nothing was changed/),
    });
    expect(readFileSync(join(data(), 'secrets.json'), 'utf8')).toBe(before);
    expect(await rotate('digests')).toMatchObject({ code: 4 });
    expect(await rotate('nothing')).toMatchObject({ code: 2 });
  });

  it('goes on from what is after it was killed at any moment', async () => {
    // What a writer leaves that was killed half-way.
    writeFileSync(join(data(), 'secrets.json.new'), '{"half');
    for (const afterMs of [200, 600, 900]) {
      const child = spawn(process.execPath, ['dist/apps/ops/src/main.js', 'secrets', 'rotate', 'links', ...REASON], {
        env: { PATH: process.env.PATH, ROLLCALL_DATA: data() },
        stdio: 'ignore',
      });
      await pause(afterMs);
      child.kill('SIGKILL');
    }
    expect(secrets().installationKey).toMatch(/^[\w-]{43}$|links:\+/);
    await rotate('links', ...REASON);
    expect(secrets().installationKey).toMatch(/links:[\w-]{43},links:\+[\w-]{43}/);
  });

  it('lets all know the new keys first, while the story goes on', async () => {
    for (const purpose of ['master', 'seals', 'checks']) expect((await rotate(purpose, ...REASON)).code).toBe(0);
    expect(statSync(join(data(), 'secrets.json')).mode & 0o777).toBe(0o600);
    // The next step is refused before all know.
    expect(await rotate('master', ...REASON)).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('to be started again'),
    });
    expect(await startAgain()).toBeGreaterThan(0);
  }, 300_000);

  it('makes by the new keys what is new, while what the older ones made still opens', async () => {
    for (const purpose of PURPOSES) expect((await rotate(purpose, ...REASON)).code).toBe(0);
    expect(await startAgain()).toBeGreaterThan(0);
  }, 300_000);

  it('takes an older key out when nothing rests on it any more, and says what does before', async () => {
    for (const [purpose, says] of [
      ['links', /in mailboxes until/],
      ['checks', /\d+ rows of keys/],
    ] as const)
      expect(await rotate(purpose, ...REASON)).toMatchObject({ code: 4, stderr: expect.stringMatching(says) });
    const first = secrets().masterKey.split(',')[0];
    for (const purpose of ['master', 'seals'] as const)
      for (const until = Date.now() + 90_000; (await rotate(purpose, ...REASON)).code !== 0; await pause(1_000))
        if (Date.now() > until) throw new Error(`${purpose} still rests on the older key`);
    expect(secrets().masterKey).toBe(first);
    expect(await sealedBy('person_keys', 'person_keys', 'wrapped_by')).toHaveLength(1);
    expect(await startAgain()).toBeGreaterThan(0);
  }, 300_000);

  it('keeps who did it, and why', async () => {
    const port = readFileSync(join(data(), 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3] ?? '';
    const client = new pg.Client({
      connectionString: `postgres://postgres:${secrets().postgresPassword}@127.0.0.1:${port}/mailer`,
    });
    await client.connect();
    const { rows } = await client.query<{ subject: string; reason: string }>(
      "SELECT DISTINCT subject, reason FROM operator_actions WHERE action = 'secrets rotate' ORDER BY subject",
    );
    await client.end();
    expect(rows.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['master add', 'master use', 'master drop']),
    );
    expect(new Set(rows.map(({ reason }) => reason))).toEqual(new Set(['a copy was lost']));
  });
});
