import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { factKinds } from '#contracts';
import { type Message, toHeaders } from '#bus';
import { testKafka } from '#testing';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

const kafka = await testKafka();
const NODE = [process.execPath, join(import.meta.dirname, 'follow.mjs')] as const;
const PYTHON = [join(import.meta.dirname, '.venv/bin/python'), join(import.meta.dirname, 'follow.py')] as const;

beforeAll(() => promisify(execFile)('tools/venv.sh', ['docs/consumer']), 300_000);

describe('a sample', () => {
  it.each([NODE, PYTHON])('%s says what it needs when it is told no broker', (program, file) => {
    const { status, stderr } = spawnSync(program, [file], { env: { PATH: process.env.PATH }, encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^Set KAFKA_BROKERS to your brokers/);
  });

  it('says on an older Node that it needs a newer one', () => {
    const older =
      "data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })";
    const { status, stderr } = spawnSync(NODE[0], ['--import', older, NODE[1]], { env: {}, encoding: 'utf8' });
    expect([status, stderr]).toEqual([78, 'follow.mjs needs Node 24 or newer, for its SQLite, and this is 20.19.0.\n']);
  });
});

/** Facts of one stream, versions 1 to `count`; `strange` ones are of a type that the program does not know. */
function stream(topic: 'identity.logins' | 'key-management.keys', count: number): Message[] {
  const [type, key] =
    topic === 'identity.logins'
      ? ['LoginRecorded.v1' as const, `login-${randomUUID()}`]
      : ['KeyRevoked.v1' as const, `key-${randomUUID()}`];
  return Array.from({ length: count }, (_, i) => ({
    topic,
    key,
    eventId: randomUUID(),
    type: i % 5 === 4 ? 'NeverHeardOf.v1' : type,
    version: i + 1,
    previous: i,
    source: topic.split('.')[0] ?? '',
    time: '2026-01-01T00:00:00.000Z',
    position: `1.${i}.1`,
    correlationId: 'c',
    data: factKinds[type].example,
  }));
}

(kafka ? describe : describe.skip).each([NODE, PYTHON])('%s %s', (command, file) => {
  const prefix = `t-${randomUUID()}.`;
  const folder = mkdtempSync(join(tmpdir(), 'follow-'));
  const client = new Kafka({
    clientId: 'test',
    brokers: [...(kafka?.brokers ?? ['none'])],
    logLevel: logLevel.NOTHING,
  });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const programs: ChildProcess[] = [];
  const printed: string[] = [];
  let warned = '';
  const topics = ['identity.logins', 'key-management.keys'].map((topic) => prefix + topic);

  beforeAll(async () => {
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({ topic, numPartitions: 3, replicationFactor: 1 })),
    });
    await admin.disconnect();
    await producer.connect();
  });
  afterAll(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await producer.disconnect();
    rmSync(folder, { recursive: true, force: true });
  });

  const publish = async (messages: readonly Message[]) => {
    for (const message of messages)
      await producer.send({
        topic: prefix + message.topic,
        messages: [{ key: message.key, value: JSON.stringify(message.data), headers: { ...toHeaders(message) } }],
      });
  };
  const start = () => {
    const program = spawn(command, [file], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        KAFKA_BROKERS: (kafka?.brokers ?? []).join(','),
        GROUP: `${prefix}follow`,
        TOPICS: topics.join(','),
        STATE: join(folder, 'follow.db'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    programs.push(program);
    program.stdout.on('data', (chunk: Buffer) => {
      printed.push(chunk.toString());
    });
    program.stderr.on('data', (chunk: Buffer) => {
      warned += chunk.toString();
    });
    return program;
  };
  const lines = () =>
    printed
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { stream: string; version: number; type: string });
  const eventually = async (count: number) => {
    for (const until = Date.now() + 40_000; lines().length < count;) {
      if (Date.now() > until) throw new Error(`${lines().length} of ${count} facts came`);
      await new Promise((later) => setTimeout(later, 50));
    }
  };

  it('applies each fact once and in order, though they come twice and members of its group come and go', async () => {
    const streams = [
      stream('identity.logins', 15),
      stream('identity.logins', 15),
      stream('key-management.keys', 15),
      stream('key-management.keys', 15),
    ];
    const part = (from: number, to: number) => streams.flatMap((of) => of.slice(from, to));
    const first = start();
    await publish(part(0, 5));
    await eventually(16);
    await publish(part(0, 10));
    const second = start();
    await eventually(32);
    first.kill('SIGTERM');
    await publish(part(5, 15));
    await eventually(48);
    second.kill('SIGTERM');
    await new Promise((ended) => second.once('exit', ended));
    const known = (n: number) => n % 5 !== 0;
    for (const of of streams)
      expect(
        lines()
          .filter((line) => line.stream === of[0]?.key)
          .map((line) => line.version),
      ).toEqual(of.map(({ version }) => version).filter(known));
    expect(warned).not.toMatch(/Timeout\w*Warning/);
  });
});
