import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PostgresEventStore } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { v7 as uuid } from 'uuid';
import { BUSES, firstOfEach, recordsOf, type TestBus } from './buses.fixture.ts';
import { InboxRunner } from './inbox/runner.ts';
import { QUICK } from './kafka/kafka-bus.fixture.ts';
import { publishedStream } from './history/published-stream.ts';
import { relayReached } from './relay/relay.ts';
import {
  appendLogins,
  appliedIn,
  eventually,
  LoginInbox,
  logins,
  loginSchema,
  publishLogin,
  total,
  upTo,
} from './logins.fixture.ts';

const PROGRAM = join(import.meta.dirname, 'crash.program.ts');

describe.each(BUSES)('a crash, with the bus on %s,', (_name, openBus) => {
  let service: TestDatabase;
  let under: TestBus;
  beforeEach(async () => {
    [service, under] = await Promise.all([testDatabase(loginSchema), openBus()]);
  });
  afterEach(() => Promise.all([service.drop(), under.drop()]));

  /** Until the process has killed itself at the crash point, or until `done`. */
  async function run(
    kind: 'relay' | 'inbox',
    crash: string,
    done?: () => Promise<boolean>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<string | null> {
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        '--experimental-transform-types',
        '--no-warnings',
        PROGRAM,
        kind,
        service.url,
        under.address,
      ],
      {
        env: { ...process.env, NODE_OPTIONS: '', ROLLCALL_CRASH: crash, SESSION_MS: String(QUICK.sessionMs), ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const ended = new Promise<string | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    if (done) await eventually(done, 20_000).finally(() => child.kill('SIGKILL'));
    return ended;
  }

  it('T-BUS-2 of the relay at any step leaves on the bus for its consumers exactly what the log says, each once and in order', async () => {
    const store = new PostgresEventStore(service.pool);
    const ids = upTo(4).map(() => uuid());
    for (const point of ['relay:after-read', 'relay:after-publish', 'relay:after-checkpoint']) {
      for (const id of ids) await appendLogins(store, id, 10);
      expect(await run('relay', point)).toBe('SIGKILL');
    }
    for (const id of ids) await appendLogins(store, id, 10);
    const head = await store.head();
    await run('relay', '', () => relayReached(service.pool, 'identity', head));
    const messages = (await recordsOf(under.bus)).map((record) => record.message);
    const seen = firstOfEach(messages);
    if (under.once) expect(messages).toEqual(seen);
    for (const id of ids) {
      const streamId = `login-${id}`;
      const told = await publishedStream({
        store,
        publish: publishLogin,
        service: 'identity',
        streamId,
        after: { epoch: 1, version: 0 },
      });
      expect(told).toHaveLength(27);
      expect(seen.filter((message) => message.key === streamId)).toEqual(told);
    }
  });

  it('T-CON-1 of a consumer between any two statements leaves rows that equal a fresh replay', async () => {
    const { bus } = under;
    const streams = upTo(6).map(() => logins(25));
    for (const [at, point] of ['inbox:after-move', 'inbox:after-receive', 'inbox:after-commit'].entries()) {
      await bus.publish(streams.flatMap((stream) => stream.slice(at * 5, at * 5 + 5)));
      expect(await run('inbox', point)).toBe('SIGKILL');
    }
    await bus.publish(streams.flatMap((stream) => stream.slice(15)));
    await run('inbox', '', async () => total(await appliedIn(service.pool)) === 150);
    for (const stream of streams) expect((await appliedIn(service.pool)).get(stream[0]?.key ?? '')).toEqual(upTo(25));
    expect((await service.pool.query('SELECT FROM parked')).rowCount).toBe(0);
  });

  it('T-BUS-5 of a consumer leaves its partitions to another within 15 s, at the pace of production', async () => {
    const taken = run('inbox', '', async () => total(await appliedIn(service.pool)) === 40, { SESSION_MS: '6000' });
    await under.bus.publish(upTo(20).flatMap(() => logins(2)));
    expect(await taken).toBe('SIGKILL');
    const bus = await under.open('mailer');
    const runner = new InboxRunner({
      consumer: 'mailer',
      pool: service.pool,
      store: new PostgresEventStore(service.pool),
      bus,
      inbox: new LoginInbox(),
      alarm: () => undefined,
    });
    const begun = performance.now();
    await runner.start();
    await under.bus.publish(upTo(20).flatMap(() => logins(2)));
    await eventually(async () => total(await appliedIn(service.pool)) === 80, 15_000).finally(() => runner.stop());
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
