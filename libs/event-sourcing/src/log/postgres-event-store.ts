import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { v7 as uuid } from 'uuid';
import { APPEND_MANY } from './append-many.sql.ts';
import { APPEND, APPEND_WITH_NAMES } from './append.sql.ts';
import type { Doorbell } from './doorbell.ts';
import { open, type PersonKeys, place, seal } from './envelope.ts';
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
import { type Cursor, type DomainEvent, type RecordedEvent, START } from '../decision/event.ts';
import type { Projection } from '../projection/projection.ts';
import { type Kept, KeptStates } from '../decision/kept-states.ts';
import { untilNotOvertaken } from '../decision/overtaken.ts';
import { readState, writeState } from '../decision/snapshot.ts';
import { Turns } from '../decision/turns.ts';
import { READ_ON, READ_ON_FROM_SNAPSHOT, type ReadOnRow, SAVE_SNAPSHOT } from './read-on.sql.ts';
import { EVENT_COLUMNS, type EventRow, categoryOf, idOf, recorded } from './row.ts';

/** What a store may be given beside its pool. */
export interface StoreOptions {
  /** Rung after each append, so that followers in this process need not wait for their next poll. */
  readonly doorbell?: Pick<Doorbell, 'notify'>;
  /** Needed where events carry personal data. The person is the id of the stream. */
  readonly personKeys?: PersonKeys;
  /** Projections that run inside the append's own transaction: what a gate reads must never lag. */
  readonly inline?: readonly Projection[];
  /** What a transaction that appended or noted something must do last of all: one statement, which travels together with its COMMIT. */
  readonly withCommit?: (tx: Tx, events: readonly RecordedEvent[]) => string | undefined;
  /** What its deciders are known by (`shapeOf`): with it, long streams get snapshots (`snapshotsSchema`). */
  readonly shape?: string;
  /** States that were loaded; its own unless given. */
  readonly kept?: KeptStates;
  /** Called around each append, to one stream or to many, by whoever measures or must be asked first. */
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

  constructor(
    private readonly pool: Pool,
    options: StoreOptions = {},
    private readonly tx?: Tx,
    private readonly written: RecordedEvent[] = [],
  ) {
    this.inTransaction = tx !== undefined;
    this.kept = options.kept ?? new KeptStates();
    this.options = { ...options, kept: this.kept };
  }

  private get sql(): Sql {
    return this.tx ?? this.pool;
  }

  within(tx: Tx): EventStore {
    return new PostgresEventStore(this.pool, this.options, tx);
  }

  async readStream<E extends DomainEvent>(
    streamId: string,
    { after = 0, upTo = VERSION_MAX } = {},
  ): Promise<RecordedEvent<E>[]> {
    const { rows } = await this.sql.query<EventRow>({
      name: 'read-stream',
      text: `SELECT ${EVENT_COLUMNS} FROM events WHERE stream_id = $1 AND version > $2 AND version <= $3 ORDER BY version`,
      values: [streamId, after, upTo],
    });
    return Promise.all(rows.map((row) => this.unsealed<E>(row)));
  }

  async readOn<S, E extends DomainEvent>(
    streamId: string,
    { kept, upTo = VERSION_MAX }: { kept?: Kept<S> | undefined; upTo?: number | undefined },
  ): Promise<ReadOn<S, E>> {
    if (kept && kept.version > upTo) return this.readOn(streamId, { upTo });
    const [rows, known] = await Promise.all([
      this.rowsOn(streamId, kept?.version, upTo),
      kept?.personal === true ? this.personKey(streamId) : undefined,
    ]);
    const [first] = rows;
    if (kept && (first?.event_id !== kept.eventId || (kept.personal && !known))) {
      this.kept.drop(streamId);
      return this.readOn(streamId, { upTo });
    }
    const key =
      known ??
      (rows.some(({ personal, sealed }) => personal !== null || sealed === true)
        ? await this.personKey(streamId)
        : undefined);
    const from = kept ?? this.snapshot<S>(first, key);
    // Its person was erased: what is left of the state is in the log.
    const whole = first && first.version > 1 && !from ? await this.rowsOn(streamId, 1, upTo) : rows;
    const fresh = from ? whole.slice(1) : whole;
    const events = fresh.map((row) => opened<E>(row, key));
    const own = fresh.findIndex((row) => row.own);
    return {
      from,
      events,
      settled: own < 0 ? events.length : own,
      personal: from?.personal === true || events.some(({ event }) => event.personal !== undefined),
    };
  }

  async saveSnapshot(streamId: string, { version, eventId, state, personal }: Kept): Promise<void> {
    const { shape } = this.options;
    const key = personal ? await this.personKey(streamId) : undefined;
    if (shape === undefined || (personal && !key)) return;
    const plain = Buffer.from(writeState(state));
    const written = this.sql.query({
      name: 'save-snapshot',
      text: SAVE_SNAPSHOT,
      values: [
        streamId,
        version,
        eventId,
        shape,
        personal,
        key ? seal(key, place(streamId, version, shape), plain) : plain,
      ],
    });
    // A disk that is full keeps nobody from reading. In a transaction the failure has spoiled it, and must be heard.
    await (this.tx ? written : written.catch(ignore));
  }

