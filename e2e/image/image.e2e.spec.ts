import { execFileSync, type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, matchesGlob, relative } from 'node:path';
import { GRPC_PACKAGES, type GrpcOwner, SERVICES } from '#contracts';
import { freePort } from '#testing';
import { container, told, written } from './docker-compose.fixture.ts';

const root = join(import.meta.dirname, '..', '..');
const START_MAX_MS = 60_000;
const [, ...ignored] = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => /^[^#]/.test(line));
const sent = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
const kept = ignored.filter((line) => !line.startsWith('!'));

/** What a process needs of the machine. */
const path = { PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`, HOME: process.env.HOME ?? '' };
/** As the machine reaches its registry; what npm tells the scripts that it runs is not for another npm. */
const builder = { ...process.env, ...path, npm_config_local_prefix: undefined, NODE_OPTIONS: '' };

/**
 * Does in folders what the Dockerfile says, for machines that have no Docker: a folder for a stage, the machine's Node for the base.
 * What makes users is left out.
 */
function buildImage(folder: string) {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, ' ');
  const image = { folder: '', env: {} as Record<string, string>, healthCheck: [] as string[] };
  const context = join(folder, 'context');
  for (const name of sent)
    cpSync(join(root, name), join(context, name), {
      recursive: true,
      filter: (file) => !kept.some((glob) => matchesGlob(relative(root, file), glob)),
    });
  let workdir = '/';
  for (const [, instruction, words = ''] of text.matchAll(/^([A-Z]+) (.*)$/gm)) {
    const args = words.split(/\s+/);
    if (instruction === 'FROM') mkdirSync((image.folder = join(folder, args[2] ?? 'image')));
    if (instruction === 'ENV')
      for (const each of args) image.env[each.slice(0, each.indexOf('='))] = each.slice(each.indexOf('=') + 1);
    if (instruction === 'WORKDIR') mkdirSync(join(image.folder, (workdir = words)), { recursive: true });
    if (instruction === 'HEALTHCHECK') image.healthCheck = JSON.parse(words.slice(words.indexOf('['))) as string[];
    if (instruction === 'RUN' && !words.startsWith('groupadd'))
      execFileSync('sh', ['-c', words], { cwd: join(image.folder, workdir), stdio: 'pipe', env: builder });
    if (instruction === 'COPY') {
      const from =
        args[0]?.startsWith('--from=') === true ? join(folder, args.shift()?.slice('--from='.length) ?? '') : context;
      const to = args.pop() ?? '';
      const into = join(image.folder, workdir, to);
      // Of a folder what is in it, as Docker does.
      for (const each of args) {
        const isFile = to.endsWith('/') && statSync(join(from, each)).isFile();
        cpSync(join(from, each), isFile ? join(into, basename(each)) : into, {
          recursive: true,
          verbatimSymlinks: true,
        });
      }
    }
  }
  return { ...image, folder: join(image.folder, workdir) };
}

let folder: string;
let image: ReturnType<typeof buildImage>;
const running: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-image-'));
  image = buildImage(folder);
}, 400_000);
afterAll(async () => {
  await Promise.all(
    running
      .filter(({ exitCode }) => exitCode === null)
      .map(
        (child) =>
          new Promise((done) => {
            child.once('exit', done);
            child.kill('SIGTERM');
          }),
      ),
  );
  rmSync(folder, { recursive: true, force: true });
});

describe('the image', () => {
  it('holds what the services need, and nothing of developers', () => {
    const holds = (...names: string[]) =>
      execFileSync('find', ['.', ...names.flatMap((name, i) => [...(i > 0 ? ['-o'] : []), '-path', name])], {
        cwd: image.folder,
        encoding: 'utf8',
      });
    const ofTests = ['spec', 'fixture', 'contract', 'program', 'example'].map((kind) => `./dist/*.${kind}.*`);
    expect(holds(...ofTests, './dist/libs/testing', './node_modules/typescript', './node_modules/@rollcall')).toBe('');
  });

  it(
    'starts every service as docker-compose.yml says, and its health check finds each ready',
    async () => {
      const owners = Object.keys(GRPC_PACKAGES) as GrpcOwner[];
      const addresses = Object.fromEntries(
        await Promise.all(owners.map(async (owner) => [owner, `127.0.0.1:${await freePort()}`] as const)),
      );
      const { host } = new URL(process.env.ROLLCALL_TEST_POSTGRES ?? '');
      const values: Record<string, string> = {
        ...written(),
        PEERS: JSON.stringify(addresses),
        OWNER_DATABASE_URL: process.env.ROLLCALL_TEST_POSTGRES ?? '',
        OPERATORS_FILE: '',
        BUS: 'postgres',
        BUS_DATABASE_URL: 'postgres://bus:bus@postgres:5432/bus',
      };
      const environment = async (name: string) => {
        const own = {
          METRICS_HOST: '127.0.0.1',
          METRICS_PORT: await freePort(),
          DEV_CLOCK_FILE: join(folder, 'clock'),
          ...(name === 'gateway'
            ? {
                HOST: '127.0.0.1',
                PORT: await freePort(),
                INTERNAL_PORT: await freePort(),
                INTERNAL_GRPC_PORT: await freePort(),
                STATE_FOLDER: join(folder, 'gateway'),
              }
            : { GRPC_ADDRESS: addresses[name] }),
        };
        const all = { ...path, ...image.env, ...told(name, values), ...(name === 'provision' ? {} : own) };
        return Object.fromEntries(
          Object.entries(all).map(([variable, value]) => [
            variable,
            String(value).replace('@postgres:5432', `@${host}`),
          ]),
        );
      };
      const [node = '', ...provision] = container('provision').command ?? [];
      execFileSync(node, provision, { cwd: image.folder, env: await environment('provision'), stdio: 'pipe' });
      const started = await Promise.all(
        SERVICES.map(async (name) => {
          const env = await environment(name);
          const [program = '', ...args] = container(name).command ?? [];
          const child = spawn(program, args, { cwd: image.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
          running.push(child);
          let said = '';
          for (const stream of [child.stdout, child.stderr])
            stream.on('data', (chunk: Buffer) => {
              said += chunk.toString();
            });
          return { name, env, child, said: () => said };
        }),
      );
      for (const { name, env, child, said } of started)
        expect([name, (await healthy(child, env)) || said()]).toEqual([name, true]);
    },
    2 * START_MAX_MS,
  );
});

/** Whether the image's own health check finds a process ready in time. */
async function healthy(child: ChildProcess, env: NodeJS.ProcessEnv): Promise<boolean> {
  const [, program = '', ...args] = image.healthCheck[0] === 'CMD' ? image.healthCheck : ['', ...image.healthCheck];
  for (const until = Date.now() + START_MAX_MS; child.exitCode === null && Date.now() < until;) {
    const code = await new Promise((done) =>
      spawn(program, args, { cwd: image.folder, env, stdio: 'ignore' }).once('exit', done),
    );
    if (code === 0) return true;
  }
  return false;
}
