import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  busSchema,
  epochsSchema,
  inboxSchema,
  PostgresBus,
  type Relay,
  type RelayOptions,
  relayReached,
  relaySchema,
} from '#bus';
import {
  type Decider,
  Doorbell,
  handle,
  LogProof,
  logSchema,
  LogWatch,
  OlderLog,
  type PostgresEventStore,
  UnknownLog,
} from '#event-sourcing';
import { makeLogger, type openPool, type ServiceConfig, Time } from '#platform';
import { Cluster, freePort, testDatabase } from '#testing';
import { Pool } from 'pg';
import type { Fence } from '../../apps/key-management/src/fence/fence.ts';
import { FenceSignals } from '../../apps/key-management/src/fence/fence-signals.ts';
import type { Floors } from '../../apps/key-management/src/fence/floors.ts';
import { edited } from '../fence/edited.ts';
import { Server } from '../fence/server.ts';
import { type RuleName, RULES } from './rules.ts';

const FAST = [
  'wal_level=replica',
  'max_wal_senders=4',
  'wal_keep_size=128MB',
  'autovacuum=off',
  'checkpoint_timeout=1h',
];
const SILENT = makeLogger('silent');
const CAUSE = { at: new Date(), correlationId: 'moved', actor: 'service:moved' };
const FACT = { accountId: randomUUID(), sessionId: randomUUID(), method: 'password', at: '2026-01-01T00:00:00.000Z' };

/** A module of the product, without a rule where one is given. */
const code = <M>(file: string, rule?: RuleName): Promise<M> => edited(rule ? [RULES[rule]] : [])<M>(file);
const storeOf = async (pool: Pool, rule?: RuleName): Promise<PostgresEventStore> => {
  const loaded = await code<{ PostgresEventStore: typeof PostgresEventStore }>(
    'libs/event-sourcing/src/log/postgres-event-store.ts',
    rule,
  );
  return new loaded.PostgresEventStore(pool);
};
const appendOf = (event: string, streamId = `login-${randomUUID()}`) => ({
  streamId,
  expectedVersion: 0,
  events: [{ type: event, data: FACT }],
  cause: { ...CAUSE, commandId: streamId },
});
/** Once made, nothing is left to decide. */
const thing: Decider<{ type: 'Make' }, boolean, { type: 'Made'; data: object }, never> = {
  category: 'login',
  initial: false,
  decide: (_command, made) => (made ? [] : [{ type: 'Made', data: {} }]),
  evolve: () => true,
};

/** What comes of it as the code is, and without a rule. */
const judged = async <R>(rule: RuleName, plot: (rule?: RuleName) => Promise<R>): Promise<[R, R]> => [
  await plot(),
  await plot(rule),
];
/** Looks again until it is so. */
async function until<R>(ask: () => Promise<R>, so: (found: R) => boolean): Promise<R> {
  for (const end = performance.now() + 30_000; performance.now() < end; await pause(20)) {
    const found = await ask();
    if (so(found)) return found;
  }
  throw new Error('it did not become so in time');
}

