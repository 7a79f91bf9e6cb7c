import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '#contracts';
import { within } from '#event-sourcing';
import { rememberChild } from './children.ts';

/** A service as a process of its own, from the same build as this one. */
export interface ServiceProcess {
  /** Settles when it has ended, by itself or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * A service behind the gateway makes little garbage: V8's room for it would take 30 MB of each. Maps of sources take 5 MB.
 * The same flags stand in docker-compose.yml.
 */
const FLAGS = { gateway: [], behind: ['--max-semi-space-size=1'] } as const;

/**
 * Freed memory of large bodies (10 MB) goes back to the system at once, and does not wait in glibc for the next. The same stands in the Dockerfile
 * and for `npm start`.
 */
const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };

const START_MAX_MS = 60_000;
const STOP_MAX_MS = 30_000;

/** Starts it and waits until it says that it is ready. Its log goes to `<data>/<log>.log`. @throws when it ends before, or is not ready in time. */
export async function startProcess(
  service: ServiceName,
  options: { dataFolder: string; log: string; env: Readonly<Record<string, string>> },
): Promise<ServiceProcess> {
  const file = join(options.dataFolder, `${options.log}.log`);
  const log = openSync(file, 'a', 0o600);
  // In a group of its own: a Ctrl-C in the terminal is for us, who end the services in their order.
  const child = spawn(process.execPath, [...FLAGS[service === 'gateway' ? 'gateway' : 'behind'], program(service)], {
    detached: true,
    env: { ...ALLOCATOR, ...inherited(), ...options.env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  rememberChild(options.dataFolder, options.log, child.pid ?? 0);
  const ended = new Promise<void>((done) =>
    child.once('exit', () => {
      done();
    }),
  );
  await ready(child, ended, `${service} did not start; its log is ${file}`);
  return { ended, stop: () => end(child, ended) };
}

async function ready(child: ChildProcess, ended: Promise<void>, otherwise: string) {
  const said = new Promise<boolean>((done) =>
    child.once('message', () => {
      done(true);
    }),
  );
  const inTime = await within(START_MAX_MS, () => Promise.race([said, ended.then(() => false)])).catch(() => false);
  if (inTime) return;
  child.kill('SIGKILL');
  throw new Error(otherwise);
}

async function end(child: ChildProcess, ended: Promise<void>) {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
  await ended;
  clearTimeout(late);
}

/** Beside what it is told a process needs little; the secrets of others are none of its business. */
const inherited = (): Record<string, string> =>
  Object.fromEntries(
    [
      'PATH',
      'HOME',
      'LANG',
      'TZ',
      'LOG_LEVEL',
      'NODE_OPTIONS',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'ROLLCALL_CRASH',
    ].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );

const program = (service: ServiceName) => fileURLToPath(new URL(`../../${service}/src/main.js`, import.meta.url));
