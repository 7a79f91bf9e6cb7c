import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, Product, type SignedUp } from '#testing';
import pg from 'pg';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

describe('the command line of rollcall', () => {
  let product: Product;
  let ada: SignedUp;
  let data: string;

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    data = join(product.dataFolder, 'data');
  });
  afterAll(() => product.dispose());

  /** @param interrupt when this has come true, it is ended as Ctrl-C does */
  const run = (env: Record<string, string>, words: readonly string[], interrupt?: () => Promise<void>) =>
    new Promise<Ran>((done) => {
      const child = execFile(
        process.execPath,
        ['dist/apps/ops/src/main.js', ...words],
        { env: { PATH: process.env.PATH, ROLLCALL_DATA: data, ...env }, timeout: 60_000 },
        (error, out, said) => {
          done({ code: error ? Number(error.code ?? 1) : 0, out, said });
        },
      );
      if (interrupt) void interrupt().then(() => child.kill('SIGINT'));
    });
  const rollcall = (...words: string[]) => run({}, words);

  async function superuser(database: string) {
    const { postgresPassword } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as {
      postgresPassword: string;
    };
    const port = readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3] ?? '';
    const client = new pg.Client({
      connectionString: `postgres://postgres:${postgresPassword}@127.0.0.1:${port}/${database}`,
    });
    // The server may end before the lock does.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
  /** Holds a lock on identity's builds: another build waits until this ends; a look does not. */
  async function holdUp() {
    const client = await superuser('identity');
    // Of a build that was broken off before nothing is left to wait for.
    const building = "SELECT FROM pg_stat_activity WHERE application_name = 'rollcall projections'";
    while ((await client.query(building)).rowCount !== 0);
    await client.query('BEGIN; LOCK TABLE projection_builds IN SHARE MODE');
    return {
      waitedFor: async () => {
        const waiting =
          "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND application_name = 'rollcall projections'";
        for (const until = Date.now() + 120_000; (await client.query(waiting)).rowCount === 0;)
          if (Date.now() > until) throw new Error('nobody waits');
      },
      end: () => client.end().catch(() => undefined),
    };
  }

  const rebuild = ['projections', 'rebuild', 'accounts', '--apply', '--reason', 'a test'];

  it('ends with 0 when it is done, 2 when it was not understood, 3 where there is nothing, 4 where a guard says no', async () => {
    expect((await rollcall('status')).code).toBe(0);
    expect((await rollcall('status', '--no-such-option')).code).toBe(2);
    expect((await rollcall('no-such-command')).code).toBe(2);
    expect((await rollcall('streams', 'why', `account-${ada.accountId}`, 'nope')).code).toBe(3);
    expect((await rollcall('log', 'reopen', 'mailer')).code).toBe(4);
  });

  it('ends with 1 where something needs a hand, which stands first', async () => {
    const folder = join(product.dataFolder, 'open');
    mkdirSync(folder);
    for (const file of ['peers.json', 'operator.json', 'operators.json'])
      copyFileSync(join(data, file), join(folder, file));
    writeFileSync(join(folder, 'secrets.json'), '{}', { mode: 0o644 });
    const { code, out } = await run({ ROLLCALL_DATA: folder }, ['doctor', '-o', 'plain']);
    expect([code, out.split('\n')[0]]).toEqual([1, expect.stringContaining('secrets.json\tfail')]);
  });

  it('ends with 5 where a read model has drifted', async () => {
    const client = await superuser('identity');
    await client.query("UPDATE accounts SET status = 'not what was said'");
    expect((await rollcall('projections', 'verify', 'accounts')).code).toBe(5);
    await client.end();
    expect((await rollcall(...rebuild, '--even-if-different')).code).toBe(0);
  });

  it('ends with 69 where a service does not answer, and with 78 where it was told nothing', async () => {
    const away = JSON.stringify(Object.fromEntries(['identity', 'mailer'].map((name) => [name, '127.0.0.1:1'])));
    expect((await run({ PEERS: away }, ['status', '--service', 'mailer'])).code).toBe(69);
    expect((await run({ ROLLCALL_DATA: '/nowhere' }, ['status'])).code).toBe(78);
  });

  it('ends with 130 when it was interrupted at a safe place', async () => {
    const held = await holdUp();
    const { code, said } = await run({}, rebuild, held.waitedFor);
    await held.end();
    expect([code, said]).toEqual([130, expect.stringContaining('safe place')]);
  });

  it('works on with the key that an operator who was removed and named again is given', async () => {
    const { name } = JSON.parse(readFileSync(join(data, 'operator.json'), 'utf8')) as { name: string };
    const meant = ['--apply', '--reason', 'a new key'];
    const keyFile = join(product.dataFolder, 'grace.json');
    expect((await rollcall('operators', 'add', 'grace', '--key-file', keyFile, ...meant)).code).toBe(0);
    expect((await run({ ROLLCALL_OPERATOR: keyFile }, ['status'])).code).toBe(0);
    expect((await rollcall('operators', 'remove', name, ...meant)).code).toBe(0);
    expect((await rollcall('status')).code).not.toBe(0);
    expect((await rollcall('operators', 'add', name, ...meant)).code).toBe(0);
    expect((await rollcall('status')).code).toBe(0);
    expect((await rollcall('operators', 'remove', 'grace', ...meant)).code).toBe(0);
  });

  it('speaks to the installation that a profile names', async () => {
    const folder = join(product.dataFolder, 'config', 'rollcall');
    mkdirSync(folder, { recursive: true });
    const profile = { peers: join(data, 'peers.json'), operator: join(data, 'operator.json') };
    writeFileSync(join(folder, 'profiles.json'), JSON.stringify({ here: profile }));
    const env = { XDG_CONFIG_HOME: join(product.dataFolder, 'config'), ROLLCALL_DATA: '/nowhere' };
    expect((await run(env, ['--profile', 'here', 'status'])).code).toBe(0);
    expect((await run({ ...env, ROLLCALL_PROFILE: 'here' }, ['status'])).code).toBe(0);
    expect(await run(env, ['--profile', 'there', 'status'])).toMatchObject({
      code: 78,
      said: expect.stringContaining('There are: here.'),
    });
  });

  it('names the lines of a file of leaked keys that hold none, and finds the keys of the others', async () => {
    const { body } = await eventually(
      () => ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }),
      ({ status }) => status === 201,
    );
    const leaked = join(product.dataFolder, 'leaked.txt');
    writeFileSync(leaked, `KEY=${body.secret as string}\n\nrck_half-a-key\nnothing\n`);
    expect(await rollcall('keys', 'revoke', '--leaked-file', leaked, '-o', 'plain')).toEqual({
      code: 1,
      out: expect.stringContaining(body.key.id as string),
      said: expect.stringMatching(/in line 3, 4 of/),
    });
    writeFileSync(leaked, 'nothing\n');
    expect((await rollcall('keys', 'revoke', '--leaked-file', leaked)).code).toBe(2);
  });

  it('says when it looked, again and again', async () => {
    const { stderr } = await product.rollcallFor(1_000, 'status', '--watch', '1');
    expect(stderr).toMatch(/^\d{4}-\d\d-\d\dT/m);
  });

  it('ends with 6 when the service went away in the middle, and the same command goes on', async () => {
    const held = await holdUp();
    const ran = run({}, rebuild);
    await held.waitedFor();
    await product.end('SIGKILL');
    const { code } = await ran;
    await held.end();
    await product.begin();
    expect([code, (await rollcall(...rebuild)).code]).toEqual([6, 0]);
  });
});