  async readStreams<E extends DomainEvent>(
    streamIds: readonly string[],
    { upTo = VERSION_MAX }: { upTo?: number } = {},
  ): Promise<Map<string, RecordedEvent<E>[]>> {
    const { rows } = await this.sql.query<EventRow>({
      name: 'read-streams',
      text: `SELECT ${EVENT_COLUMNS} FROM events WHERE stream_id = ANY($1) AND version <= $2 ORDER BY stream_id, version`,
      values: [streamIds, upTo],
    });
    const events = await Promise.all(rows.map((row) => this.unsealed<E>(row)));
    return Map.groupBy(events, (event) => event.streamId);
  }

  async readLog(after: Cursor, limit: number): Promise<RecordedEvent[]> {
    // The frontier: below the oldest transaction that still runs nothing can appear any more. Older epochs are complete.
    const { rows } = await this.sql.query<EventRow>({
      name: 'read-log',
      text: `SELECT ${EVENT_COLUMNS} FROM events
              WHERE (log_epoch, txid, pos) > ($1::int, $2::xid8, $3::bigint)
                AND (log_epoch, txid) < ((SELECT epoch FROM log_meta), pg_snapshot_xmin(pg_current_snapshot()))
              ORDER BY log_epoch, events.txid, pos LIMIT $4`,
      values: [after.epoch, String(after.txid), String(after.pos), limit],
    });
    return rows.map((row) => recorded(row));
  }

  async head(): Promise<Cursor> {
    const { rows } = await this.sql.query<Pick<EventRow, 'log_epoch' | 'txid' | 'pos'>>({
      name: 'head',
      text: 'SELECT log_epoch, txid, pos FROM events ORDER BY log_epoch DESC, events.txid DESC, pos DESC LIMIT 1',
      values: [],
    });
    const row = rows[0];
    return row ? { epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) } : START;
  }

  async outcome(commandId: string, fingerprint?: string): Promise<Appended | undefined> {
    const { rows } = await this.sql.query<{ stream_id: string; version: number; fingerprint: string | null }>(
      'SELECT stream_id, version, fingerprint FROM commands WHERE id = $1',
      [commandId],
    );
    const row = rows[0];
    if (!row) return undefined;
    if (row.fingerprint !== (fingerprint ?? null)) throw new CommandReused(commandId);
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
    // A failed statement spoils somebody else's transaction, so a repeated command is looked for first there.
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
      this.written.push(...events);
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
      this.written.push(...events);
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
      // Repeated just now, by somebody whose outcome this transaction could not see before: it has to begin again, too.
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
    { streamId, expectedVersion, events, cause, take = [], release = [] }: Append,
    category: string,
  ): Promise<RecordedEvent[]> {
    const eventIds = events.map(() => uuid());
    const personal = await Promise.all(events.map((event, i) => this.sealed(event, streamId, expectedVersion + i + 1)));
    const meta = {
      correlationId: cause.correlationId,
      causationId: cause.causationId,
      actor: cause.actor,
      traceparent: cause.traceparent,
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

  private async unsealed<E extends DomainEvent>(row: EventRow): Promise<RecordedEvent<E>> {
    return opened<E>(
      row,
      row.personal === null
        ? undefined
        : await this.options.personKeys?.find(idOf(row.stream_id, categoryOf(row.stream_id))),
    );
  }

  /** Of the person that a stream is about. Another replica may have erased them a moment ago. */
  private async personKey(streamId: string): Promise<Buffer | undefined> {
    return this.options.personKeys?.find(idOf(streamId, categoryOf(streamId)), { afresh: true });
  }

  private async rowsOn(streamId: string, first: number | undefined, upTo: number): Promise<ReadOnRow[]> {
    const { shape } = this.options;
    const { rows } = await this.sql.query<ReadOnRow>(
      first === undefined && shape !== undefined
        ? { name: 'read-on-from-snapshot', text: READ_ON_FROM_SNAPSHOT, values: [streamId, shape, upTo] }
        : { name: 'read-on', text: READ_ON, values: [streamId, first ?? 1, upTo] },
    );
    return rows;
  }

  private snapshot<S>(row: ReadOnRow | undefined, key: Buffer | undefined): Kept<S> | undefined {
    if (!row?.state || (row.sealed === true && !key)) return undefined;
    const plain =
      key && row.sealed === true
        ? open(key, place(row.stream_id, row.version, this.options.shape ?? ''), row.state)
        : row.state;
    return {
      version: row.version,
      eventId: row.event_id,
      state: readState(plain.toString()) as S,
      personal: row.sealed === true,
    };
  }
}

const VERSION_MAX = 2 ** 31 - 1;

function opened<E extends DomainEvent>(row: EventRow, key: Buffer | undefined): RecordedEvent<E> {
  return row.personal === null || !key
    ? recorded<E>(row)
    : recorded<E>(
        row,
        JSON.parse(open(key, place(row.stream_id, row.version, row.type), row.personal).toString()) as Record<
          string,
          string
        >,
      );
}

/** The lock that a last statement takes is held for no longer than the commit: a process that is paused before it holds up nobody. */
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
