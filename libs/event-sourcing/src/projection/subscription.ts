import { type Cursor, START, type RecordedEvent, compareCursors } from '../decision/event.ts';
import type { EventStore, Sql, Tx } from '../decision/event-store.ts';
import type { LogWatch } from '../log/log-watch.ts';
import { Loop } from '../log/loop.ts';
import type { Projection } from './projection.ts';

const BATCH_MAX = 500;

/** How a subscription tells about trouble; it goes on trying by itself. */
export type Alarm = (subscription: string, error: unknown) => void;

/**
 * Keeps one projection up with its service's own log. The checkpoint moves in the transaction that writes the rows, by
 * compare-and-set, so a crash repeats nothing and a second replica takes turns without harm.
 */
export class Subscription {
  private checkpoint: Cursor = START;
  private next: Promise<RecordedEvent[]> | undefined;
  private readonly loop: Loop;
  private unsure = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly store: EventStore,
    private readonly sql: Sql,
    private readonly watch: LogWatch,
    readonly projection: Projection,
    private readonly alarm: Alarm,
  ) {
    this.loop = new Loop((signal) => this.turn(signal), {
      alarm: (error) => {
        this.failed(error);
      },
    });
  }

  async start(): Promise<void> {
    await this.sql.query(
      `INSERT INTO checkpoints (name, epoch, txid, pos) VALUES ($1, 0, '0', 0) ON CONFLICT DO NOTHING`,
      [this.projection.name],
    );
    await this.reload();
    this.loop.start();
  }

  /** Resolves when the batch in hand is done, whether or not the watch still runs. */
  async stop(): Promise<void> {
    const stopped = this.loop.stop();
    this.tell();
    await stopped;
  }

  /** Whether the rows show all up to the cursor, waiting at most so long. */
  async reached(cursor: Cursor, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (compareCursors(this.checkpoint, cursor) < 0) {
      const left = deadline - performance.now();
      if (left <= 0 || this.loop.signal.aborted) return false;
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.waiting.add(done);
      });
    }
    return true;
  }

  private async turn(signal: AbortSignal): Promise<number> {
    if (this.unsure) await this.reload();
    if (!(await this.step())) await this.watch.after(this.checkpoint, signal);
    return 0;
  }

  /** Reads its position anew: the commit may have succeeded although its answer was lost. */
  private failed(error: unknown) {
    this.unsure = true;
    this.alarm(this.projection.name, error);
  }

  /** One batch. False when there was none. The read is outside the transaction: a write transaction of ours must be short. */
  private async step(): Promise<boolean> {
    const batch = await (this.next ?? this.store.readLog(this.checkpoint, BATCH_MAX));
    this.next = undefined;
    const last = batch.at(-1);
    if (!last) return false;
    // A full batch has one behind it: that is read while this one is written.
    if (batch.length === BATCH_MAX) this.next = this.store.readLog(last.cursor, BATCH_MAX);
    this.next?.catch(() => undefined);
    const mine = batch.filter((event) => this.projection.categories.includes(event.category));
    const moved = await this.store.transact((_store, tx) => this.applyBatch(tx, mine, last.cursor));
    if (moved) this.checkpoint = last.cursor;
    else await this.reload();
    this.tell();
    return true;
  }

  /** Need not wait for the disk: what a crash of the server takes from the rows it takes from the checkpoint, and it is made again. */
  private async applyBatch(tx: Tx, events: readonly RecordedEvent[], to: Cursor): Promise<boolean> {
    const from = this.checkpoint;
    const { rowCount } = await tx.query(
      `UPDATE checkpoints SET epoch = $2, txid = $3, pos = $4, updated_at = clock_timestamp()
        WHERE name = $1 AND (epoch, txid, pos) = ($5::int, $6::xid8, $7::bigint)
        RETURNING set_config('synchronous_commit', 'off', true)`,
      [
        this.projection.name,
        to.epoch,
        String(to.txid),
        String(to.pos),
        from.epoch,
        String(from.txid),
        String(from.pos),
      ],
    );
    // Another replica has moved it: its rows are there, ours would be written twice.
    if (rowCount === 0) return false;
    if (events.length > 0) await this.projection.apply(tx, events);
    return true;
  }

  private async reload() {
    this.next = undefined;
    const { rows } = await this.sql.query<{ epoch: number; txid: string; pos: string }>(
      'SELECT epoch, txid, pos FROM checkpoints WHERE name = $1',
      [this.projection.name],
    );
    const row = rows[0];
    if (row) this.checkpoint = { epoch: row.epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) };
    this.unsure = false;
  }

  private tell() {
    for (const wake of [...this.waiting]) wake();
  }
}
