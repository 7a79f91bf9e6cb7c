import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import type { CertificateFiles } from './make-certificates.ts';

/** Of the PostgreSQL that is shipped: no other opens what it has written. */
export const POSTGRES_MAJOR = 18;

/** A running server. `url(database)` is the superuser's. */
export interface EmbeddedServer {
  readonly port: number;
  readonly pid: number;
  url(database: string): string;
  /** Stops it; all connections must be closed before, or they are cut. */
  stop(): Promise<void>;
  /** Settles when the server's keeper has ended, by this process or another. */
  readonly ended: Promise<void>;
}

/**
 * Starts PostgreSQL on a folder (made on first use) and a port of 127.0.0.1, a free one unless it is given.
 * @param options `flags`: settings of the server, such as `fsync=off`. `tls`: it speaks it to those who ask for it; read at each start.
 * @throws Error that says what is wrong and how to mend it.
 */
export async function startEmbeddedPostgres(options: {
  folder: string;
  password: string;
  port?: number;
  flags?: readonly string[];
  tls?: CertificateFiles;
}): Promise<EmbeddedServer> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) makeReachable(folder);
  const port = options.port ?? (await freePort());
  const program = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './postgres-child.ts' : './postgres-child.js', import.meta.url),
  );
  const child = spawn(process.execPath, ['--no-warnings', program, folder, String(port)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...process.env,
      ROLLCALL_PG_PASSWORD: options.password,
      ROLLCALL_PG_FLAGS: (options.flags ?? []).join(','),
      ROLLCALL_PG_TLS: options.tls === undefined ? '' : JSON.stringify(options.tls),
    },
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const answer = await new Promise<string>((done) => {
    createInterface(child.stdout)
      .once('line', done)
      .once('close', () => done('failed it ended without a word'));
  });
  if (answer !== 'ready') throw new Error(`PostgreSQL did not start in ${folder}: ${answer.replace(/^failed /, '')}`);
  return {
    port,
    pid: child.pid ?? 0,
    ended,
    url: (database) => `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * PostgreSQL refuses to run as root and runs as user postgres, which must be able to walk to its programs and its data.
 * Folders that are ours are opened for walking through (not for listing); the home folder is left to its owner.
 */
function makeReachable(folder: string) {
  const project = dirname(fileURLToPath(import.meta.url));
  for (const start of [dirname(folder), project]) {
    for (let at = start; at !== dirname(at); at = dirname(at)) {
      const { mode } = statSync(at);
      if ((mode & 0o001) === 0) open(at, mode);
    }
  }
}

function open(folder: string, mode: number) {
  try {
    if (folder === homedir()) throw new Error('it is a home folder');
    chmodSync(folder, (mode & 0o777) | 0o011);
  } catch {
    throw new Error(
      `PostgreSQL runs as user postgres, which cannot enter ${folder}. Run "chmod o+x ${folder}", or move the project (and ROLLCALL_DATA, see README.md) elsewhere`,
    );
  }
}
