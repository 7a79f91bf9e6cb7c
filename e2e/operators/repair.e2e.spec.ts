import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Product } from '#testing';

/** As in containers: processes of their own, and the repairing command is told by the environment what .env holds there. */
describe('rollcall repair', () => {
  let product: Product;
  let values: Record<string, string | undefined>;

  beforeAll(async () => {
    product = await Product.start({}, { script: 'start:services' });
    await product.signUp('ada@example.com');
    const env = parseEnv(readFileSync(join(product.dataFolder, 'data', 'identity.env'), 'utf8'));
    const owner = new URL(env.OWNER_DATABASE_URL ?? '');
    values = {
      ...env,
      IDENTITY_DATABASE_URL: env.DATABASE_URL,
      IDENTITY_CALLER_KEY: env.CALLER_KEY,
      OWNER_DATABASE_URL: Object.assign(owner, { pathname: '/postgres' }).href,
      ROLLCALL_OPERATOR: join(product.dataFolder, 'data', 'operator.json'),
      PATH: process.env.PATH,
    };
  });
  afterAll(() => product.dispose());

  const repair = (change: Record<string, string | undefined>, ...words: string[]) =>
    new Promise<{ code: number; said: string }>((done) => {
      execFile(
        process.execPath,
        ['dist/apps/ops/src/main.js', 'repair', ...words],
        { env: { ...values, ...change }, timeout: 90_000 },
        (error, stdout, stderr) => {
          done({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` });
        },
      );
    });

  it('makes a read model anew with the address of the owner, which services in containers do not have', async () => {
    const planned = await repair({}, 'identity', '--', 'projections', 'rebuild', 'accounts');
    expect(planned).toEqual({ code: 0, said: expect.stringMatching(/would be made[^]*Nothing was changed/) });
    const done = await repair(
      {},
      'identity',
      '--',
      'projections',
      'rebuild',
      'accounts',
      '--apply',
      '--reason',
      'a test',
    );
    expect(done).toEqual({ code: 0, said: expect.stringContaining('build 2 is live') });
  });

  it('waits for no other service than the one that it repairs', async () => {
    const peers = { ...(JSON.parse(values.PEERS ?? '{}') as Record<string, string>), 'job-queue': '127.0.0.1:1' };
    const planned = await repair(
      { PEERS: JSON.stringify(peers) },
      'identity',
      '--',
      'projections',
      'rebuild',
      'accounts',
    );
    expect(planned).toEqual({ code: 0, said: expect.stringContaining('would be made') });
  });

  it('ends as the command ends: nothing is to be reopened where a log is whole', async () => {
    expect(await repair({}, 'identity', '--', 'log', 'reopen', 'identity')).toEqual({
      code: 4,
      said: expect.stringContaining('nothing to reopen'),
    });
  });

  it('says what it needs, and knows the services', async () => {
    expect(await repair({ OWNER_DATABASE_URL: undefined }, 'identity', '--', 'status')).toMatchObject({ code: 78 });
    expect(await repair({}, 'nobody', '--', 'status')).toMatchObject({ code: 2 });
  });
});
