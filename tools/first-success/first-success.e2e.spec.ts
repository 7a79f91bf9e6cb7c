import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { freePort } from '#local-servers';

const steps = (text: string) => [...text.matchAll(/^\| (.+) \| \**[\d.]+\** \|$/gm)].map(([, step = '']) => step);

describe('the first success', () => {
  it('takes the steps that the page shows, from the start to a job of one’s own', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['tools/first-success/first-success.cli.ts', '--here'],
      { env: { ...process.env, NODE_OPTIONS: '', PORT: String(await freePort()) }, timeout: 170_000 },
    );
    expect(['`git clone`', '`npm ci`', ...steps(stdout)]).toEqual(steps(readFileSync('docs/first-success.md', 'utf8')));
  }, 180_000);
});
