import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleasedFact } from './released-fact.ts';

/** Where generated documents lie: `libs/contracts/schemas`. */
export const SCHEMAS = join(import.meta.dirname, '..', '..', 'schemas');

/** All that releases ever sent, by `<release>/<name>.json`; of one fact, older releases first. */
export function releasedFacts(): { readonly file: string; readonly fact: ReleasedFact }[] {
  return globSync('released/*/*.json', { cwd: SCHEMAS })
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((file) => ({ file, fact: JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8')) as ReleasedFact }));
}
