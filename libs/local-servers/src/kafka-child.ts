/**
 * A Kafka broker of its own, as a program: `node kafka-child.js <folder> <port> <controller port> <jars>`. Prints
 * `ready <process id>` or `failed <why>`, and stops the broker when its standard input closes: so the broker never
 * outlives its parent.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processFacts } from './process-facts.ts';

const [folder = '', port = '', controllerPort = '', jars = ''] = process.argv.slice(2);
const START_MAX_MS = 60_000;
const STOP_MAX_MS = 20_000;
const settingsFile = join(folder, 'server.properties');
const pidFile = join(folder, 'broker.pid');
const dataFolder = join(folder, 'data');
const java = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', join(jars, '*')];

/** Paths of PEM files, or nothing. */
const files = JSON.parse(process.env.ROLLCALL_KAFKA_TLS || 'null') as {
  tlsCa: string;
  tlsCert: string;
  tlsKey: string;
} | null;
const listener = files ? 'SSL' : 'PLAINTEXT';
/** Its own certificate and key, as Kafka wants them: in one file. */
const pairFile = join(folder, 'broker.pem');

const settings = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  'controller.listener.names': 'CONTROLLER',
  'listeners': `${listener}://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `${listener}://127.0.0.1:${port}`,
  'inter.broker.listener.name': listener,
  'listener.security.protocol.map': `${listener}:${listener},CONTROLLER:PLAINTEXT`,
  ...(files
    ? {
        'ssl.client.auth': 'required',
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': pairFile,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': files.tlsCa,
      }
    : {}),
  'log.dirs': dataFolder,
  'auto.create.topics.enable': 'false',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '500',
  'default.replication.factor': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // After a kill it comes back as soon as it has read its log, not when its own old session has run out.
  'broker.session.timeout.ms': '1000',
  'broker.heartbeat.interval.ms': '200',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'log.cleaner.dedupe.buffer.size': '8388608',
  'log.retention.check.interval.ms': '3000',
  'log.segment.delete.delay.ms': '0',
};

/** A broker that a crash left behind still holds the folder: it is ended and waited for. */
async function endLeftOver() {
  for (const deadline = Date.now() + STOP_MAX_MS; Date.now() < deadline; await sleep(50)) {
    const pid = livingBroker();
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
  }
  throw new Error(`another broker (process ${livingBroker()}) still uses ${folder}; stop it first`);
}

function livingBroker(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    // The system may have given the number to another process by now: only a process that was started with our settings counts.
    return processFacts.command(pid)?.includes(settingsFile) === true ? pid : undefined;
  } catch {
    return undefined;
  }
}

function formatOnce() {
  if (existsSync(join(dataFolder, 'meta.properties'))) return;
  const made = spawnSync(
    'java',
    [...java, 'kafka.tools.StorageTool', 'format', '--cluster-id', clusterId(), '--config', settingsFile],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`its folder cannot be prepared: ${lastLine(made.stderr || made.stdout)}`);
}

// Every cluster has an id of its own: 16 bytes in base64url. A first letter instead of a sign: Kafka's tool takes one that begins with `-` for an option.
const clusterId = () => `K${randomBytes(16).toString('base64url').slice(1)}`;
const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';

/** Whether it answers requests: its port is open before it does. */
function answers(): Promise<boolean> {
  return new Promise((done) => {
    const at = { port: Number(port), host: '127.0.0.1' };
    const socket = files
      ? connectTls({
          ...at,
          cert: readFileSync(files.tlsCert),
          key: readFileSync(files.tlsKey),
          ca: readFileSync(files.tlsCa),
          // Its clients judge its name; here it is asked for life alone.
          checkServerIdentity: () => undefined,
        })
      : connect(at);
    socket.once(files ? 'secureConnect' : 'connect', () => {
      // ApiVersions, version 0, without a client id.
      socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]));
    });
    const end = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket
      .setTimeout(500, () => end(false))
      .once('data', () => end(true))
      .once('error', () => end(false))
      .once('close', () => end(false));
  });
}

async function ready(broker: ChildProcess, said: () => string) {
  for (const deadline = Date.now() + START_MAX_MS; Date.now() < deadline; await sleep(50)) {
    if (broker.exitCode !== null || broker.signalCode !== null) throw new Error(lastLine(said()) || 'it ended at once');
    if (await answers()) return;
  }
  throw new Error(`it does not answer after ${START_MAX_MS / 1_000} s: ${lastLine(said())}`);
}

try {
  await endLeftOver();
  writeFileSync(
    settingsFile,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  if (files)
    writeFileSync(pairFile, `${readFileSync(files.tlsKey, 'utf8')}${readFileSync(files.tlsCert, 'utf8')}`, {
      mode: 0o600,
    });
  formatOnce();
  let said = '';
  const broker = spawn('java', [...java, 'kafka.Kafka', settingsFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [broker.stdout, broker.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-4_000);
    });
  writeFileSync(pidFile, String(broker.pid));
  // However the broker ended, its keeper goes with it, and the parent sees that.
  broker.once('exit', () => {
    setImmediate(() => process.exit(0));
  });
  process.stdin
    .on('data', () => undefined)
    .on('close', () => {
      broker.kill('SIGTERM');
      setTimeout(() => broker.kill('SIGKILL'), STOP_MAX_MS);
    });
  // Ctrl-C goes to the whole group, but the broker stays until its parent has drained and closes the pipe.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  await ready(broker, () => said);
  console.log(`ready ${broker.pid}`);
} catch (error) {
  console.log(`failed ${(error instanceof Error ? error.message : 'for an unknown reason').replaceAll('\n', ' ')}`);
  process.exit(1);
}
