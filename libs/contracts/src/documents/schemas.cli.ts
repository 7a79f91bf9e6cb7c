import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documents, release } from './documents.ts';
import { releasedFacts, SCHEMAS } from './released.ts';

// `npm run schemas` writes what is generated; `npm run schemas -- --release` also keeps what this release sends.
const root = join(SCHEMAS, '..', '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const kept = [
  ...(process.argv.includes('--release')
    ? release(
        version,
        releasedFacts().map(({ fact }) => fact),
      )
    : []),
];
if (
  kept.length > 0 &&
  new RegExp(`^## \\[?${version.replaceAll('.', '\\.')}\\b`, 'm').test(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))
) {
  throw new Error(`${version} is out, and what it sent stays as it was. Raise the version in package.json first`);
}
rmSync(join(SCHEMAS, 'facts'), { recursive: true, force: true });
for (const [file, text] of [...documents(version), ...kept]) {
  mkdirSync(dirname(join(SCHEMAS, file)), { recursive: true });
  writeFileSync(join(SCHEMAS, file), text);
}
