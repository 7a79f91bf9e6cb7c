import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { publishedStream } from './published-stream.ts';
import { readRecords } from './postgres/bus-reader.ts';
import { busSchema } from './postgres/bus-schema.ts';
import { PostgresBus } from './postgres/postgres-bus.ts';
import { relayReached } from './relay.ts';
import { appendLogins, appliedIn, eventually, logins, loginSchema, publishLogin, TOPIC, total, upTo } from './logins.example.ts';

const PROGRAM = join(import.meta.dirname, 'crash.example.ts');

describe('a crash', () => {
  let service: TestDatabase;
  let busDatabase: TestDatabase;
  beforeEach(async () => { [service, busDatabase] = await Promise.all([testDatabase(loginSchema), testDatabase(busSchema)]); });
  afterEach(() => Promise.all([service.drop(), busDatabase.drop()]));

  /** Until the process has killed itself at the crash point, or until `done`. */
  async function run(kind: 'relay' | 'inbox', crash: string, done?: () => Promise<boolean>): Promise<string | null> {
    const child = spawn(process.execPath, ['--conditions=source', '--experimental-transform-types', '--no-warnings', PROGRAM, kind, service.url, busDatabase.url], {
      env: { ...process.env, NODE_OPTIONS: '', ROLLCALL_CRASH: crash }, stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise<string | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    if (done) await eventually(done, 10_000).finally(() => child.kill('SIGKILL'));
    return ended;
  }

  it('T-BUS-2 of the relay at any step leaves on the bus exactly what the log says, each once and in order', async () => {
    const store = new PostgresEventStore(service.pool);
    const ids = upTo(4).map(() => uuid());
    for (const point of ['relay:after-read', 'relay:after-publish', 'relay:after-checkpoint']) {
      for (const id of ids) await appendLogins(store, id, 10);
      expect(await run('relay', point)).toBe('SIGKILL');
    }
    for (const id of ids) await appendLogins(store, id, 10);
    const head = await store.head();
    await run('relay', '', () => relayReached(service.pool, 'identity', head));
    const records = await readRecords(busDatabase.pool, TOPIC, 0, 1_000);
    expect(records.map((record) => record.offset)).toEqual(records.map((_, i) => i));
    for (const id of ids) {
      const streamId = `login-${id}`;
      const told = await publishedStream({ store, publish: publishLogin, service: 'identity', streamId, afterVersion: 0 });
      expect(told).toHaveLength(27);
      expect(records.filter((record) => record.message.key === streamId).map((record) => record.message)).toEqual(told);
    }
  }, 20_000);

  it('T-CON-1 of a consumer between any two statements leaves rows that equal a fresh replay', async () => {
    const bus = new PostgresBus({ pool: busDatabase.pool, alarm: () => undefined });
    const streams = upTo(6).map(() => logins(25));
    for (const [at, point] of ['inbox:after-offset', 'inbox:after-versions', 'inbox:after-receive', 'inbox:after-commit'].entries()) {
      await bus.publish(streams.flatMap((stream) => stream.slice(at * 5, at * 5 + 5)));
      expect(await run('inbox', point)).toBe('SIGKILL');
    }
    await bus.publish(streams.flatMap((stream) => stream.slice(20)));
    await run('inbox', '', async () => total(await appliedIn(service.pool)) === 150);
    for (const stream of streams) expect((await appliedIn(service.pool)).get(stream[0]?.key ?? '')).toEqual(upTo(25));
    expect((await service.pool.query('SELECT FROM parked')).rowCount).toBe(0);
  }, 20_000);
});
