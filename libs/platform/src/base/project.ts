import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = ((at) => {
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return at;
})(import.meta.dirname);

/** The path of a file of the project (`apps/identity/migrations`), from source and from the build alike. */
export const inProject = (...path: readonly string[]): string => resolve(ROOT, ...path);
