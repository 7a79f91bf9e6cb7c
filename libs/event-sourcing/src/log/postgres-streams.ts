import { open, type PersonKeys, place, seal } from './envelope.ts';
import type { ReadOn, Sql, Tx } from '../decision/event-store.ts';
import { type Cursor, type DomainEvent, type RecordedEvent, START } from '../decision/event.ts';
import type { KeptState, KeptStates } from '../decision/kept-states.ts';
import { readState, writeState } from '../decision/snapshot.ts';
import { READ_ON, READ_ON_FROM_SNAPSHOT, type ReadOnRow, SAVE_SNAPSHOT } from './read-on.sql.ts';
import { EVENT_COLUMNS, type EventRow, categoryOf, idOf, recorded } from './row.ts';

/** What those who read streams may be given. */
export interface StreamsOptions {
  /** Needed where events carry personal data. The person is the id of the stream. */
  readonly personKeys?: PersonKeys;
  /** What its deciders are known by (`shapeOf`): with it, long streams get snapshots (`snapshotsSchema`). */
  readonly shape?: string;
}

/** Streams as the log in PostgreSQL holds them, and what was personal in them opened again: the reading half of `PostgresEventStore`. */
export class PostgresStreams {
  constructor(
    private readonly pool: Sql,
    private readonly tx: Tx | undefined,
    private readonly kept: KeptStates,
    private readonly options: StreamsOptions,
  ) {}

  private get sql(): Sql {
    return this.tx ?? this.pool;
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
    { kept, upTo = VERSION_MAX }: { kept?: KeptState<S> | undefined; upTo?: number | undefined },
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

  async saveSnapshot(streamId: string, { version, eventId, state, personal }: KeptState): Promise<void> {
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
    // A full disk must not stop readers. In a transaction the failure has spoiled it, and must be heard.
    await (this.tx ? written : written.catch(() => undefined));
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

  private snapshot<S>(row: ReadOnRow | undefined, key: Buffer | undefined): KeptState<S> | undefined {
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
