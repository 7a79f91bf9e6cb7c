import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// A program: Rollcall as `npm start` runs it, built and started again whenever a source changes. What does not compile leaves the old one running.
const running = new Set<ChildProcess>();

/** In a group of its own: a Ctrl-C in the terminal is for us, and a second one would not let Rollcall end its servers. */
function start(stdout: 'inherit' | 'pipe', ...args: string[]) {
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', stdout, 'inherit'] });
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
    void Promise.all([...running].map(end));
  });

const compiler = start('pipe', 'node_modules/typescript/bin/tsc', '--watch', '--preserveWatchOutput');
let product: ChildProcess | undefined;
for await (const line of createInterface({ input: compiler.stdout ?? process.stdin })) {
  console.log(line);
  if (!line.includes('Found 0 errors')) continue;
  await end(product);
  if (!ending) product = start('inherit', '--enable-source-maps', 'dist/apps/rollcall/src/main.js');
}
