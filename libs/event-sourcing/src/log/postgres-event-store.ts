import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { v7 as uuid } from 'uuid';
import { APPEND_MANY } from './append-many.sql.ts';
import { APPEND, APPEND_WITH_NAMES } from './append.sql.ts';
import type { Doorbell } from './doorbell.ts';
import { place, seal } from './envelope.ts';
import {
  CommandReused,
  DatabaseFault,
  ReservationTaken,
  SQLSTATE,
  VersionConflict,
  sqlState,
  withoutValues,
} from '../decision/errors.ts';
import type { Append, Appended, EventStore, ReadOn, Sql, Tx } from '../decision/event-store.ts';
import type { Cursor, DomainEvent, RecordedEvent } from '../decision/event.ts';
import { barrier } from '../proof/barrier.ts';
import type { Projection } from '../projection/projection.ts';
import { type KeptState, KeptStates } from '../decision/kept-states.ts';
import { untilNotOvertaken } from '../decision/overtaken.ts';
import { Turns } from '../decision/turns.ts';
import { PostgresStreams, type StreamsOptions } from './postgres-streams.ts';
import { categoryOf, idOf } from './row.ts';

/** What a store may be given beside its pool. */
export interface StoreOptions extends StreamsOptions {
  /** Rung after each append, so that followers in this process need not wait for their next poll. */
  readonly doorbell?: Pick<Doorbell, 'notify'>;
  /** Projections that run inside the append's own transaction: what a gate reads must never lag. */
  readonly inline?: readonly Projection[];
  /** What a transaction that appended or noted something must do last of all: one statement, which travels together with its COMMIT. */
  readonly withCommit?: (tx: Tx, events: readonly RecordedEvent[]) => string | undefined;
  /** States that were loaded; its own unless given. */
  readonly kept?: KeptStates;
  /** Told what was appended once it is acknowledged; nobody hears of it before this resolves. */
  readonly acknowledged?: (events: readonly RecordedEvent[]) => Promise<void> | void;
  /** Called around each append, to one stream or to many, for measuring or for asking first. */
  readonly around?: <T extends Appended | readonly Appended[]>(
    events: readonly DomainEvent[],
    work: () => Promise<T>,
  ) => Promise<T>;
}

/** The log in PostgreSQL. */
export class PostgresEventStore implements EventStore {
  readonly inTransaction: boolean;
  readonly kept: KeptStates;
  readonly turns = new Turns();
  private readonly options: StoreOptions;
  private readonly streams: PostgresStreams;

  constructor(
    private readonly pool: Pool,
    options: StoreOptions = {},
    private readonly tx?: Tx,
    private readonly written: RecordedEvent[] = [],
  ) {
    this.inTransaction = tx !== undefined;
    this.kept = options.kept ?? new KeptStates();
    this.options = { ...options, kept: this.kept };
    this.streams = new PostgresStreams(pool, tx, this.kept, options);
  }

  private get sql(): Sql {
    return this.tx ?? this.pool;
  }

  within(tx: Tx): EventStore {
    return new PostgresEventStore(this.pool, this.options, tx);
  }

  readStream<E extends DomainEvent>(streamId: string, bounds?: { after?: number; upTo?: number }) {
    return this.streams.readStream<E>(streamId, bounds);
  }

  readOn<S, E extends DomainEvent>(
    streamId: string,
    options: { kept?: KeptState<S> | undefined; upTo?: number | undefined },
  ): Promise<ReadOn<S, E>> {
    return this.streams.readOn<S, E>(streamId, options);
  }

  readStreams<E extends DomainEvent>(streamIds: readonly string[], bounds?: { upTo?: number }) {
    return this.streams.readStreams<E>(streamIds, bounds);
  }

  saveSnapshot(streamId: string, kept: KeptState): Promise<void> {
    return this.streams.saveSnapshot(streamId, kept);
  }

