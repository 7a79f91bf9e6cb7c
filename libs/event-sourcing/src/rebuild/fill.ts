import type { PoolClient } from 'pg';
import { escapeLiteral } from 'pg';
import { Changes } from '../projection/changes.ts';
import { type Cursor, type DomainEvent, formatCursor, parseCursor } from '../decision/event.ts';
import type { Projection, Seen } from '../projection/projection.ts';
import { categoryOf, idOf } from '../log/row.ts';
import type { Table } from '../projection/table.ts';
import { lockPosition, record, schemaOf } from './build.ts';
import { copyIn, copyOut, lineOf, unescaped } from './copy-text.ts';
import type { BuildContext } from './source.ts';
import { inTransaction, shortIn } from '../log/transaction.ts';

const READ_MAX = 20_000;
/** Rows a write transaction: as many as take well under 20 ms, in which all followers of the cluster wait. */
const WRITE = { first: 2_000, min: 250, max: 8_000, aimMs: 10, mostMs: 16 };
const LAST = 2 ** 31 - 1;

interface FillCursor {
  stream: string;
  version: number;
}

/**
 * Fills empty tables with all up to a cursor. The log is read stream by stream, so that a row is complete when its stream
 * ends: rows are only inserted, by COPY, and never read again. Reading, folding and writing overlap.
 */
export async function fillByStream(
  { pool, build, progress, signal }: BuildContext,
  projection: Required<Pick<Projection, 'fold' | 'categories'>>,
  upTo: Cursor,
): Promise<void> {
  const writer = new Writer(pool, build, upTo);
  const changes = new Changes();
  const reader = await pool.connect();
  let ended = false;
  try {
    let at: FillCursor = {
      stream: typeof build.position.stream === 'string' ? build.position.stream : '',
      version: LAST,
    };
    let done = build.done;
    let stream = '';
    let category = '';
    let id = '';
    let wanted = false;
    let next = read(reader, projection.categories, at, upTo);
    for (;;) {
      const lines = await next;
      signal.throwIfAborted();
      const last = lines.at(-1)?.split('\t', 2);
      ended = lines.length < READ_MAX;
      if (last && !ended) {
        at = { stream: unescaped(last[0] ?? ''), version: Number(last[1]) };
        next = read(reader, projection.categories, at, upTo);
        // Until it is awaited its failure would be unhandled, which ends the process.
        next.catch(() => undefined);
      }
      for (const line of lines) {
        const [streamId = '', version = '', type = '', data = '', at = ''] = line.split('\t');
        if (streamId !== stream) {
          if (stream !== '') {
            changes.drain((table, row) => {
              writer.add(table, lineOf(table, row));
            });
            if (writer.isFull) await writer.write(unescaped(stream), done);
          }
          stream = streamId;
          category = categoryOf(unescaped(stream));
          id = idOf(unescaped(stream), category);
          wanted = projection.categories.includes(category);
        }
        done++;
        if (wanted) projection.fold(changes, new FilledEvent(id, category, stream, Number(version), type, data, at));
      }
      progress(lines.length);
      if (ended) break;
    }
    changes.drain((table, row) => {
      writer.add(table, lineOf(table, row));
    });
    await writer.write(unescaped(stream), done);
    await writer.settled();
  } finally {
    await writer.settled().catch(() => undefined);
    // A COPY that was given up must not meet the connection's next user.
    reader.release(!ended);
  }
}

function read(client: PoolClient, categories: readonly string[], after: FillCursor, upTo: Cursor): Promise<string[]> {
  const wanted = categories.map((category) => `starts_with(stream_id, ${escapeLiteral(`${category}-`)})`).join(' OR ');
  return copyOut(
    client,
    `SELECT stream_id, version, type, data, occurred_at FROM events
    WHERE (stream_id, version) > (${escapeLiteral(after.stream)}, ${after.version}) AND (log_epoch, txid, pos) <= (${upTo.epoch}, '${upTo.txid}'::xid8, ${upTo.pos}) AND (${wanted})
    ORDER BY stream_id, version LIMIT ${READ_MAX}`,
  );
}

/** An event as a line told it. What a projection does not look at is not parsed: for many events that is all but the type. */
class FilledEvent implements Seen {
  private parsed: object | undefined;

  constructor(
    readonly id: string,
    readonly category: string,
    private readonly stream: string,
    readonly version: number,
    private readonly kind: string,
    private readonly json: string,
    private readonly instant: string,
  ) {}

  get streamId(): string {
    return unescaped(this.stream);
  }

  /** One object less an event: it is its own `event`. */
  get event(): DomainEvent {
    return this;
  }

  get type(): string {
    return unescaped(this.kind);
  }

  get data(): object {
    this.parsed ??= JSON.parse(unescaped(this.json)) as object;
    return this.parsed;
  }

  /** PostgreSQL's text in UTC, which is the way that this connection is told to write it. */
  get occurredAt(): Date {
    return new Date(`${this.instant.slice(0, 10)}T${this.instant.slice(11)}:00`);
  }
}

/** Collects lines by table and writes them in short transactions, one at a time, while the next are made. */
class Writer {
  private lines = new Map<string, { table: Table; lines: string[] }>();
  private count = 0;
  private most = WRITE.first;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: BuildContext['pool'],
    private readonly build: BuildContext['build'],
    private readonly upTo: Cursor,
  ) {}

  get isFull(): boolean {
    return this.count >= this.most;
  }

  add(table: Table, line: string): void {
    const known = this.lines.get(table.name);
    if (known) known.lines.push(line);
    else this.lines.set(table.name, { table, lines: [line] });
    this.count++;
  }

  /** Begins to write all that was collected, with the last stream that is complete, once the write before has ended. */
  async write(stream: string, done: number): Promise<void> {
    await this.writing;
    const tables = [...this.lines.values()];
    this.lines = new Map();
    this.count = 0;
    this.writing = this.commit(tables, stream, done);
    this.writing.catch(() => undefined);
  }

  settled(): Promise<void> {
    return this.writing;
  }

  private async commit(tables: readonly { table: Table; lines: string[] }[], stream: string, done: number) {
    const schema = schemaOf(this.build);
    let from = 0;
    await inTransaction(this.pool, shortIn(schema), async (client) => {
      // A build that another process has taken over or dropped is not written to any more.
      if (!(await lockPosition(client, this.build)))
        throw new Error(`build ${this.build.n} of ${this.build.name} is gone`);
      from = performance.now();
      for (const { table, lines } of tables) await copyIn(client, schema, table, lines);
      await record(client, this.build, { position: { upTo: formatCursor(this.upTo), stream }, done });
    });
    const took = performance.now() - from;
    if (took > WRITE.mostMs) this.most = Math.max(WRITE.min, Math.floor(this.most / 2));
    else if (took < WRITE.aimMs) this.most = Math.min(WRITE.max, Math.floor(this.most * 1.25));
  }
}

/** Up to where a fill that was begun goes. */
export const fillTarget = (position: Readonly<Record<string, unknown>>): Cursor | undefined =>
  typeof position.upTo === 'string' ? parseCursor(position.upTo) : undefined;
