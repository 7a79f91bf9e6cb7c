import { randomUUID } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import type { keyManagement } from '#contracts';
import { handle, type LogProof, OlderLog, PostgresEventStore } from '#event-sourcing';
import { type ForeignStreams, migrate, Problem, type Rpc, stepsIn, SystemClock } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import type { Pool, PoolClient } from 'pg';
import type { KeyManagementConfig } from '../../apps/key-management/src/config.ts';
import { Floors } from '../../apps/key-management/src/fence/floors.ts';
import { keyDirectory } from '../../apps/key-management/src/key/key-directory.projection.ts';
import type { Issuing } from '../../apps/key-management/src/key/issuing.service.ts';
import { key as decider } from '../../apps/key-management/src/key/key.decider.ts';
import { withdrawnKeys } from '../../apps/key-management/src/key/withdrawn-keys.ts';
import type { ServerCode } from './code.ts';
import { SILENT } from './gateway.ts';
import type { Broken } from './house.ts';
import type { KeyManagement, Replica } from './key-management.ts';
import { type Key, keyOf } from './keys.ts';
import { Machine, MachineTime, type Steps, type World } from './world.ts';

const STATEMENT_MAX_MS = 15_000;
const FOLLOWING_MAX_MS = 5_000;
const KEYS = 3;
const PROTOCOL = 1;
const [ORGANIZATION, PROJECT] = [randomUUID(), randomUUID()];
/** The proof of the log has tests of its own; here it is whole, and a gateway that knows more hears so. */
const NEVER_MOVED = {
  fault: undefined,
  ask: () => undefined,
  assert: () => undefined,
  require: () => Promise.resolve(),
  deny: (reason: string) => Promise.reject(new OlderLog(reason)),
} as unknown as LogProof;
/** What an isolated old primary still does. */
const READS = /^\s*SELECT(?!.*(nextval|pg_logical_emit_message|pg_notify))/s;

/** A PostgreSQL with the tables of key-management, and what a run needs of it that no service may do. */
export class Server {
  private constructor(
    readonly database: TestDatabase,
    readonly owner: Pool,
  ) {}

  static async start(): Promise<Server> {
    const database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
    await database.asOwner(
      `CREATE SEQUENCE taken_early`,
      `GRANT USAGE ON SEQUENCE taken_early TO ${database.name}`,
      `INSERT INTO projects (project_id, organization_id, name, archived) VALUES ('${PROJECT}', '${ORGANIZATION}', 'model', false)`,
    );
    const { Pool: OwnerPool } = await import('pg');
    return new Server(database, new OwnerPool({ connectionString: database.ownerUrl, max: 2 }));
  }

  /** A fence without gateways, and new keys. */
  async fresh(): Promise<readonly Key[]> {
    await this.owner.query(
      `DELETE FROM followers; UPDATE fence SET settled_epoch = (SELECT epoch FROM log_meta), lease_ms = 10000; SELECT setval('taken_early', (SELECT seq + 1 FROM fence))`,
    );
    const store = new PostgresEventStore(this.database.pool, { inline: [keyDirectory] });
    const keys = Array.from({ length: KEYS }, () => keyOf(randomUUID(), randomUUID()));
    for (const { keyId, accountId, digest } of keys) {
      await this.database.pool.query(
        'INSERT INTO project_members (project_id, organization_id, account_id) VALUES ($1, $2, $3)',
        [PROJECT, ORGANIZATION, accountId],
      );
      await handle(
        store,
        decider,
        keyId,
        {
          type: 'IssueKey',
          accountId,
          projectId: PROJECT,
          organizationId: ORGANIZATION,
          name: 'laptop',
          digest,
          start: 'rck_…model',
          scopes: [],
          worksUntil: null,
          replaces: null,
        },
        { at: new Date(), correlationId: 'model', actor: 'service:model' },
      );
    }
    return keys;
  }

  async stop(): Promise<void> {
    await this.owner.end();
    await this.database.drop();
  }
}

/** The code of key-management on the clocks, timers and network of the model, and on a real PostgreSQL. */
export class RealKeyManagement implements KeyManagement {
  readonly replicas: readonly Replica[];
  private primary: Site;
  private readonly withdrawn = new Set<string>();
  private readonly clients = new Set<PoolClient>();

