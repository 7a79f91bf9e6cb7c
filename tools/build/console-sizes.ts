import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes, gzip where text (design/console.md section 6): what the first page needs, what is loaded later, a file each, and the letters of Latin text. */
export const BUDGET = { first: 130_000, later: 30_000, fonts: 60_000 } as const;

export interface Sizes {
  readonly first: number;
  readonly fonts: number;
  /** The largest first. */
  readonly later: readonly { readonly name: string; readonly bytes: number }[];
}

/** What a browser loads of a built console. */
export function consoleSizes(folder: string): Sizes {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const named = new Set([...page.matchAll(/\/assets\/([^"]+\.(?:js|css))/g)].map(([, name = '']) => name));
  const small = (name: string) => gzipSync(readFileSync(join(folder, 'assets', name)), { level: 9 }).length;
  const files = globSync('*.{js,css}', { cwd: join(folder, 'assets') });
  // Letters beyond Latin come when a text has them.
  const fonts = globSync('*latin-wght*.woff2', { cwd: join(folder, 'assets') });
  return {
    first: files.filter((name) => named.has(name)).reduce((sum, name) => sum + small(name), 0),
    fonts: fonts.reduce((sum, name) => sum + readFileSync(join(folder, 'assets', name)).length, 0),
    later: files
      .filter((name) => !named.has(name))
      .map((name) => ({ name: basename(name).replace(/-[\w-]{8}(?=\.\w+$)/, ''), bytes: small(name) }))
      .sort((a, b) => b.bytes - a.bytes),
  };
}

/** What is over the budget, in words; empty: nothing. */
export function overBudget({ first, fonts, later }: Sizes): string[] {
  const over = (what: string, bytes: number, max: number) =>
    bytes > max ? [`${what} has ${bytes} bytes, and may have ${max}`] : [];
  return [
    ...over('the first page', first, BUDGET.first),
    ...over('the letters', fonts, BUDGET.fonts),
    ...later.flatMap(({ name, bytes }) => over(name, bytes, BUDGET.later)),
  ];
}

export const isBuilt = (folder: string): boolean => existsSync(join(folder, 'index.html'));
