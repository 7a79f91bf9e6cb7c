import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES } from '#contracts';
import { makeKeyPair } from '#local-servers';

const root = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(root, 'dist', 'apps', 'ops', 'src', 'main.js');

/** A check starts eight processes. */
const WAIT_MS = 90_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-install-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The built command, in a folder of its own. */
function rollcall(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return { code: status, out: stdout, said: stderr };
}

const file = (...parts: string[]) => join(folder, ...parts);
const text = (...parts: string[]) => readFileSync(file(...parts), 'utf8');
const mode = (...parts: string[]) => (statSync(file(...parts)).mode & 0o777).toString(8);
const values = () =>
  Object.fromEntries(
    text('.env')
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
const secrets = () =>
  Object.entries(values())
    .filter(([name]) => /(_CALLER_KEY|MASTER_KEY|INSTALLATION_KEY|PASSWORD|DATABASE_URL)$/.test(name))
    .map(([, value]) => value);
const change = (name: string, value: string) => {
  writeFileSync(
    file('.env'),
    text('.env').replace(new RegExp(`^${name}=.*$`, 'm'), () => `${name}=${value}`),
  );
};

describe('rollcall', () => {
  it('says how it is used in a quarter of a second of processor time, and so does each of its commands', () => {
    for (const words of ['--help', 'keys revoke --help', '--version', 'status --nothing']) {
      const takes = () => {
        const timed = spawnSync(
          'bash',
          ['--norc', '-c', `TIMEFORMAT='%U %S'; time "$0" "$1" ${words} > /dev/null 2>&1`, process.execPath, MAIN],
          { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } },
        );
        const [user = NaN, system = NaN] = (timed.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
        return user + system;
      };
      // The quietest of twenty looks: what others do on the machine makes any one of them dearer.
      const quick = Array.from({ length: 20 }).some(() => takes() < 0.25);
      expect([words, quick]).toEqual([words, true]);
    }
  });

  it('says which release it is', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(rollcall('--version')).toEqual({ code: 0, out: `${version}\n`, said: '' });
  });

  it('completes its commands and options', () => {
    expect(rollcall('complete', '--', 'oper').out).toMatch(/^operators\t/);
    expect(rollcall('complete', '--', 'keys', 'revoke', '--lea').out).toMatch(/^--leaked-file\t/);
    expect(rollcall('complete', 'bash').out).toContain('complete');
    expect(rollcall('complete', 'csh').code).toBe(2);
  });

  it('has colours for terminals alone, and for none that want none', () => {
    rollcall('init', '--operator', 'ada');
    const list = (env: Record<string, string>) =>
      spawnSync(process.execPath, [MAIN, 'operators', 'list'], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, ...env },
      }).stdout.includes('\u001b[');
    expect([list({}), list({ NO_COLOR: '1' }), list({ FORCE_COLOR: '1' })]).toEqual([false, false, true]);
  });

  it('fits a table to the columns that there are, but for --wide', () => {
    rollcall('init', '--operator', 'a-name-that-is-as-long-as-names-may-be');
    const longest = (...words: string[]) =>
      Math.max(
        ...spawnSync(process.execPath, [MAIN, 'operators', 'list', ...words], {
          cwd: folder,
          encoding: 'utf8',
          env: { PATH: process.env.PATH, COLUMNS: '20' },
        })
          .stdout.split('\n')
          .map((line) => line.length),
      );
    expect([longest(), longest('--wide')]).toEqual([20, 38]);
  });
});