  constructor(
    private readonly world: World,
    rates: readonly number[],
    keys: readonly Key[],
    private readonly server: Server,
    code: ServerCode,
    broken: (what: Broken) => void,
  ) {
    this.primary = { machine: new Machine(world, 'database-1', 1), old: undefined };
    const house = { world, code, broken, keys, server, clients: this.clients, primary: () => this.primary };
    this.replicas = rates.map((rate, n) => new RealReplica(house, new Machine(world, `replica-${n}`, rate)));
    for (const replica of this.replicas) replica.start();
  }

  get database(): Machine {
    return this.primary.machine;
  }

  /** The old primary stays as it is at this moment: a snapshot that can be read. */
  async promote(): Promise<void> {
    const old = await this.server.database.pool.connect();
    this.clients.add(old);
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await old.query('SELECT FROM fence');
    this.primary.old = old;
    await this.server.owner.query('UPDATE log_meta SET epoch = epoch + 1, reopened = epoch + 1');
    this.primary = { machine: new Machine(this.world, `${this.primary.machine.name}+`, 1), old: undefined };
  }

  isGood({ keyId }: Key): boolean {
    return !this.withdrawn.has(keyId);
  }

  /** Gives up all that is still open. */
  end(): void {
    for (const client of this.clients) client.release(true);
    this.clients.clear();
  }
}

/** A database as replicas reach it. `old`: no longer the primary, and this is what it holds. */
interface Site {
  readonly machine: Machine;
  old: PoolClient | undefined;
}

interface Parts {
  readonly world: World;
  readonly code: ServerCode;
  readonly broken: (what: Broken) => void;
  readonly keys: readonly Key[];
  readonly server: Server;
  readonly clients: Set<PoolClient>;
  readonly primary: () => Site;
}

class RealReplica implements Replica {
  private process: ReturnType<RealReplica['born']> | undefined;
  /** The most that each gateway was granted a lease with. */
  private readonly acknowledged = new Map<string, number>();

  constructor(
    private readonly parts: Parts,
    readonly machine: Machine,
  ) {}

  start(): void {
    this.machine.alive = true;
    this.process = this.born();
  }

  register(): Steps<keyManagement.RegisterResponse | undefined> {
    return this.promised(({ fence }) => fence.register({ protocol: PROTOCOL }));
  }

  *renew(request: keyManagement.RenewRequest): Steps<keyManagement.RenewResponse | undefined> {
    const answer = yield* this.promised(({ fence }) => fence.renew(request));
    if (answer?.outcome === 'granted')
      this.acknowledged.set(request.instance, Math.max(this.acknowledged.get(request.instance) ?? 0, request.applied));
    return answer;
  }

  follow({
    epoch,
    after,
  }: keyManagement.FollowRequest): Steps<readonly keyManagement.Withdrawals[] | 'forgotten' | undefined> {
    const over = this.machine.monotonic + FOLLOWING_MAX_MS;
    return this.promised(async ({ fence }) => {
      const stream = fence.withdrawals(epoch, after, () => this.machine.monotonic >= over);
      try {
        const next = await stream.next();
        return next.done === true ? [] : [next.value];
      } catch (error) {
        if (error instanceof Problem && error.code === 'request/invalid') return 'forgotten';
        throw error;
      }
    });
  }

  leave(request: keyManagement.LeaveRequest): Steps<unknown> {
    return this.promised(({ fence }) => fence.leave(request));
  }

  verify(request: keyManagement.VerifyKeysRequest): Steps<keyManagement.VerifyKeysResponse | undefined> {
    return this.promised(({ gate }) => gate.verifyKeys(request));
  }

  *revoke(keyId: string): Steps<boolean> {
    const accountId = this.parts.keys.find((key) => key.keyId === keyId)?.accountId ?? '';
    const call = { metadata: new Metadata(), sendMetadata: () => undefined } as unknown as Rpc;
    return (
      (yield* this.promised(({ keys }) => keys.revokeKey({ accountId, keyId, reason: '' }, call.metadata, call))) !==
      undefined
    );
  }

