import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import ts from 'typescript';
import { buildConsole } from '../build/console.ts';

// A program: Rollcall as `npm start` runs it, started again whenever a source changes. A changed file is translated by itself, so the start does not wait
// for the compiler, which checks everything meanwhile and prints what it finds. A file that cannot be parsed leaves the old Rollcall running.
const running = new Set<ChildProcess>();

/** In a group of its own: a Ctrl-C in the terminal is for us, and a second one would not let Rollcall end its servers. */
function start(stdio: ('ignore' | 'inherit' | 'pipe' | 'ipc')[], ...args: string[]) {
  const child = spawn(process.execPath, args, { detached: true, stdio });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function end(child: ChildProcess | undefined) {
  if (!child || !running.has(child)) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    ending = true;
    sources.forEach((source) => {
      source.close();
    });
    void Promise.all([...running].map(end));
  });

/** The next process, which has loaded all but our own code: that is half of a start. */
const prepare = () =>
  start(
    ['ignore', 'inherit', 'inherit', 'ipc'],
    '--enable-source-maps',
    join(import.meta.dirname, 'standby.program.ts'),
  );
let standby: ChildProcess | undefined;
let product: ChildProcess | undefined;
let restarting = Promise.resolve();

/** One restart at a time. */
function restart() {
  restarting = restarting.then(async () => {
    await end(product);
    if (ending) return;
    product = standby && running.has(standby) ? standby : prepare();
    standby = undefined;
    product.send('go');
  });
}

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)).config,
  { ...ts.sys, readDirectory: () => [] },
  '.',
);

/** Writes what the compiler would. Whether the file can be parsed. */
function translate(file: string): boolean {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(readFileSync(file, 'utf8'), {
    // One file by itself does not show that its package is one of ES modules.
    compilerOptions: { ...options, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    fileName: file,
    reportDiagnostics: true,
  });
  if (diagnostics?.length) return false;
  const to = join('dist', file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, outputText);
  if (sourceMapText !== undefined) writeFileSync(`${to}.map`, sourceMapText);
  return true;
}

const LOWEST = 19;
const TSC = 'node_modules/typescript/bin/tsc';
/** Whether all compiled at the start. From then on the compiler only checks: what it wrote might be read while it writes. */
const built = new Promise<boolean>((done) =>
  start(['ignore', 'inherit', 'inherit'], TSC).once('exit', (code) => {
    done(code === 0);
  }),
);

/** Editors write a file in several steps, and other programs many files at once. */
const QUIET_MS = 50;
const changed = new Set<string>();
let quiet: NodeJS.Timeout | undefined;
async function take() {
  await built;
  const files = [...changed].filter((file) => existsSync(file));
  changed.clear();
  if (files.map(translate).every(Boolean) && product) restart();
}
const sources = ['apps', 'libs'].map((folder) =>
  watch(folder, { recursive: true }, (_event, name) => {
    if (name === null || !/(?<!\.spec|\.d)\.ts$/.test(name) || /^console\/|(^|\/)(node_modules|dist)\//.test(name))
      return;
    changed.add(join(folder, name));
    clearTimeout(quiet);
    quiet = setTimeout(() => void take(), QUIET_MS);
  }),
);

const [isBuilt] = await Promise.all([built, buildConsole()]);
if (isBuilt) restart();
if (ending) process.exit();
const compiler = start(['ignore', 'pipe', 'inherit'], TSC, '--watch', '--preserveWatchOutput', '--noEmit');
// The next Rollcall goes before its check.
if (compiler.pid !== undefined) setPriority(compiler.pid, LOWEST);
for await (const line of createInterface({ input: compiler.stdout ?? process.stdin })) {
  console.log(line);
  if (!line.includes('Watching for file changes')) continue;
  if (line.includes('Found 0 errors') && !(product && running.has(product))) restart();
  // Now that the compiler rests.
  await restarting;
  if (!ending) standby ??= prepare();
}