describe('rollcall init', () => {
  it('writes what only its owner may read, and a file of operators that the services may read', () => {
    expect(rollcall('init', '--operator', 'ada').code).toBe(0);
    expect([mode('.env'), mode('operator.json'), mode('operators', 'operators.json')]).toEqual(['600', '600', '644']);
    expect(JSON.parse(text('operator.json'))).toEqual({
      name: 'ada',
      privateKey: expect.stringContaining('BEGIN PRIVATE KEY'),
    });
    expect(text('operators', 'operators.json')).not.toContain('PRIVATE');
  });

  it('makes other secrets each time, and each service its own', () => {
    rollcall('init');
    const first = secrets();
    expect(new Set(first).size).toBe(first.length);
    const passwords = Object.entries(values())
      .filter(([name]) => name.endsWith('DATABASE_URL'))
      .map(([, url]) => new URL(url))
      .filter(({ username }) => username !== 'postgres')
      .map(({ username, password }) => `${username} ${password}`);
    expect(new Set(passwords.map((each) => each.split(' ')[1])).size).toBe(6);
    rollcall('init', '--force');
    expect(secrets().filter((value) => first.includes(value))).toEqual([]);
  });

  it('refuses to write over what is there, and changes nothing; --force keeps it aside', () => {
    rollcall('init');
    const before = text('.env');
    expect(rollcall('init')).toMatchObject({ code: 4, said: expect.stringContaining('.env') });
    expect(text('.env')).toBe(before);
    expect(rollcall('init', '--force').code).toBe(0);
    const aside = readdirSync(folder).find((name) => /^\.env\.\d{8}T\d{6}Z$/.test(name)) ?? '';
    expect(text(aside)).toBe(before);
    expect(mode(aside)).toBe('600');
  });

  it('shows with --dry-run what it would write, without a secret, and writes nothing', () => {
    const { code, out } = rollcall(
      'init',
      '--dry-run',
      '--origin',
      'https://id.example.com',
      '--smtp-url',
      'smtp://mail:hush-hush@mail.example.com:587',
    );
    expect(code).toBe(0);
    expect(out).toContain('ORIGIN=https://id.example.com');
    expect(out).toContain('MASTER_KEY (a secret)');
    expect(out).not.toMatch(/PRIVATE|hush-hush|MASTER_KEY=/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    [['--origin', 'http://id.example.com']],
    [['--origin', 'id.example.com']],
    [['--origin', 'https://id.example.com/path']],
    [['--origin', 'https://id.example.com']],
    [['--port', '0']],
    [['--port', 'x']],
    [['--smtp-url', 'https://mail.example.com']],
    [['--smtp-url', 'smtp://mail:with#hash@mail.example.com']],
    [['--mail-from', 'nobody']],
    [['--mail-from', 'a@b\nMASTER_KEY=x']],
    [['--operator', '../ada']],
    [['--no-such-option']],
  ])('ends with 2 on %j, and writes nothing', (words) => {
    expect(rollcall('init', ...words)).toMatchObject({ code: 2, said: expect.stringMatching(/\w/) });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes a file that node --env-file reads as it was meant', () => {
    rollcall('init');
    const { stdout } = spawnSync(
      process.execPath,
      [`--env-file=${file('.env')}`, '-p', 'JSON.stringify(process.env)'],
      { encoding: 'utf8', env: {} },
    );
    expect(JSON.parse(stdout)).toMatchObject(values());
    const service = spawnSync(
      process.execPath,
      [`--env-file=${file('.env')}`, join(root, 'dist', 'apps', 'identity', 'src', 'main.js'), '--check-config'],
      { encoding: 'utf8', env: {} },
    );
    // The address of its database and its key stand there under its name, for docker-compose.yml to hand over; nothing else is missing.
    expect(service.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^identity: DATABASE_URL: /),
      expect.stringMatching(/^identity: CALLER_KEY: /),
    ]);
  });
});

