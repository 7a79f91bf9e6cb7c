import type { Pool } from 'pg';
import { escapeIdentifier } from 'pg';
import type { Sql, Tx } from '../decision/event-store.ts';
import {
  compareCursors,
  type Cursor,
  formatCursor,
  parseCursor,
  type RecordedEvent,
  START,
} from '../decision/event.ts';
import { PostgresEventStore } from '../log/postgres-event-store.ts';
import type { Projection } from '../projection/projection.ts';
import { EVENT_COLUMNS, type EventRow, recorded } from '../log/row.ts';
import { type Build, lockPosition, modelName, type Position, record, schemaOf } from './build.ts';
import { fillByStream, fillTarget } from './fill.ts';
import type { Hold, Source, BuildContext } from './source.ts';
import { inTransaction, shortIn } from '../log/transaction.ts';

const STEP_MAX = 500;
/** So few at once can be left for the moment in which the live one is held. */
const NEAR = 200;

/** Where a build of the own log stands: all up to the cursor is in it, and of what comes behind it these events. */
interface SourceOffset {
  readonly cursor: Cursor;
  readonly ahead: readonly string[];
}

/**
 * A read model of the service's own log. `follower`: a subscription keeps it up, and its checkpoint is held to stop it.
 * `inline`: appends write it, so the tables themselves are held until those under way have ended; what they have committed
 * may stand above the frontier, where a cursor cannot say it, so the ids of those events are kept beside the cursor.
 */
export class LogSource implements Source {
  readonly name: string;
  readonly n: number;
  readonly tables: readonly string[];
  readonly notes = [];

  constructor(
    readonly projection: Projection,
    readonly kind: 'follower' | 'inline',
  ) {
    ({ name: this.name, n: this.n } = modelName(projection.name));
    this.tables = projection.tables;
  }

  async total(sql: Sql): Promise<number> {
    const { rows } = await sql.query<{ total: string }>(
      'SELECT coalesce(sum(version), 0)::text AS total FROM streams WHERE category = ANY($1)',
      [this.projection.categories],
    );
    return Number(rows[0]?.total);
  }

  get fill(): ((workshop: BuildContext) => Promise<void>) | undefined {
    const { fold, categories } = this.projection;
    if (!fold) return undefined;
    return async (workshop) => {
      const upTo =
        fillTarget(workshop.build.position) ??
        (this.kind === 'follower' ? await this.checkpoint(workshop.pool) : await frontier(workshop.pool));
      await fillByStream(workshop, { fold, categories }, upTo);
      await record(workshop.pool, workshop.build, { position: written({ cursor: upTo, ahead: [] }) });
    };
  }

  async catchUp({ pool, build, signal, progress }: BuildContext): Promise<void> {
    for (let moved = STEP_MAX; moved > NEAR;) {
      signal.throwIfAborted();
      moved = await this.advance(pool, build);
      progress(moved);
    }
  }

  async step(pool: Pool, build: Pick<Build, 'name' | 'n'>): Promise<boolean> {
    return (await this.advance(pool, build)) > 0;
  }

  async hold(tx: Tx, hold: Hold): Promise<void> {
    if (this.kind === 'follower') {
      await tx.query('SELECT FROM checkpoints WHERE name = $1 FOR UPDATE', [this.projection.name]);
      return;
    }
    // For a swap at once the stronger lock: to ask for it later, over the weaker one, would be a circle with who reads and then writes.
    await tx.query(
      `LOCK TABLE ${this.tables.map((table) => `public.${escapeIdentifier(table)}`).join(', ')} IN ${hold === 'swap' ? 'ACCESS EXCLUSIVE' : 'SHARE'} MODE`,
    );
  }

  async finish(tx: Tx, build: Pick<Build, 'name' | 'n'>): Promise<Position> {
    const place = read(await lockPosition(tx, build));
    const events = await committedAfter(tx, place.cursor);
    const end = this.kind === 'follower' ? await this.checkpoint(tx) : undefined;
    const mine = this.mine(events, place).filter(
      (event) => end === undefined || compareCursors(event.cursor, end) <= 0,
    );
    if (mine.length > 0) await this.projection.apply(tx, mine);
    const position = written(
      end && compareCursors(end, place.cursor) > 0
        ? { cursor: end, ahead: [] }
        : { ...place, ahead: this.ahead(events, place) },
    );
    await record(tx, build, { position });
    return position;
  }