  private *promised<A>(call: (process: NonNullable<RealReplica['process']>) => Promise<A>): Steps<A | undefined> {
    const { process } = this;
    return process && (yield* this.parts.world.promised(() => call(process)));
  }

  /** A process as the module wires it. */
  private born() {
    const { code, world } = this.parts;
    const [pool, time, clock, config] = [
      this.pool(this.parts.primary()),
      new MachineTime(world, this.machine),
      new SystemClock(),
      {} as KeyManagementConfig,
    ];
    const store = new code.PostgresEventStore(pool, {
      inline: [keyDirectory],
      withCommit: (tx, events) => code.withdrawals(tx, withdrawnKeys(events)),
    });
    const bell = new code.FenceSignals(pool, config, SILENT, time);
    const fence = new code.Fence(pool, bell, SILENT, time);
    const floors = new Floors(pool, NEVER_MOVED);
    return {
      fence: new code.FenceController(pool, bell, floors, NEVER_MOVED, config, SILENT),
      keys: new code.KeysController(store, pool, clock, {} as Issuing, fence, config),
      gate: new code.GateController(
        pool,
        clock,
        {} as ForeignStreams,
        fence,
        new code.PrimaryCheck(pool, time),
        floors,
        NEVER_MOVED,
      ),
    };
  }

  /** Each statement is a message to the database and one back: late, lost or never answered, as the run has it. */
  private pool(site: Site): Pool {
    const { server, clients } = this.parts;
    const connect = async () => {
      let client: PoolClient | undefined;
      let open = false;
      const query = (...statement: Statement) =>
        this.ask(site, statement, async () => {
          if (!client) clients.add((client = await server.database.pool.connect()));
          const text = textOf(statement);
          open ||= text.startsWith('BEGIN');
          const result = await run(client, statement);
          open &&= !/(COMMIT|ROLLBACK)$/.test(text);
          return result;
        });
      return {
        query,
        on: () => undefined,
        off: () => undefined,
        removeListener: () => undefined,
        release: () => {
          if (client && clients.delete(client)) client.release(open);
        },
      };
    };
    return {
      connect,
      query: (...statement: Statement) => this.ask(site, statement, () => run(server.database.pool, statement)),
    } as unknown as Pool;
  }

  private async ask(site: Site, statement: Statement, work: () => Promise<unknown>): Promise<unknown> {
    const { world } = this.parts;
    const text = textOf(statement);
    // Between replicas a ring may be lost, and here always is.
    if (text.includes('pg_notify')) return { rows: [], rowCount: 0 };
    const carry = this.carry.bind(this);
    const answer = await world.ask(this.machine, site.machine, STATEMENT_MAX_MS, function* (): Steps<
      Carried | undefined
    > {
      const { old } = site;
      if (old && !READS.test(text)) yield { until: () => false };
      return yield* world.outsideOf(() => carry(text, statement, old ? () => run(old, statement) : work));
    });
    if (answer === undefined) throw new Error('no answer came in time');
    if ('error' in answer) throw answer.error;
    return answer.result;
  }

  /** Gives up on a gateway that has said it has applied all there is: then a revocation waited in vain. */
  private async carry(text: string, statement: Statement, work: () => Promise<unknown>): Promise<Carried> {
    try {
      const result = await work();
      if (
        text.startsWith('DELETE FROM followers') &&
        text.includes('renewal') &&
        (result as { rowCount: number }).rowCount === 1
      ) {
        const { rows } = await this.parts.server.owner.query<{ seq: number }>('SELECT seq::int FROM fence');
        const [instance] = statement[1] as readonly [string];
        if ((this.acknowledged.get(instance) ?? -1) >= (rows[0]?.seq ?? Infinity)) this.parts.broken('in vain');
      }
      return { result };
    } catch (error) {
      return { error };
    }
  }
}

type Statement = readonly [text: string | { readonly text: string }, values?: readonly unknown[]];
type Carried = { readonly result: unknown } | { readonly error: unknown };

const textOf = ([first]: Statement) => (typeof first === 'string' ? first : first.text);

const run = (on: Pool | PoolClient, [first, values]: Statement): Promise<unknown> =>
  values ? on.query(first as string, [...values]) : on.query(first as string);
