import { randomUUID } from 'node:crypto';
import { type Sql, sqlState } from '#event-sourcing';
import type { Logger } from './logger.ts';
import { Pool, type PoolClient, types } from 'pg';
import { errorFields } from './logger.ts';
import { Problem } from './problem.ts';

// bigint columns of ours are counts and offsets far below 2^53.
types.setTypeParser(types.builtins.INT8, Number);

const WAITING_MAX = 256;
/** Less than what callers wait for an answer: a request must fail while its caller still listens. */
const CONNECTION_MS = 4_500;

/** Connections for which so many wait at most: more would only hear later that there is no time for them. */
class ServicePool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(
    callback: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void,
  ): void;
  override connect(
    callback?: (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void,
  ): Promise<PoolClient> | undefined {
    if (this.waitingCount >= WAITING_MAX) {
      const busy = new Problem(
        'service/busy',
        'Too many requests wait for the database of this service, which is at work. Try again shortly.',
        { retryAfterSeconds: 1 },
      );
      if (!callback) return Promise.reject(busy);
      callback(busy, undefined, () => undefined);
      return undefined;
    }
    if (!callback) return super.connect();
    super.connect(callback);
    return undefined;
  }
}

/** A statement by this name is there already, or is not there. */
const NAMED = new Set(['42P05', '26000']);

/** What a service keeps on its connections is not kept there. */
export class PooledByStatement extends Error {
  override readonly name = 'PooledByStatement';
  constructor() {
    super(
      'the database is reached through a pooler that gives a connection to another client after each transaction: set it to session mode (PgBouncer: pool_mode = session), or lead the service past it',
    );
  }
}

/** Set on each connection when it is made: a pooler takes no such things with the start of one, or drops them unsaid. */
const SETTINGS = Object.entries({
  idle_in_transaction_session_timeout: '10000',
  transaction_timeout: '20000',
  statement_timeout: '15000',
  lock_timeout: '5000',
})
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ');

/**
 * The service's connections. No transaction of ours lasts: one that is forgotten would hold back every follower of every log in the cluster.
 * @param options.verify asked of every new connection; where it throws, the connection is not used.
 * @param options.waitMs for a connection, at most. Where all are in use `service/busy` says so; where none can be made the database is away.
 */
export function openPool(
  databaseUrl: string,
  options: {
    max: number;
    application: string;
    logger: Logger;
    waitMs?: number;
    verify?: (client: Sql) => Promise<void>;
  },
): Pool {
  const { verify } = options;
  const pool = new ServicePool({
    connectionString: databaseUrl,
    max: options.max,
    application_name: options.application,
    connectionTimeoutMillis: options.waitMs ?? CONNECTION_MS,
    idleTimeoutMillis: 30_000,
    // The pool waits for its promise, although its type does not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: async (client) => {
      await client.query(`SELECT ${SETTINGS}`);
      try {
        await verify?.(client);
      } catch (error) {
        // On a connection that was just made there is no statement by any name.
        throw NAMED.has(sqlState(error) ?? '') ? new PooledByStatement() : error;
      }
    },
  });
  pool.on('connect', (client) => {
    client.on('notice', ({ severity, code, message }) => {
      // A commit that does not wait for its standbys any more succeeds with a warning: whether it will survive is not known, so nobody may hear that it did.
      if (severity === 'WARNING' && code === '01000')
        broken(client, new Error(`PostgreSQL warned: ${message ?? code}`));
    });
  });
  pool.on('error', (error) => options.logger.warn(errorFields(error), 'an idle database connection was lost'));
  return pool;
}

/** As if the connection had been lost at this statement: it fails, and its connection is used no more. */
function broken(client: PoolClient, error: Error) {
  (client as unknown as { connection: NodeJS.EventEmitter }).connection.emit('error', error);
}

/**
 * Whether what is set on one connection is seen on another: then both stand for one of a pooler's, which gives it to whoever has a statement. A service keeps
 * settings, prepared statements and locks on its connections, and its writes would go unseen to another server.
 */
export async function shareSettings(one: Sql, other: Sql): Promise<boolean> {
  const SET = `SELECT set_config('rollcall.connection', $1, false)`;
  const mine = randomUUID();
  await one.query(SET, [mine]);
  await other.query(SET, [randomUUID()]);
  const { rows } = await one.query<{ mine: string }>(`SELECT current_setting('rollcall.connection') AS mine`);
  return rows[0]?.mine !== mine;
}

/** Whether a pool's connections lead through a pooler that gives them away between statements. Where they lead to the server itself one statement tells. */
export async function isPooledByStatement(pool: Pool): Promise<boolean> {
  const one: PoolClient & { processID?: number | null } = await pool.connect();
  try {
    const { rows } = await one.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    // A pooler has told the client of a process of its own.
    if (rows[0]?.pid === one.processID) return false;
    const other = await pool.connect();
    try {
      return await shareSettings(one, other);
    } finally {
      other.release();
    }
  } finally {
    one.release();
  }
}
