import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually, Product } from '#testing';
import pg from 'pg';

const root = join(import.meta.dirname, '..');

interface Line {
  readonly page: string;
  readonly command: string;
  readonly exits: number;
}

/** Every rollcall command of the pages, in their order; what it exits with stands behind it. */
const lines: readonly Line[] = ['README.md', ...globSync('docs/operations/*.md', { cwd: root }).sort()]
  .flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
      .flatMap(([, fence = '']) => fence.split('\n'))
      .flatMap((line) => {
        const [, command] = /^(?:npx rollcall|npm run rollcall --) (.*?)(?: # exits \d+)?$/.exec(line) ?? [];
        return command === undefined ? [] : [{ page, command, exits: Number(/# exits (\d+)$/.exec(line)?.[1] ?? 0) }];
      }),
  )
  .filter(({ page, command }) => page !== 'docs/operations/install.md' || !/^(init|operators|config)\b/.test(command));

/** Those that go on until Ctrl-C. */
const goesOn = (command: string) => /--(watch|follow)\b/.test(command);

const words = (command: string) =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('the commands of docs/operations', () => {
  let product: Product;
  const values: Record<string, string> = {};

  beforeAll(async () => {
    product = await Product.start();
    const ada = await product.signUp('ada@example.com');
    const keys = await Promise.all(
      ['laptop', 'leaked'].map((name) =>
        eventually(
          () => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }),
          ({ status }) => status === 201,
        ),
      ),
    );
    const leaked = join(mkdtempSync(join(tmpdir(), 'rollcall-leaked-')), 'leaked.txt');
    writeFileSync(leaked, `${keys[1]?.body.secret as string}\n`);
    const parked = 'account-00000000-0000-7000-8000-000000000001';
    await plant(product, parked);
    await eventually(
      async () => ({
        status: (await product.rollcall('parked', 'show', parked, '--service', 'mailer')).code,
        headers: new Headers(),
        body: {},
      }),
      ({ status }) => status === 0,
    );
    const events = JSON.parse(
      (await product.rollcall('events', 'tail', '--service', 'identity', '-o', 'json')).stdout,
    ) as { position: string }[];
    Object.assign(values, {
      GATEWAY: '00000000-0000-4000-8000-000000000001',
      EMAIL: 'ada@example.com',
      START: keys[0]?.body.key.start as string,
      ORGANIZATION: ada.organizationId,
      STREAM: `key-${keys[0]?.body.key.id as string}`,
      ACCOUNT: ada.accountId,
      PROJECT: ada.projectId,
      LEAKED: leaked,
      BACKUP: join(product.dataFolder, 'backup'),
      PARKED: parked,
      DATABASE: superuser(product, 'identity'),
      ACCOUNTSTREAM: `account-${ada.accountId}`,
      FIRST: events[0]?.position,
      LAST: events.at(-1)?.position,
    });
  });
  afterAll(() => product.dispose());

  it('are there', () => {
    expect(lines.length).toBeGreaterThan(50);
  });

  it.each(lines.map((line) => [line.page, line.command, line] as const))(
    '%s: %s',
    async (page, _command, { command, exits }) => {
      // One that is silent is a fault to every other page.
      if (page.endsWith('silent-gateways.md')) await fallSilent(product, values.GATEWAY ?? '');
      const args = words(command.replaceAll(/\$([A-Z]+)/g, (_all, name: string) => values[name] ?? `$${name}`));
      expect(args.filter((arg) => arg.startsWith('$'))).toEqual([]);
      const { code, stdout, stderr } = await (goesOn(command)
        ? product.rollcallFor(1_000, ...args)
        : product.rollcall(...args));
      expect({ code, said: code === exits ? '' : `${stdout}${stderr}` }).toEqual({ code: exits, said: '' });
    },
    60_000,
  );

  it('leave a note of who looked into a database without its service', async () => {
    const notes = await inDatabase<{ operator: string; action: string; offline: boolean }>(
      product,
      'identity',
      'SELECT operator, action, offline FROM operator_actions WHERE offline ORDER BY id',
    );
    expect(notes.map(({ action }) => action)).toContain(`streams show ${values.ACCOUNTSTREAM}`);
    expect(new Set(notes.map(({ operator }) => operator))).toEqual(new Set([userInfo().username]));
  });
});

function superuser(product: Product, database: string): string {
  const data = join(product.dataFolder, 'data');
  const { postgresPassword } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as {
    postgresPassword: string;
  };
  return `postgres://postgres:${postgresPassword}@127.0.0.1:${readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]}/${database}`;
}

async function inDatabase<R extends object>(
  product: Product,
  database: string,
  text: string,
  values: unknown[] = [],
): Promise<R[]> {
  const client = new pg.Client({ connectionString: superuser(product, database) });
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A gateway that was killed, and that nobody has spoken for. */
const fallSilent = (product: Product, gateway: string) =>
  inDatabase(
    product,
    'inactivity_policy',
    "INSERT INTO gateways (instance, watermark, kept, heard_at, silent_at) VALUES ($1, now(), 0, now() - interval '10 minutes', now()) ON CONFLICT DO NOTHING",
    [gateway],
  );

/** A fact that nobody can apply, as no relay would write it. */
async function plant(product: Product, key: string) {
  const headers = {
    'ce_specversion': '1.0',
    'ce_id': key,
    'ce_type': 'AccountRegistered.v1',
    'ce_source': 'identity',
    'ce_time': new Date().toISOString(),
    'content-type': 'application/json',
    'stream_version': '1',
    'stream_previous': '0',
    'source_position': '0.0.0',
    'correlation_id': 'planted',
  };
  await inDatabase(product, 'bus', 'SELECT bus_publish($1, $2, $3, $4, $5)', [
    ['identity.accounts'],
    [key],
    [key],
    [JSON.stringify(headers)],
    ['{"accountId": 7}'],
  ]);
}