describe('rollcall config check', () => {
  it(
    'finds no fault in what init wrote for development',
    () => {
      rollcall('init');
      expect(rollcall('config', 'check', '--env-file', '.env', '-o', 'json')).toMatchObject({ code: 0, said: '' });
    },
    WAIT_MS,
  );

  it(
    'finds no fault in what init wrote for a public origin',
    () => {
      rollcall(
        'init',
        '--origin',
        'https://id.example.com',
        '--smtp-url',
        'smtp://mail:a-long-word@mail.example.com:587',
      );
      const { code, out } = rollcall('config', 'check', '--env-file', '.env', '-o', 'json');
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual([...SERVICES, 'provision'].map((service) => ({ service, fault: 'none' })));
    },
    WAIT_MS,
  );

  it(
    'names all faults of all services at once, each with its mend and no value, and ends with 78',
    () => {
      rollcall('init');
      const kept = secrets();
      change('IDENTITY_DATABASE_URL', 'mysql://identity:hidden-word@postgres/identity');
      change('MASTER_KEY', 'hidden-word');
      change('MAILER_CALLER_KEY', 'hidden-word');
      change('PEERS', '{"identity": hidden-word');
      change('ORIGIN', 'hidden-word');
      change('KAFKA_BROKERS', 'hidden-word');
      const { code, out, said } = rollcall('config', 'check', '--env-file', '.env', '-o', 'json');
      expect(code).toBe(78);
      const faults = (JSON.parse(out) as { service: string; fault: string }[]).map(
        ({ service, fault }) => `${service} ${fault.split(':')[0] ?? ''}`,
      );
      expect(faults).toEqual(
        expect.arrayContaining([
          'identity DATABASE_URL',
          'identity MASTER_KEY',
          'identity PEERS',
          'identity KAFKA_BROKERS',
          'mailer CALLER_KEY',
          'mailer ORIGIN',
          'mailer PEERS',
          'gateway ORIGIN',
          'gateway PEERS',
          'provision IDENTITY_DATABASE_URL',
        ]),
      );
      expect(out + said).not.toContain('hidden-word');
      for (const secret of kept) expect(out + said).not.toContain(secret);
    },
    WAIT_MS,
  );

  it(
    'names what nobody reads and was surely meant for a setting, and leaves what others use alone',
    () => {
      rollcall('init');
      writeFileSync(file('.env'), `${text('.env')}LEAS=5\nJAVA_HOME=/usr\nROLLCALL_NOTHING=1\n`);
      const { code, out } = rollcall('config', 'check', '--env-file', '.env', '-o', 'json');
      expect(code).toBe(78);
      expect(
        (JSON.parse(out) as { fault: string }[]).map(({ fault }) => fault).filter((fault) => fault !== 'none'),
      ).toEqual(['LEAS: no setting has this name. Did you mean LEASE?', 'ROLLCALL_NOTHING: no setting has this name']);
    },
    WAIT_MS,
  );

  it(
    'refuses sample secrets outside development',
    () => {
      rollcall(
        'init',
        '--origin',
        'https://id.example.com',
        '--smtp-url',
        'smtp://mail:a-long-word@mail.example.com:587',
      );
      change('MASTER_KEY', 'A'.repeat(43));
      change('MAILER_DATABASE_URL', 'postgres://mailer:mailer@postgres:5432/mailer');
      const { code, out } = rollcall('config', 'check', '--env-file', '.env', '-o', 'plain');
      expect(code).toBe(78);
      expect(out).toMatch(/^identity\tMASTER_KEY: holds a sample/m);
      expect(out).toMatch(/^mailer\tDATABASE_URL: holds a sample/m);
    },
    WAIT_MS,
  );

  it('checks one service when asked, and what stands in the environment when no file is named', () => {
    const { code, out } = rollcall('config', 'check', '--service', 'job-queue', '-o', 'json');
    expect(code).toBe(78);
    expect(JSON.parse(out)).toEqual(
      expect.arrayContaining([
        { service: 'job-queue', fault: 'GRPC_ADDRESS: is not set' },
        { service: 'job-queue', fault: 'BUS_DATABASE_URL: is needed when BUS is postgres' },
      ]),
    );
  });

  it('says of a file that others can read how to close it', () => {
    rollcall('init');
    chmodSync(file('.env'), 0o644);
    expect(rollcall('config', 'check', '--env-file', '.env', '--service', 'mailer').said).toContain('chmod 600 .env');
  });

  it('ends with 2 for a service that there is not, and names a file that there is not', () => {
    expect(rollcall('config', 'check', '--service', 'nobody').code).toBe(2);
    // Node 24 looks for the file of an option of this name before the program does, and ends with 9 by itself.
    expect(rollcall('config', 'check', '--env-file', 'nowhere.env')).toMatchObject({
      said: expect.stringContaining('nowhere.env'),
    });
  });
});

const MEANT = ['--apply', '--reason', 'a test'];