  readLog(after: Cursor, limit: number): Promise<RecordedEvent[]> {
    return this.streams.readLog(after, limit);
  }

  head(): Promise<Cursor> {
    return this.streams.head();
  }

  barrier(): Promise<void> {
    return barrier(this.sql);
  }

  async outcome(commandId: string, fingerprint?: string): Promise<Appended | undefined> {
    const { rows } = await this.sql.query<{ stream_id: string; version: number; fingerprint: string | null }>(
      'SELECT stream_id, version, fingerprint FROM commands WHERE id = $1',
      [commandId],
    );
    const row = rows[0];
    if (!row) return undefined;
    if (row.fingerprint !== (fingerprint ?? null)) throw new CommandReused(commandId);
    await this.barrier();
    return { streamId: row.stream_id, version: row.version, repeated: true };
  }

  transact<T>(work: (store: EventStore, tx: Tx) => Promise<T>): Promise<T> {
    return this.tx ? work(this, this.tx) : untilNotOvertaken(() => this.transaction(work));
  }

  /** `transact`, but once: for what has its own way to try again. */
  async transaction<T>(work: (store: EventStore, tx: Tx) => Promise<T>): Promise<T> {
    if (this.tx) return work(this, this.tx);
    const client = await this.pool.connect();
    let appended = false;
    const events: RecordedEvent[] = [];
    const doorbell = {
      notify: () => {
        appended = true;
      },
    };
    let result: T;
    // A lost connection is also told to its statements; without a listener it would end the process.
    client.on('error', ignore);
    try {
      await client.query('BEGIN');
      result = await work(new PostgresEventStore(this.pool, { ...this.options, doorbell }, client, events), client);
      const last = this.options.withCommit?.(client, events);
      const command = await commit(client, last);
      // PostgreSQL answers COMMIT with ROLLBACK when a statement has failed, even if the work has caught its error.
      if (command !== 'COMMIT')
        throw new Error('a statement of this transaction had failed, so nothing of it was kept');
    } catch (error) {
      await rollback(client);
      throw withoutValues(error);
    }
    giveBack(client);
    if (events.length > 0) await this.options.acknowledged?.(events);
    if (appended) this.options.doorbell?.notify();
    return result;
  }

  async append(append: Append): Promise<Appended> {
    if (append.events.length === 0) throw new Error('an append needs at least one event');
    return this.around(append.events, () => this.write(append));
  }

  private async write(append: Append): Promise<Appended> {
    const category = categoryOf(append.streamId);
    const inline = this.options.inline?.filter((projection) => projection.categories.includes(category)) ?? [];
    // A failed statement spoils the caller's transaction, so a repeated command is looked for first there.
    const commandId = append.cause.commandId;
    if (this.tx && commandId !== undefined) {
      const before = await this.outcome(commandId, append.cause.fingerprint);
      if (before) return before;
    }
    if (inline.length > 0 && !this.tx)
      return this.attempt(append, () => this.transaction((store) => (store as PostgresEventStore).write(append)));
    return this.attempt(append, async () => {
      const events = await this.insert(append, category);
      // It sees what a replay would see.
      for (const projection of inline) await projection.apply(this.sql, events.map(sealedAgain));
      await this.wrote(events);
      this.options.doorbell?.notify();
      return { streamId: append.streamId, version: append.expectedVersion + append.events.length, repeated: false };
    });
  }

  async appendMany(appends: readonly Append[]): Promise<Appended[]> {
    return this.around(
      appends.flatMap(({ events }) => events),
      () => this.writeMany(appends),
    );
  }

  private around<T extends Appended | readonly Appended[]>(
    events: readonly DomainEvent[],
    work: () => Promise<T>,
  ): Promise<T> {
    return this.options.around ? this.options.around(events, work) : work();
  }

