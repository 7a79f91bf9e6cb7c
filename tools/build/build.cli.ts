import { mkdirSync, writeFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';
import { buildConsole } from './console.ts';

// A program: writes what runs, as the tests have it compiled, in a second or two. Types are judged by `npm run types`.
// No `Options`: those do not know yet that addresses of imports are rewritten.
const OPTIONS = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2024',
    rewriteRelativeImportExtensions: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
} as const;

const began = performance.now();
const written: Promise<void>[] = [buildConsole()];
for await (const file of glob('{apps,libs}/*/{src,migrations}/**/*.ts'))
  if (!file.endsWith('.spec.ts')) written.push(write(file));
await Promise.all(written);
console.log(`Built in ${((performance.now() - began) / 1000).toFixed(1)} s.`);

async function write(file: string) {
  const to = join('dist', file.replace(/\.ts$/, '.js'));
  const { code, map = '' } = await transformFile(file, { ...OPTIONS, outputPath: to });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, `${code}\n//# sourceMappingURL=${to.split('/').at(-1) ?? ''}.map\n`);
  writeFileSync(`${to}.map`, map);
}
