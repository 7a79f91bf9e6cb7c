import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};
/** What is beside a file is the same, smaller. The smallest first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** A file of the console, as it is sent. */
export interface ConsoleFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly encoded: ReadonlyMap<string, Buffer>;
}

/** Where the console was built to: beside the built services, whichever of the two runs. */
const BUILT = ((at) => {
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return join(at, 'dist', 'console');
})(dirname(fileURLToPath(import.meta.url)));

/** All of them, read once for the process: asked for by this name where things are wired. */
export const CONSOLE_FILES = Symbol('CONSOLE_FILES');

/** Every file of the built console by its address, in memory: none that is not there can be asked for. Empty when it was not built. */
export function consoleFiles(folder = BUILT): ReadonlyMap<string, ConsoleFile> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => TYPES[extname(name)] !== undefined)
      .map((name) => [`/${name}`, read(join(folder, name), TYPES[extname(name)] ?? '')]),
  );
}

function read(file: string, type: string): ConsoleFile {
  const bytes = readFileSync(file);
  const encoded = ENCODINGS.flatMap(([encoding, ending]): [string, Buffer][] =>
    existsSync(file + ending) ? [[encoding, readFileSync(file + ending)]] : [],
  );
  return { type, bytes, etag: `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`, encoded: new Map(encoded) };
}

/** What a browser takes of what there is (RFC 9110 §12.5.3): the file as it is, unless it asked for less. */
export function chosenFor({ bytes, encoded }: ConsoleFile, accepted = ''): { body: Buffer; encoding?: string } {
  const taken = new Set(
    accepted
      .split(',')
      .map((each) => each.trim().split(/\s*;\s*/))
      .filter(([, quality = '']) => !/^q=0(\.0+)?$/.test(quality))
      .map(([name = '']) => name.toLowerCase()),
  );
  for (const [encoding, body] of encoded) if (taken.has(encoding)) return { body, encoding };
  return { body: bytes };
}
