import { userInfo } from 'node:os';
import { parkedList, retry, skip } from '#bus';
import type { operations } from '#contracts';
import { PostgresEventStore, readAsOf } from '#event-sourcing';
import { type CallContext, parkedView, type Peer, recordAction, shown, tail } from '#platform';
import { Pool } from 'pg';
import { EXIT, Ended } from './exit.ts';

const OFFLINE = 'offline';

/** One service's database, read without the service: for when it cannot be started. */
export interface OfflineDatabase {
  readonly operator: string;
  operations(): Peer<operations.Operations>;
  readonly context: () => CallContext;
  close(): void;
}

/** Opens it, and notes in it who opened it and why before anything is read. @throws Ended */
export async function offlineDatabase(databaseUrl: string, command: string): Promise<OfflineDatabase> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, application_name: 'rollcall --offline' });
  const operator = userInfo().username;
  await recordAction(pool, { operator, action: command, subject: OFFLINE, offline: true }).catch(async () => {
    await pool.end();
    throw new Ended(
      EXIT.away,
      "This database does not answer, or is no service's. --database-url must lead to one service's database, as a role that may write to it.",
    );
  });
  const known: Partial<Peer<operations.Operations>> = reading(pool);
  return {
    operator,
    close: () => void pool.end(),
    context: () => ({ correlationId: OFFLINE, actor: `operator:${operator}` }),
    operations: () =>
      new Proxy(known, {
        get: (methods, name) => methods[name as keyof typeof methods] ?? notOffline,
      }) as Peer<operations.Operations>,
  };
}

const notOffline = () => {
  throw new Ended(
    EXIT.refused,
    'This needs the service itself. Without it there are: streams show, events tail, parked list, show, retry and skip.',
  );
};

const reading = (pool: Pool) => ({
  async readStream({ streamId, version, asOf }: operations.ReadStreamRequest): Promise<operations.StreamReading> {
    const when = asOf === undefined ? { version: version ?? 2 ** 31 - 1 } : { at: new Date(asOf) };
    const { version: reached, events } = await readAsOf(new PostgresEventStore(pool), pool, streamId, when);
    if (events.length === 0) throw new Ended(EXIT.notFound, `This database has no stream ${streamId}.`);
    return { streamId, version: reached, events: events.map((event) => shown(event, OFFLINE)) };
  },
  async *tailEvents({
    types,
    accountId,
    since,
    limit,
  }: operations.TailEventsRequest): AsyncGenerator<operations.Event> {
    for await (const event of tail(pool, {
      types,
      accountId,
      since: since === undefined ? undefined : new Date(since),
      limit,
    }))
      yield shown(event, OFFLINE);
  },
  async listParked({ streamId, skipped }: operations.ListParkedRequest): Promise<operations.ListParkedResponse> {
    const items = await parkedList(pool, { ...(streamId === undefined ? {} : { streamId }), skipped });
    return { items: items.map(parkedView) };
  },
  retryParked: async ({ streamId }: operations.ParkedRequest): Promise<operations.ParkedResponse> => ({
    changed: await retry(pool, streamId),
  }),
  skipParked: async ({ streamId, reason }: operations.ParkedRequest): Promise<operations.ParkedResponse> => ({
    changed: await skip(pool, streamId, reason),
  }),
});
