import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** Which release this is. */
export function version(): string {
  const file = findPackageJSON(import.meta.url);
  return file === undefined ? 'unknown' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