  private async writeMany(appends: readonly Append[]): Promise<Appended[]> {
    const inline = this.options.inline ?? [];
    if (inline.length > 0 && !this.tx)
      return this.transaction((store) => (store as PostgresEventStore).writeMany(appends));
    try {
      const events = await this.insertMany(appends);
      for (const projection of inline) {
        const mine = events.filter((event) => projection.categories.includes(event.category)).map(sealedAgain);
        if (mine.length > 0) await projection.apply(this.sql, mine);
      }
      await this.wrote(events);
    } catch (error) {
      throw withoutValues(error);
    }
    this.options.doorbell?.notify();
    return appends.map(({ streamId, expectedVersion, events }) => ({
      streamId,
      version: expectedVersion + events.length,
      repeated: false,
    }));
  }

  /** In a transaction it is acknowledged by the commit. */
  private async wrote(events: readonly RecordedEvent[]): Promise<void> {
    if (this.tx) this.written.push(...events);
    else await this.options.acknowledged?.(events);
  }

  private async insertMany(appends: readonly Append[]): Promise<RecordedEvent[]> {
    const events = (
      await Promise.all(
        appends.map(async ({ streamId, expectedVersion, events: added, cause }) => {
          const category = categoryOf(streamId);
          const meta = {
            correlationId: cause.correlationId,
            causationId: cause.causationId,
            actor: cause.actor,
            traceparent: cause.traceparent,
          };
          return Promise.all(
            added.map(async (event, i) => ({
              eventId: uuid(),
              streamId,
              category,
              id: idOf(streamId, category),
              version: expectedVersion + i + 1,
              type: event.type,
              schemaVersion: 1,
              event,
              meta,
              occurredAt: cause.at,
              personal: await this.sealed(event, streamId, expectedVersion + i + 1),
            })),
          );
        }),
      )
    ).flat();
    const { rows } = await this.sql.query<{
      epoch: number;
      txid: string;
      event_ids: string[];
      positions: string[];
      recorded_at: Date;
    }>({
      name: 'append-many',
      text: APPEND_MANY,
      values: [
        appends.map((a) => a.streamId),
        appends.map((a) => categoryOf(a.streamId)),
        appends.map((a) => a.expectedVersion),
        appends.map((a) => a.events.length),
        appends.map((a) => a.cause.commandId ?? null),
        appends.map((a) => a.cause.fingerprint ?? null),
        events.map((e) => e.streamId),
        events.map((e) => e.version),
        events.map((e) => e.eventId),
        events.map((e) => e.type),
        events.map((e) => JSON.stringify(e.event.data)),
        events.map((e) => e.personal),
        events.map((e) => JSON.stringify(e.meta)),
        events.map((e) => e.occurredAt),
      ],
    });
    const written = rows[0];
    if (!written) throw new Error('log_meta is empty: the log was never opened (run the migrations)');
    const positions = new Map(written.event_ids.map((eventId, i) => [eventId, BigInt(written.positions[i] ?? 0)]));
    return events.map(({ personal: _personal, ...event }) => ({
      ...event,
      cursor: { epoch: written.epoch, txid: BigInt(written.txid), pos: positions.get(event.eventId) ?? 0n },
      recordedAt: written.recorded_at,
    })) as RecordedEvent[];
  }

  private async attempt(append: Append, work: () => Promise<Appended>): Promise<Appended> {
    try {
      return await work();
    } catch (error) {
      const problem = this.problem(error, append);
      // The first attempt has moved the stream and taken the names: its retry may be told of either before of the command.
      const overtaken = problem instanceof VersionConflict || problem instanceof ReservationTaken;
      if (!overtaken || this.tx || append.cause.commandId === undefined) throw problem;
      const before = await this.outcome(append.cause.commandId, append.cause.fingerprint);
      if (!before) throw problem;
      return before;
    }
  }

