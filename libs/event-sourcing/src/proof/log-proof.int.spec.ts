import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  LogProof,
  type LogProofOptions,
  logSchema,
  OlderLog,
  PostgresEventStore,
  promises,
  reopenLog,
  UnknownLog,
  WitnessFile,
} from '#event-sourcing';
import { Cluster, freePort } from '#testing';
import { Pool } from 'pg';
import { cause } from '../desk.fixture.ts';

const SILENT = () => Promise.reject(new Error('no broker'));
const FAST = ['wal_level=replica', 'max_wal_senders=4', 'wal_keep_size=128MB', 'autovacuum=off'];

/** A process that appends: as a service does, with a proof and a store over one pool. */
class Writer {
  readonly pool: Pool;
  readonly proof: LogProof;
  readonly store: PostgresEventStore;
  readonly told: string[] = [];

  constructor(url: string, options: Partial<LogProofOptions> = {}, settings = '') {
    // The pool waits for its promise, although its type does not say so.
    this.pool = new Pool({
      connectionString: url,
      max: 4,
      options: settings,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      onConnect: (sql) => this.proof.meet(sql),
    });
    this.pool.on('error', () => undefined);
    this.proof = new LogProof({
      sql: () => this.pool,
      bus: () => Promise.resolve('none'),
      mend: 'Mend it',
      waits: { beatMs: 200, othersMs: 1_000, busMs: 2_000 },
      tell: (because) => {
        this.told.push(because);
      },
      ...options,
    });
    this.store = new PostgresEventStore(this.pool, {
      acknowledged: async (events) => {
        this.proof.note(events);
        await this.proof.keep(events);
      },
    });
  }

  async append(): Promise<void> {
    await this.store.append({
      streamId: `thing-${randomUUID()}`,
      expectedVersion: 0,
      events: [{ type: 'A', data: {} }],
      cause: cause(),
    });
  }

  /** The verdict, once there is one: whole, or a refusal that is not about being looked at. */
  async verdict(withinMs = 20_000): Promise<'whole' | 'older' | 'unproven'> {
    for (const until = performance.now() + withinMs; performance.now() < until; await pause(50)) {
      const error = await this.pool
        .query('SELECT 1')
        .then(() => this.proof.require())
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      if (error === undefined) return 'whole';
      if (error instanceof OlderLog) return 'older';
    }
    return 'unproven';
  }

  async end(cleanly = false): Promise<void> {
    if (cleanly) await this.proof.stop();
    else void this.proof.stop();
    await this.pool.end();
  }
}

