import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A program: what the README tells a new user, with a stop-watch. `--here` does without the clone and uses what is built.
const isHere = process.argv.includes('--here');
const PORT = process.env.PORT ?? '8080';
const folder = mkdtempSync(join(tmpdir(), 'rollcall-first-success-'));
const clone = isHere ? '.' : join(folder, 'rollcall');
const env = { ...process.env, NODE_OPTIONS: '', PORT, ROLLCALL_DATA: join(folder, 'data') };

let all = 0;
async function step(what: string, work: () => unknown): Promise<void> {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  all += seconds;
  console.log(`| ${what} | ${seconds.toFixed(1)} |`);
}

const run = (command: string, cwd: string) =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', command], { cwd, env, encoding: 'utf8', stdio: 'pipe' });

console.log('| step | seconds |\n|---|---|');
if (!isHere) {
  await step('`git clone`', () => run(`git clone --quiet ${process.cwd()} rollcall`, folder));
  await step('`npm ci`', () => run('npm ci', clone));
}

const product = spawn('npm', ['start'], { cwd: clone, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
try {
  await step('`npm start`, until it is ready', async () => {
    for await (const chunk of product.stdout) if (String(chunk).includes('is ready at')) return;
    throw new Error('npm start ended before it was ready');
  });
  product.stdout.destroy();
  await step('the block at `/`, copied into a shell, until it shows a job', async () => {
    // The page shows it as it is here.
    const said = run(await (await fetch(`http://localhost:${PORT}/first-session.txt`)).text(), folder);
    if (!/"jobs":\[\{"id":/.test(said)) throw new Error(`there is no job: ${said}`);
  });
  console.log(`| **all** | **${all.toFixed(1)}** |`);
} finally {
  if (product.pid !== undefined && product.exitCode === null) {
    const ended = once(product, 'exit');
    process.kill(-product.pid, 'SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
