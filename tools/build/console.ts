import { hash } from 'node:crypto';
import { consoleSizes, isBuilt, overBudget } from './console-sizes.ts';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TO = join('dist', 'console');
/** What the last build was made from. */
const MADE_FROM = join('dist', 'console.made-from');
const SMALL = /\.(js|css|html|svg|txt)$/;

/** Builds the console unless it is there, from the same sources. Packed files beside each take seconds, so only what is shipped has them. @throws when it is larger than its budget. */
export async function buildConsole({ isShipped = false } = {}): Promise<void> {
  const from = `${await digest()}${isShipped ? ' packed' : ''}`;
  if (isBuilt(TO) && made() === from) return;
  const { build } = await import('vite');
  // Whatever runs us: for another one React would bring along what helps its developers.
  process.env.NODE_ENV = 'production';
  await build({ configFile: 'apps/console/vite.config.ts', logLevel: 'warn' });
  const over = overBudget(consoleSizes(TO));
  if (over.length > 0) throw new Error(`The console is too large: ${over.join('; ')}.`);
  if (isShipped) await pack();
  mkdirSync('dist', { recursive: true });
  writeFileSync(MADE_FROM, from);
}

const made = () => (existsSync(MADE_FROM) ? readFileSync(MADE_FROM, 'utf8') : '');

async function digest(): Promise<string> {
  const files = ['package-lock.json'];
  for await (const file of glob('apps/console/**/*.*')) files.push(file);
  return hash(
    'sha256',
    files
      .sort()
      .map((file) => `${file}\n${readFileSync(file, 'base64')}`)
      .join('\n'),
  );
}

async function pack() {
  const [brotli, zip] = [promisify(brotliCompress), promisify(gzip)];
  for await (const name of glob('**/*.*', { cwd: TO })) {
    if (!SMALL.test(name)) continue;
    const bytes = await readFile(join(TO, name));
    await writeFile(join(TO, `${name}.br`), await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    await writeFile(join(TO, `${name}.gz`), await zip(bytes, { level: 9 }));
  }
}