  private problem(error: unknown, { streamId, expectedVersion }: Append): unknown {
    if (error instanceof VersionConflict || error instanceof ReservationTaken) return error;
    switch (sqlState(error)) {
      case SQLSTATE.reservationTaken:
        return new ReservationTaken(streamId);
      // Repeated just now, by a transaction whose outcome this one could not see before: it has to begin again, too.
      case SQLSTATE.commandRepeated:
      case SQLSTATE.versionConflict:
        return new VersionConflict(streamId, expectedVersion);
      case SQLSTATE.unique:
        return tableOf(error) === 'events' ? new VersionConflict(streamId, expectedVersion) : withoutValues(error);
      default:
        return withoutValues(error);
    }
  }

  private async insert(
    { streamId, expectedVersion, events, cause, take = [], release = [], known }: Append,
    category: string,
  ): Promise<RecordedEvent[]> {
    const eventIds = known?.eventIds ?? events.map(() => uuid());
    const personal = await Promise.all(events.map((event, i) => this.sealed(event, streamId, expectedVersion + i + 1)));
    const meta = {
      correlationId: cause.correlationId,
      causationId: cause.causationId,
      actor: cause.actor,
      traceparent: cause.traceparent,
      ...(known ? { position: known.position } : {}),
    };
    const { rows } = await this.sql.query<{ epoch: number; txid: string; positions: string[]; recorded_at: Date }>({
      ...(take.length + release.length > 0
        ? { name: 'append-with-names', text: APPEND_WITH_NAMES }
        : { name: 'append', text: APPEND }),
      values: [
        streamId,
        category,
        expectedVersion,
        eventIds,
        events.map((e) => e.type),
        events.map(() => 1),
        events.map((e) => JSON.stringify(e.data)),
        personal,
        JSON.stringify(meta),
        cause.at,
        cause.commandId ?? null,
        cause.fingerprint ?? null,
        ...(take.length + release.length > 0
          ? [take.map((r) => r.scope), take.map((r) => r.key), release.map((r) => r.scope), release.map((r) => r.key)]
          : []),
      ],
    });
    const written = rows[0];
    if (!written) throw new Error('log_meta is empty: the log was never opened (run the migrations)');
    return events.map((event, i) => ({
      eventId: eventIds[i] ?? '',
      streamId,
      category,
      id: idOf(streamId, category),
      version: expectedVersion + i + 1,
      cursor: { epoch: written.epoch, txid: BigInt(written.txid), pos: BigInt(written.positions[i] ?? 0) },
      type: event.type,
      schemaVersion: 1,
      event,
      meta,
      occurredAt: cause.at,
      recordedAt: written.recorded_at,
    })) as RecordedEvent[];
  }

  private async sealed(event: DomainEvent, streamId: string, version: number): Promise<Buffer | null> {
    if (event.personal === undefined) return null;
    if (!this.options.personKeys)
      throw new Error(`${event.type} carries personal data, and this store has no person keys`);
    const key = await this.options.personKeys.obtain(idOf(streamId, categoryOf(streamId)));
    return seal(key, place(streamId, version, event.type), Buffer.from(JSON.stringify(event.personal)));
  }
}

/** The lock that a last statement takes is held for no longer than the commit: a process that is paused before the commit delays no other. */
async function commit(client: PoolClient, last: string | undefined): Promise<string> {
  const answer: unknown = await client.query(last === undefined ? 'COMMIT' : `${last}; COMMIT`);
  const results = (Array.isArray(answer) ? answer : [answer]) as readonly { command: string }[];
  return results.at(-1)?.command ?? '';
}

async function rollback(client: PoolClient) {
  try {
    await client.query('ROLLBACK');
    giveBack(client);
  } catch {
    // The connection is gone, and with it the transaction.
    client.release(true);
  }
}

function giveBack(client: PoolClient) {
  client.release();
  client.removeListener('error', ignore);
}

const ignore = () => undefined;

const tableOf = (error: unknown) =>
  error instanceof DatabaseError || error instanceof DatabaseFault ? error.table : undefined;

function sealedAgain(recorded: RecordedEvent): RecordedEvent {
  const { personal: _personal, ...event } = recorded.event;
  return { ...recorded, event };
}