describe('rollcall operators', () => {
  const names = () =>
    (JSON.parse(rollcall('operators', 'list', '-o', 'json').out) as { name: string }[]).map(({ name }) => name);

  it('names one more with a key made for them, lists them, and takes them away', () => {
    rollcall('init', '--operator', 'ada');
    expect(rollcall('operators', 'add', 'grace', ...MEANT).code).toBe(0);
    expect(names()).toEqual(['ada', 'grace']);
    expect(mode('operator-grace.json')).toBe('600');
    expect(JSON.parse(text('operator-grace.json'))).toEqual({
      name: 'grace',
      privateKey: expect.stringContaining('BEGIN PRIVATE KEY'),
    });
    expect(mode('operators', 'operators.json')).toBe('644');
    expect(rollcall('operators', 'remove', 'grace', ...MEANT).code).toBe(0);
    expect(names()).toEqual(['ada']);
  });

  it('plans until it is meant, and keeps who was named or taken away, by whom and why', () => {
    rollcall('init', '--operator', 'ada');
    expect(rollcall('operators', 'add', 'grace')).toMatchObject({
      code: 0,
      said: expect.stringMatching(/grace would operate[^]*Nothing was changed/),
    });
    expect([names(), readdirSync(folder).includes('operator-grace.json')]).toEqual([['ada'], false]);
    expect(rollcall('operators', 'add', 'grace', '--apply').code).toBe(2);
    expect(rollcall('operators', 'add', 'grace', '--apply', '--reason', ' ').code).toBe(2);
    rollcall('operators', 'add', 'grace', ...MEANT);
    expect(rollcall('operators', 'remove', 'grace').code).toBe(0);
    expect(names()).toEqual(['ada', 'grace']);
    expect(JSON.parse(text('operators', 'operators.json.log'))).toMatchObject({
      action: 'add',
      name: 'grace',
      reason: 'a test',
      by: expect.stringMatching(/\w/),
    });
  });

  it('puts the new key of whoever commands here where their old one was, so that the next command is theirs', () => {
    rollcall('init', '--operator', 'ada');
    const before = text('operator.json');
    rollcall('operators', 'add', 'grace', ...MEANT);
    rollcall('operators', 'remove', 'ada', ...MEANT);
    expect(rollcall('operators', 'add', 'ada', ...MEANT).code).toBe(0);
    expect([text('operator.json') === before, mode('operator.json')]).toEqual([false, '600']);
    rollcall('operators', 'remove', 'grace', ...MEANT);
    expect(rollcall('operators', 'add', 'grace', ...MEANT).code).toBe(0);
  });

  it('takes a key that they made themselves, but no private one', () => {
    rollcall('init', '--operator', 'ada');
    const { publicKey, privateKey } = makeKeyPair();
    writeFileSync(file('grace.pub'), publicKey);
    writeFileSync(file('grace.pem'), privateKey);
    expect(rollcall('operators', 'add', 'grace', '--public-key', 'grace.pem', ...MEANT).code).toBe(2);
    expect(rollcall('operators', 'add', 'grace', '--public-key', 'grace.pub', ...MEANT).code).toBe(0);
    expect(JSON.parse(text('operators', 'operators.json'))).toMatchObject({ grace: publicKey });
    expect(readdirSync(folder)).not.toContain('operator-grace.json');
  });

  it('refuses a name that is taken, knows who does not operate, and keeps the last', () => {
    rollcall('init', '--operator', 'ada');
    expect(rollcall('operators', 'add', 'ada').code).toBe(4);
    expect(rollcall('operators', 'remove', 'grace').code).toBe(3);
    expect(rollcall('operators', 'remove', 'toString').code).toBe(3);
    for (const meant of [[], MEANT])
      expect(rollcall('operators', 'remove', 'ada', ...meant)).toMatchObject({
        code: 4,
        said: expect.stringContaining('the last who may operate'),
      });
    expect(names()).toEqual(['ada']);
  });

  it('ends with 2 for a name that cannot be used, and with 78 where there is no installation or no such file', () => {
    for (const name of ['', 'a b', '../a', '__proto__', 'x'.repeat(64)])
      expect(rollcall('operators', 'add', name).code).toBe(2);
    expect(rollcall('operators', 'list')).toMatchObject({ code: 78, said: expect.stringContaining('rollcall init') });
    mkdirSync(file('operators'));
    writeFileSync(file('operators', 'operators.json'), '{"ada": 1}');
    expect(rollcall('operators', 'list').code).toBe(78);
  });
});
