import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#testing';

const root = join(import.meta.dirname, '..', '..');
const SAID_MAX_MS = 120_000;

let folder: string;
let dev: ChildProcess;
let printed = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-dev-'));
  for (const name of ['apps', 'libs', 'dist', 'brand', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  dev = spawn(process.execPath, [join(root, 'tools', 'dev', 'dev.cli.ts')], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', PORT: String(await freePort()), ROLLCALL_DATA: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [dev.stdout, dev.stderr])
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
});
afterAll(async () => {
  if (dev.exitCode === null)
    await new Promise((done) => {
      dev.once('exit', done);
      dev.kill('SIGTERM');
    });
  rmSync(folder, { recursive: true, force: true });
});

/** What was printed up to these words, which then are forgotten. */
async function said(words: string) {
  for (
    const until = Date.now() + SAID_MAX_MS;
    !printed.includes(words);
    await new Promise((later) => setTimeout(later, 50))
  ) {
    if (Date.now() > until || dev.exitCode !== null) throw new Error(`not said: ${words}\n${printed}`);
  }
  const before = printed.slice(0, printed.indexOf(words));
  printed = printed.slice(before.length + words.length);
  return before;
}

describe('npm run dev', () => {
  const file = () => join(folder, 'apps', 'rollcall', 'src', 'run.ts');
  const change = (from: string, to: string) => {
    writeFileSync(file(), readFileSync(file(), 'utf8').replace(from, to));
  };

  it(
    'starts again on a change, says what does not compile, and leaves what runs alone while a file cannot be parsed',
    async () => {
      await said('Rollcall is ready at');
      change('Rollcall is ready at', 'Rollcall is new at');
      await said('Rollcall is new at');
      change('const began = performance.now()', 'const began = = performance.now()');
      await said('error TS1109');
      expect(printed).not.toContain('Rollcall is');
      change('const began = = performance', 'const began: string = performance');
      const untilReady = await said('Rollcall is new at');
      if (!untilReady.includes('error TS2322')) await said('error TS2322');
      const ended = new Promise((done) => dev.once('exit', done));
      dev.kill('SIGINT');
      expect(await ended).toBe(0);
    },
    4 * SAID_MAX_MS,
  );
});