describe('the proof of a log', () => {
  let folder: string;
  let empty: Cluster;
  const clusters: Cluster[] = [];
  const writers: Writer[] = [];
  const at = (name: string) => join(folder, `${name}-${clusters.length}-${Math.random().toString(36).slice(2, 8)}`);
  const kept = (cluster: Cluster) => {
    clusters.push(cluster);
    return cluster;
  };
  const writer = (cluster: Cluster, options: Partial<LogProofOptions> = {}, settings = '') => {
    const made = new Writer(cluster.url(), options, settings);
    writers.push(made);
    return made;
  };
  /** A cluster with a log, and a process that writes to it. */
  const written = async (settings: readonly string[] = FAST) => {
    const cluster = kept(empty.copy(at('original'), { port: await freePort(), settings }));
    await cluster.start();
    const first = writer(cluster);
    first.proof.start();
    expect(await first.verdict()).toBe('whole');
    await first.append();
    return { cluster, first };
  };
  /** A copy of now, which is put back later; its original goes on, and its writer with it. */
  const copied = async (cluster: Cluster, first: Writer) => {
    await cluster.kill();
    const copy = kept(cluster.copy(at('copy')));
    await cluster.start();
    expect(await first.verdict()).toBe('whole');
    return copy;
  };
  const putBack = async (cluster: Cluster, copy: Cluster) => {
    await cluster.kill();
    await copy.start();
  };
  /** Until the last heartbeat of everybody is younger than what was appended. */
  const beaten = () => pause(500);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-proof-'));
    empty = await Cluster.make(join(folder, 'empty'), FAST);
    await empty.start();
    for (const statement of logSchema) await empty.query(statement);
    await empty.kill();
  });
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((each) => each.end().catch(() => undefined)));
    await Promise.all(clusters.splice(0).map((each) => each.kill()));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on by itself, in the same epoch, when the server was killed and comes back: by whoever lived', async () => {
    const { cluster, first } = await written();
    await first.append();
    await cluster.kill();
    await cluster.start();
    const from = performance.now();
    expect(await first.verdict()).toBe('whole');
    expect(performance.now() - from).toBeLessThan(30_000);
    await first.append();
    expect(await cluster.query('SELECT epoch FROM log_meta')).toEqual([{ epoch: 1 }]);
    expect(first.told.at(-1)).toBe('a process that lived through it has found all that it was promised');
  });

  it('T-MOV-3 refuses an append inside its statement, also where a connection has survived the move', async () => {
    const { cluster, first } = await written();
    // As a pooler leaves it: the same connection, another server behind it.
    await cluster.query(`UPDATE log_meta SET proved = '1 00000001 1'`);
    await expect(first.append()).rejects.toThrow(UnknownLog);
    const { rows } = await first.pool.query('SELECT count(*)::int AS count FROM events');
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('a copy that lacks an acknowledged event is older for every process, although a heartbeat is in it', async () => {
    const { cluster, first } = await written();
    const second = writer(cluster);
    second.proof.start();
    expect(await second.verdict()).toBe('whole');
    await second.append();
    await beaten();
    const copy = await copied(cluster, first);
    expect(await second.verdict()).toBe('whole');
    await first.append();
    await putBack(cluster, copy);
    expect([await first.verdict(), await second.verdict()]).toEqual(['older', 'older']);
    await expect(second.append()).rejects.toThrow(OlderLog);
    // For a process that starts now, too: it was said for all.
    const third = writer(copy);
    expect(await third.verdict()).toBe('older');
  });

  it('a disk put back under processes that wrote nothing since lacks their heartbeats', async () => {
    const { cluster, first } = await written();
    await beaten();
    const copy = await copied(cluster, first);
    await beaten();
    await putBack(cluster, copy);
    expect(await first.verdict()).toBe('older');
  });

  it('newest copy there is, put back after an older one, is gone on with by itself', async () => {
    const { cluster, first } = await written();
    await beaten();
    const older = await copied(cluster, first);
    await first.append();
    await putBack(cluster, older);
    expect(await first.verdict()).toBe('older');
    await older.kill();
    await cluster.start();
    expect(await first.verdict()).toBe('whole');
    await first.append();
  });

  it("T-MOV-1 a standby is none to write to, and a promoted one is a person's to judge where it was not waited for", async () => {
    const { cluster, first } = await written();
    await first.end(true);
    await cluster.kill();
    const standby = kept(await cluster.standby(at('standby'), 's1', FAST));
    await standby.start();
    const late = writer(standby);
    expect(await late.verdict(500)).toBe('unproven');
    expect(late.proof.fault?.message).toContain('standby');
    await standby.promote();
    // From its first write on, whatever its control file says.
    await expect(late.append()).rejects.toThrow(/proved/);
    expect(await late.verdict(2_000)).toBe('unproven');
    expect(late.proof.fault?.message).toMatch(/promoted.*Mend it/);
    expect(await standby.query('SELECT count(*)::int AS count FROM events')).toEqual([{ count: 1 }]);
  });

  it.each([
    ['lived', 'lives'],
    ['died', 'has died'],
  ])('a standby that every commit waited for is gone on with in a new epoch, where the writer %s', async (fate) => {
    const { cluster, first } = await written();
    await cluster.kill();
    const standby = kept(await cluster.standby(at('standby'), 's1', FAST));
    await cluster.start([...FAST, 'synchronous_standby_names=s1']);
    await standby.start();
    expect(await first.verdict()).toBe('whole');
    await first.append();
    await beaten();
    expect(await promises(first.pool)).toEqual({ followers: 1, doubt: undefined });
    await cluster.kill();
    if (fate === 'died') await first.end();
    await standby.promote();
    // As a name that leads to the new primary: the same address.
    await standby.kill();
    const [moved] = [kept(standby.copy(at('moved'), { port: cluster.port, settings: [...FAST, 'cluster_name=s1'] }))];
    await moved.start();
    const next = fate === 'lived' ? first : writer(moved);
    expect(await next.verdict()).toBe('whole');
    await next.append();
    expect(await moved.query('SELECT epoch FROM log_meta')).toEqual([{ epoch: 2 }]);
    expect(
      await moved.query("SELECT count(*)::int AS count FROM log_moves WHERE evidence ->> 'move' = 'promoted'"),
    ).toEqual([{ count: 1 }]);
  });

  it('T-MOV-2 twins with the same epoch are told apart by their incarnations', async () => {
    const { cluster, first } = await written();
    await cluster.kill();
    const standbys = [
      kept(await cluster.standby(at('s1'), 's1', FAST)),
      kept(await cluster.standby(at('s2'), 's2', FAST)),
    ];
    await cluster.start([...FAST, 'synchronous_standby_names=ANY 2 (s1, s2)']);
    for (const each of standbys) await each.start();
    expect(await first.verdict()).toBe('whole');
    await first.append();
    await beaten();
    await cluster.kill();
    await first.end();
    const file = join(folder, 'twins.log');
    for (const each of standbys) await each.promote();
    const [one, two] = standbys.map((each) => writer(each, { file: new WitnessFile(file), bus: SILENT }));
    expect(await one?.verdict()).toBe('whole');
    await one?.append();
    expect(await two?.verdict()).toBe('older');
  });

  it('T-MOV-8 all restarted: the file beside the service knows its database, and one that was put back', async () => {
    const path = join(folder, 'all.log');
    const { cluster, first } = await written();
    await first.end(true);
    const alone = { file: new WitnessFile(path), bus: () => Promise.resolve('beside' as const) };
    const before = writer(cluster, alone);
    expect(await before.verdict()).toBe('whole');
    const copy = await copied(cluster, before);
    await before.append();
    await before.end();
    await cluster.kill();
    await cluster.start();
    const after = writer(cluster, alone);
    expect(await after.verdict()).toBe('whole');
    await after.end();
    await putBack(cluster, copy);
    expect(await writer(copy, alone).verdict()).toBe('older');
  });

  it.each([
    ['nothing was ever written to', 0],
    ['nothing was written to since the file is there', 1],
  ])('all restarted: a log that %s is known by its file', async (_what, events) => {
    const path = join(folder, `quiet-${events}.log`);
    const cluster = kept(empty.copy(at('quiet'), { port: await freePort() }));
    await cluster.start();
    const alone = { file: new WitnessFile(path), bus: () => Promise.resolve('beside' as const) };
    const first = writer(cluster, { bus: () => Promise.resolve('none') });
    expect(await first.verdict()).toBe('whole');
    if (events > 0) await first.append();
    await first.end(true);
    const second = writer(cluster, alone);
    expect(await second.verdict()).toBe('whole');
    await second.end(true);
    await cluster.kill();
    await cluster.start();
    expect(await writer(cluster, alone).verdict()).toBe('whole');
  });

  it('all restarted, and nobody who could know more: it waits for a person', async () => {
    const { cluster, first } = await written();
    await first.end(true);
    await cluster.kill();
    await cluster.start();
    const alone = writer(cluster, { bus: () => Promise.resolve('beside') });
    expect(await alone.verdict(3_000)).toBe('unproven');
    expect(alone.proof.fault?.message).toContain('nobody who could know more');
  });

  it('a database that was put back while its server ran is compared with the bus at every start', async () => {
    const { cluster } = await written();
    expect(await writer(cluster, { bus: () => Promise.resolve('ahead') }).verdict()).toBe('older');
  });

  it('a bus that is away stops no service that starts on a proved server, unless it is required', async () => {
    const { cluster } = await written();
    const [patient, strict] = [writer(cluster, { bus: SILENT }), writer(cluster, { bus: SILENT, busRequired: true })];
    expect(await patient.verdict(10_000)).toBe('whole');
    expect(await strict.verdict(1_000)).toBe('unproven');
  });

  it('what an operator has reopened is gone on with by processes that remember more', async () => {
    const { cluster, first } = await written();
    await beaten();
    const copy = await copied(cluster, first);
    await first.append();
    await putBack(cluster, copy);
    expect(await first.verdict()).toBe('older');
    const owner = new Pool({ connectionString: copy.url(), max: 1 });
    expect(await reopenLog(owner, { beyond: 4 })).toEqual({ epoch: 5 });
    await owner.end();
    await beaten();
    expect(await first.verdict()).toBe('whole');
    await first.append();
    await beaten();
    expect(await first.verdict()).toBe('whole');
  });

  it('accepts by a reopening also what the file names of a copy that this one knows nothing of', async () => {
    const file = new WitnessFile(join(folder, 'foreign.log'));
    const { cluster, first } = await written();
    await first.end(true);
    const other = { incarnation: randomUUID(), epoch: 7 };
    await file.keep(other, [{ streamId: 'thing-1', version: 1, eventId: randomUUID() }]);
    const alone = { file, bus: () => Promise.resolve('beside' as const) };
    const second = writer(cluster, alone);
    expect(await second.verdict()).toBe('older');
    const owner = new Pool({ connectionString: cluster.url(), max: 1 });
    expect(await reopenLog(owner, { beyond: await second.proof.heardOf() })).toEqual({ epoch: 8 });
    await owner.end();
    await beaten();
    expect(await second.verdict()).toBe('whole');
    await second.end(true);
    expect(await writer(cluster, alone).verdict()).toBe('whole');
  });

  it('T-MOV-11 a role that does not wait for its commits is not strict, and its heartbeat says so', async () => {
    const { cluster } = await written();
    const lazy = writer(cluster, {}, '-c synchronous_commit=off');
    lazy.proof.start();
    expect(await lazy.verdict()).toBe('whole');
    await beaten();
    expect(await cluster.query('SELECT commits FROM log_writers WHERE instance = $1', [lazy.proof.instance])).toEqual([
      { commits: 'off' },
    ]);
    expect((await promises(lazy.pool)).doubt).toContain('synchronous_standby_names is empty');
  });

  it('a process that was paused for long, and whose row was tidied away, denies nothing', async () => {
    const { cluster, first } = await written();
    await cluster.query('DELETE FROM log_writers');
    Object.assign((first.proof as unknown as { beats: { at: number } }).beats, { at: performance.now() - 90_000_000 });
    await first.proof.require();
    await beaten();
    expect(await first.verdict()).toBe('whole');
    expect(await cluster.query('SELECT older FROM log_meta')).toEqual([{ older: null }]);
  });
});
