import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import type { CertificateFiles } from './make-certificates.ts';

/** A running broker, controller and all in one process. */
export interface EmbeddedKafka {
  /** As clients are told: `host:port`. */
  readonly brokers: string;
  readonly port: number;
  /** Of the Java machine. */
  readonly pid: number;
  /** Stops it cleanly. */
  stop(): Promise<void>;
  /** Ends it as a power cut would: SIGKILL. */
  kill(): Promise<void>;
  /** Settles when the broker and its keeper have ended, by this process or another. */
  readonly ended: Promise<void>;
}

/**
 * Starts a Kafka broker on a folder (made on first use) and a port of 127.0.0.1, a free one unless it is given. The same
 * folder and port again is the same broker with all it held. It ends when this process does.
 * @param options `tls`: it speaks to those alone who show a certificate of the same authority; its own is for 127.0.0.1.
 * @throws Error that says what is missing and how to mend it.
 */
export async function startEmbeddedKafka(options: {
  folder: string;
  port?: number;
  tls?: CertificateFiles;
}): Promise<EmbeddedKafka> {
  const missing = whyNoKafka();
  if (missing !== undefined) throw new Error(missing);
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [port, controllerPort] = [options.port ?? (await freePort()), await freePort()];
  const program = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './kafka-child.ts' : './kafka-child.js', import.meta.url),
  );
  const child = spawn(
    process.execPath,
    ['--no-warnings', program, folder, String(port), String(controllerPort), jarsFolder()],
    {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ROLLCALL_KAFKA_TLS: options.tls === undefined ? '' : JSON.stringify(options.tls) },
    },
  );
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const answer = await new Promise<string>((done) => {
    createInterface(child.stdout)
      .once('line', done)
      .once('close', () => done('failed it ended without a word'));
  });
  const [word, pid] = answer.split(' ');
  if (word !== 'ready') throw new Error(`Kafka did not start in ${folder}: ${answer.replace(/^failed /, '')}`);
  return {
    brokers: `127.0.0.1:${port}`,
    port,
    pid: Number(pid),
    ended,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
    kill: async () => {
      process.kill(Number(pid), 'SIGKILL');
      await ended;
    },
  };
}

/** Why no broker can be started here, with the mend; undefined when one can. */
export function whyNoKafka(): string | undefined {
  if (spawnSync('java', ['-version'], { stdio: 'ignore' }).status !== 0)
    return 'a Kafka broker needs Java 17, and there is no java: install it (on Debian: openjdk-17-jre-headless)';
  return existsSync(join(jarsFolder(), 'pom.xml'))
    ? undefined
    : 'the jars of a Kafka broker are not here: run tools/kafka/prepare.sh, which needs Maven';
}

/** `tools/kafka/.jars` of the project, from the source as from the build. */
function jarsFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let at = here; at !== dirname(at); at = dirname(at))
    if (existsSync(join(at, 'tools', 'kafka', 'pom.xml'))) return join(at, 'tools', 'kafka', '.jars');
  return join(here, '.jars');
}