describe('without its rule a moved database deceives', () => {
  let folder: string;
  let empty: Cluster;
  const clusters: Cluster[] = [];
  const pools: Pool[] = [];
  const kept = (cluster: Cluster) => {
    clusters.push(cluster);
    return cluster;
  };
  const open = (url: string) => {
    const pool = new Pool({ connectionString: url, max: 4 });
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const at = (name: string) => join(folder, `${name}-${randomUUID()}`);
  const fresh = async (schema: readonly string[] = logSchema) => {
    const cluster = kept(empty.copy(at('cluster'), { port: await freePort(), settings: FAST }));
    await cluster.start();
    for (const statement of schema) await cluster.query(statement);
    return cluster;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-moved-'));
    empty = await Cluster.make(join(folder, 'empty'), FAST);
  });
  afterEach(async () => {
    await Promise.all(clusters.splice(0).map((each) => each.kill()));
    await Promise.all(pools.splice(0).map((each) => each.end().catch(() => undefined)));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const promoted = async (rule?: RuleName) => {
    const { logSchema: schema } = await code<{ logSchema: typeof logSchema }>(
      'libs/event-sourcing/src/log/schema.ts',
      rule,
    );
    const primary = await fresh(schema);
    await primary.kill();
    const standby = kept(await primary.standby(at('standby'), 's1', FAST));
    await primary.start();
    await standby.start();
    // As much as a checkpoint writes for minutes, at its pace.
    await primary.query(`CREATE TABLE dirty AS SELECT g, repeat('x', 1000) AS x FROM generate_series(1, 20000) AS g`);
    const [written] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    await until(
      () => standby.query<{ there: boolean }>('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there', [written?.lsn]),
      ([row]) => row?.there === true,
    );
    await primary.kill();
    await standby.promote();
    const pool = open(standby.url());
    const proof = new LogProof({ sql: () => pool, bus: () => Promise.resolve('none'), mend: 'Mend it' });
    await proof.settled(3_000);
    return proof.fault?.message.includes('a standby that was promoted') === true ? 'promoted' : 'whole';
  };
  it('T-MOV-1 without it a standby that was promoted looks like a server that was started anew', async () => {
    expect(await judged('T-MOV-1', promoted)).toEqual(['promoted', 'whole']);
  });

  describe('of key-management', () => {
    let server: Server;
    beforeAll(async () => {
      server = await Server.start();
    });
    afterAll(() => server.stop());

    /** Of a gateway that has followed another copy. */
    const heard = async (change: object, rule?: RuleName) => {
      const { pool } = server.database;
      await server.owner.query('UPDATE log_meta SET older = NULL');
      const { rows } = await server.owner.query<{ incarnation: string; epoch: number; seq: number }>(
        `WITH moved AS (UPDATE fence SET seq = seq + 1 RETURNING seq), withdrawn AS (
           INSERT INTO withdrawals (epoch, seq, mark, subject) SELECT epoch, seq, gen_random_uuid(), gen_random_uuid() FROM moved, log_meta)
         SELECT incarnation, epoch, seq::int FROM moved, log_meta`,
      );
      const [here] = rows;
      if (!here) throw new Error('there is no log');
      const proof = new LogProof({ sql: () => pool, bus: () => Promise.resolve('none'), mend: 'Mend it' });
      const loaded = await code<{ Floors: typeof Floors }>('apps/key-management/src/fence/floors.ts', rule);
      await new loaded.Floors(pool, proof).hear({ ...here, mark: '', ...change });
      return proof.fault instanceof OlderLog ? 'older' : 'not denied';
    };
    it.each([
      ['T-MOV-2', 'a twin with the same epoch', { incarnation: randomUUID() }],
      ['T-MOV-9', 'a copy that has outgrown it', { mark: randomUUID() }],
    ] as const)(
      'T-MOV-2, T-MOV-9 without %s %s is taken for the log that a gateway has followed',
      async (rule, _what, change) => {
        expect(await judged(rule, (without) => heard(change, without))).toEqual(['older', 'not denied']);
      },
    );

    const waited = async (rule?: RuleName) => {
      class Noted extends Time {
        waited = 0;
        override monotonic() {
          return this.waited;
        }
        override pause(ms: number) {
          this.waited += ms;
          return Promise.resolve();
        }
      }
      const { pool } = server.database;
      await server.fresh();
      await server.owner.query('UPDATE log_meta SET older = NULL');
      await server.owner.query('UPDATE fence SET settled_epoch = 0, lease_ms = 0');
      const time = new Noted();
      const loaded = await code<{ Fence: typeof Fence }>('apps/key-management/src/fence/fence.ts', rule);
      await new loaded.Fence(pool, new FenceSignals(pool, {} as ServiceConfig, SILENT, time), SILENT, time).settled();
      return time.waited > 2_000;
    };
    it('T-MOV-12 without it a revocation returns where no leases are granted while an old primary is still read', async () => {
      expect(await judged('T-MOV-12', waited)).toEqual([true, false]);
    });
  });

  const appended = async (rule?: RuleName) => {
    const database = await testDatabase(logSchema);
    try {
      await database.asOwner(`UPDATE log_meta SET proved = '1 00000001 1'`);
      return await (await storeOf(database.pool, rule)).append(appendOf('LoginRecorded')).then(
        () => 'goes on',
        (error: unknown) => (error instanceof UnknownLog ? 'is refused' : String(error)),
      );
    } finally {
      await database.drop();
    }
  };
  it('T-MOV-3 without it a connection that has survived the move appends to a log that nobody has proved', async () => {
    expect(await judged('T-MOV-3', appended)).toEqual(['is refused', 'goes on']);
  });

  describe('where a commit waits for a standby that is not there', () => {
    let cluster: Cluster;
    const waiting = () =>
      cluster.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
    /** From now on. */
    const waits = async () => {
      await cluster.query(`ALTER SYSTEM SET synchronous_standby_names = 'away'`);
      await cluster.query('SELECT pg_reload_conf()');
      await until(
        () => cluster.query<{ names: string }>(`SELECT current_setting('synchronous_standby_names') AS names`),
        ([row]) => row?.names === 'away',
      );
    };
    /** Its process is gone, and what it wrote is visible. */
    const cutOff = async (how: 'pg_terminate_backend' | 'pg_cancel_backend') => {
      const [row] = await until(waiting, (rows) => rows.length === 1);
      await cluster.query(`SELECT ${how}($1)`, [row?.pid]);
    };

    const begin = async () => {
      cluster = await fresh([...logSchema, ...relaySchema, ...inboxSchema, ...epochsSchema]);
    };

    const repeated = async (rule?: RuleName) => {
      await begin();
      const pool = open(cluster.url());
      const store = await storeOf(pool, rule);
      await waits();
      const id = randomUUID();
      const first = store.append(appendOf('Made', `login-${id}`)).catch(() => 'lost');
      await cutOff('pg_terminate_backend');
      expect(await first).toBe('lost');
      const again = handle(store, thing, id, { type: 'Make' }, { ...CAUSE, commandId: `login-${id}` }).then(
        ({ repeated }) => (repeated ? 'done' : 'new'),
        () => 'lost',
      );
      return Promise.race([
        again,
        until(waiting, (rows) => rows.length === 1).then(
          () => 'waits',
          () => 'neither',
        ),
      ]);
    };
    it('T-MOV-4 without it whoever repeats a command that was cut off hears that it is done', async () => {
      expect(await judged('T-MOV-4', repeated)).toEqual(['waits', 'done']);
    });

    const published = async (rule?: RuleName) => {
      await begin();
      const pool = open(cluster.url());
      const under = await testDatabase(busSchema);
      const bus = new PostgresBus({ pool: under.pool, alarm: () => undefined });
      const store = await storeOf(pool);
      const doorbell = new Doorbell();
      const watch = new LogWatch(pool, doorbell);
      const options: RelayOptions = {
        service: 'identity',
        pool,
        store,
        watch,
        bus,
        publish: () => ({ name: 'LoginRecorded.v1', data: FACT }) as never,
        alarm: () => undefined,
        leaseMs: 600_000,
      };
      const loaded = await code<{ Relay: typeof Relay }>('libs/bus/src/relay/relay.ts', rule);
      const relay = new loaded.Relay(options);
      const there = async () => (await bus.ranges('identity.logins')).reduce((sum, { next }) => sum + next, 0);
      try {
        await store.append(appendOf('LoginRecorded'));
        watch.start();
        await relay.start();
        await until(there, (count) => count === 1);
        const head = await store.head();
        await until(
          () => relayReached(pool, 'identity', head),
          (reached) => reached,
        );
        await waits();
        const cut = store.append(appendOf('LoginRecorded')).catch(() => 'lost');
        await cutOff('pg_terminate_backend');
        expect(await cut).toBe('lost');
        return await Promise.race([
          until(there, (count) => count > 1),
          // It has read it, and waits before it says so.
          until(waiting, (rows) => rows.length > 0).then(there),
        ]);
      } finally {
        await cluster.kill();
        await relay.stop();
        await watch.stop();
        await bus.close();
        await under.drop();
      }
    };
    it('T-MOV-5 without it a relay publishes what may yet be lost', async () => {
      expect(await judged('T-MOV-5', published)).toEqual([1, 2]);
    });

    const cancelled = async (rule?: RuleName) => {
      await begin();
      const loaded = await code<{ openPool: typeof openPool }>('libs/platform/src/base/database.ts', rule);
      const pool = loaded.openPool(cluster.url(), { max: 1, application: 'moved', logger: SILENT });
      pools.push(pool);
      await waits();
      const written = pool.query('CREATE TABLE written ()').then(
        () => 'done',
        () => 'unknown',
      );
      await cutOff('pg_cancel_backend');
      return written;
    };
    it('T-MOV-11 without it a commit that was not waited for has succeeded', async () => {
      expect(await judged('T-MOV-11', cancelled)).toEqual(['unknown', 'done']);
    });
  });
});