  /** How many events it went on by. */
  private async advance(pool: Pool, build: Pick<Build, 'name' | 'n'>): Promise<number> {
    const before = (
      await pool.query<{ position: Position }>('SELECT position FROM projection_builds WHERE name = $1 AND n = $2', [
        build.name,
        build.n,
      ])
    ).rows[0]?.position;
    const place = read(before);
    // Never beyond the live one: where both are stopped, neither must have more.
    const end = this.kind === 'follower' ? await this.checkpoint(pool) : undefined;
    const events = (await new PostgresEventStore(pool).readLog(place.cursor, STEP_MAX)).filter(
      (event) => end === undefined || compareCursors(event.cursor, end) <= 0,
    );
    const last = events.at(-1);
    if (!last) return 0;
    return inTransaction(pool, shortIn(schemaOf(build)), async (tx) => {
      const now = await lockPosition(tx, build, 'skip');
      if (JSON.stringify(now) !== JSON.stringify(before)) return 0;
      const mine = this.mine(events, place);
      if (mine.length > 0) await this.projection.apply(tx, mine);
      const passed = new Set(events.map((event) => event.eventId));
      await record(tx, build, {
        position: written({ cursor: last.cursor, ahead: place.ahead.filter((id) => !passed.has(id)) }),
      });
      return events.length;
    });
  }

  private mine(events: readonly RecordedEvent[], { ahead }: SourceOffset): RecordedEvent[] {
    const known = new Set(ahead);
    return events.filter((event) => this.projection.categories.includes(event.category) && !known.has(event.eventId));
  }

  /** A follower never stands before its own cursor; an inline one has all that is committed. */
  private ahead(events: readonly RecordedEvent[], place: SourceOffset): readonly string[] {
    return this.kind === 'follower'
      ? place.ahead
      : events.filter((event) => this.projection.categories.includes(event.category)).map((event) => event.eventId);
  }

  private async checkpoint(tx: Sql): Promise<Cursor> {
    const { rows } = await tx.query<{ epoch: number; txid: string; pos: string }>(
      'SELECT epoch, txid, pos FROM checkpoints WHERE name = $1',
      [this.projection.name],
    );
    const row = rows[0];
    return row ? { epoch: row.epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) } : START;
  }
}

/** The newest event that nothing can appear before any more. */
async function frontier(sql: Sql): Promise<Cursor> {
  const { rows } = await sql.query<{ log_epoch: number; txid: string; pos: string }>(
    `SELECT log_epoch, txid, pos FROM events WHERE (log_epoch, txid) < ((SELECT epoch FROM log_meta), pg_snapshot_xmin(pg_current_snapshot()))
      ORDER BY log_epoch DESC, events.txid DESC, pos DESC LIMIT 1`,
  );
  const row = rows[0];
  return row ? { epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) } : START;
}

/** All that is committed after a cursor, also above the frontier. */
async function committedAfter(tx: Tx, after: Cursor): Promise<RecordedEvent[]> {
  const { rows } = await tx.query<EventRow>({
    name: 'committed-after',
    text: `SELECT ${EVENT_COLUMNS} FROM events WHERE (log_epoch, txid, pos) > ($1::int, $2::xid8, $3::bigint) ORDER BY log_epoch, events.txid, pos`,
    values: [after.epoch, String(after.txid), String(after.pos)],
  });
  return rows.map((row) => recorded(row));
}

const written = ({ cursor, ahead }: SourceOffset): Position => ({ cursor: formatCursor(cursor), ahead });

function read(position: Position | undefined): SourceOffset {
  return {
    cursor: typeof position?.cursor === 'string' ? parseCursor(position.cursor) : START,
    ahead: Array.isArray(position?.ahead) ? (position.ahead as string[]) : [],
  };
}
