import {
  BackOff,
  barrier,
  compareCursors,
  type Cursor,
  type EventStore,
  frontierAge,
  type LogWatch,
  Loop,
  type RecordedEvent,
  type Sql,
  START,
} from '#event-sourcing';
import type { Alarm, Bus, Message } from '../port/bus.ts';
import { crashPoint } from '../port/crash-point.ts';
import { LeaderLease } from '../port/leader-lease.ts';
import { type Mark, markOf, messageOf, NONE, type Publish, Unpublishable } from '../port/message.ts';
import { verifyLogNotRolledBack } from './rolled-back.ts';

const BATCH_MAX = 1_000;

/** What a relay needs. */
export interface RelayOptions {
  readonly service: string;
  readonly pool: Sql;
  readonly store: Pick<EventStore, 'readLog' | 'head'>;
  readonly watch: Pick<LogWatch, 'after'>;
  readonly bus: Bus;
  /** `outbox.ts`. */
  readonly publish: Publish;
  readonly alarm: Alarm;
  readonly leaseMs?: number;
  /** Longest wait after failures. */
  readonly backOffMaxMs?: number;
  /** Called around each batch that is published, for those who measure. */
  readonly around?: <T>(messages: readonly Message[], work: () => Promise<T>) => Promise<T>;
}

/**
 * Publishes a service's own log, in its order. One relay of a service is active at a time; the checkpoint moves by
 * compare-and-set on place and epoch, so a crash or an overtaken relay repeats messages but never leaves one out.
 */
export class Relay {
  private checkpoint: Cursor = START;
  private readonly lease: LeaderLease;
  private readonly loop: Loop;
  private renewAt = 0;
  private watching = false;
  private trouble: string | undefined;
  private standsStill: string | undefined;

  constructor(private readonly options: RelayOptions) {
    this.lease = new LeaderLease(options.pool, 'relay', options.service, options.leaseMs);
    this.loop = new Loop(() => this.turn(), {
      backOff: new BackOff(50, options.backOffMaxMs),
      alarm: (error) => {
        this.failed(error);
      },
    });
  }

  /** `failing` says that it is active but cannot go on: `failure` says why. */
  get state(): 'active' | 'standby' | 'failing' {
    if (this.trouble !== undefined) return 'failing';
    return this.lease.epoch === undefined ? 'standby' : 'active';
  }

  /** Why it could not go on when it last tried. */
  get failure(): string | undefined {
    return this.trouble;
  }

  /** Why nothing is published until an operator mends it: an event cannot be told. That the log is not whole is told by the log itself. */
  get fault(): string | undefined {
    return this.standsStill;
  }

  async start(): Promise<void> {
    await this.lease.open();
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.lease.release().catch(() => undefined);
  }

  private async turn(): Promise<number> {
    const active = await this.active();
    const more = active && (await this.step());
    this.trouble = undefined;
    if (!active) return this.lease.ms / 3;
    this.standsStill = undefined;
    return more ? 0 : this.quiet();
  }

  private failed(error: unknown) {
    this.trouble = error instanceof Error ? error.message : String(error);
    if (error instanceof Unpublishable) this.standsStill = error.message;
    this.options.alarm(`relay of ${this.options.service}`, error);
  }

  /** Whether this is the active relay. Takes the lease when it is free, and prolongs it when that is due. */
  private async active(): Promise<boolean> {
    const before = this.lease.epoch;
    if (before !== undefined && performance.now() < this.renewAt) return true;
    if (!(await this.lease.hold())) return false;
    this.renewAt = performance.now() + this.lease.ms / 3;
    return this.lease.epoch === before || this.takeOver();
  }

  private async takeOver(): Promise<boolean> {
    try {
      const { service, pool, bus } = this.options;
      await verifyLogNotRolledBack({ service, sql: pool, bus });
      this.checkpoint = await this.load();
      return true;
    } catch (error) {
      // Held without a checkpoint it would be taken for active: let it go and come back.
      await this.lease.release();
      throw error;
    }
  }

  /** Rings when there is something new. Answers when the lease is due. */
  private quiet(): number {
    if (!this.watching) {
      this.watching = true;
      void this.options.watch.after(this.checkpoint).finally(() => {
        this.watching = false;
        this.loop.ring();
      });
    }
    return Math.max(this.renewAt - performance.now(), 1);
  }

  /** One batch; true where it was full, so that there may be more. */
  private async step(): Promise<boolean> {
    const events = await this.options.store.readLog(this.checkpoint, BATCH_MAX);
    const last = events.at(-1);
    if (!last) return false;
    const messages = await this.translate(events);
    crashPoint('relay:after-read');
    // What was read may not have been confirmed by every standby yet: nobody hears of what a promotion could lose.
    if (messages.length > 0) await barrier(this.options.pool);
    if (messages.length > 0) await this.publish(messages);
    crashPoint('relay:after-publish');
    if (await this.advance(last.cursor, messages)) this.checkpoint = last.cursor;
    // A newer epoch: another relay goes on from its own checkpoint. What was published twice is dropped by event id.
    else this.lease.lost();
    crashPoint('relay:after-checkpoint');
    return events.length === BATCH_MAX || this.lease.epoch === undefined;
  }

  private publish(messages: readonly Message[]): Promise<void> {
    const work = () => this.options.bus.publish(messages);
    return this.options.around ? this.options.around(messages, work) : work();
  }

  private async translate(events: readonly RecordedEvent[]): Promise<Message[]> {
    const streams = [...new Set(events.map((event) => event.streamId))];
    const { rows } = await this.options.pool.query<Mark & { stream_id: string }>({
      name: 'relay-versions',
      text: 'SELECT stream_id, epoch, version FROM relay_versions WHERE stream_id = ANY($1)',
      values: [streams],
    });
    const published = new Map<string, Mark>(rows.map(({ stream_id: id, epoch, version }) => [id, { epoch, version }]));
    return events.flatMap((event) => {
      const message = messageOf(
        event,
        this.options.publish,
        published.get(event.streamId) ?? NONE,
        this.options.service,
      );
      if (message) published.set(event.streamId, markOf(message));
      return message ? [message] : [];
    });
  }

  private async advance(to: Cursor, messages: readonly Message[]): Promise<boolean> {
    const marks = new Map(messages.map((message) => [message.key, markOf(message)]));
    const { rows } = await this.options.pool.query<{ moved: string | number }>({
      name: 'advance-relay',
      text: `WITH moved AS (
               UPDATE relay SET log_epoch = $3, log_txid = $4, log_pos = $5
                WHERE name = $1 AND epoch = $2 AND (log_epoch, log_txid, log_pos) = ($6::int, $7::xid8, $8::bigint) RETURNING 1
             ), versions AS (
               INSERT INTO relay_versions AS r (stream_id, epoch, version)
               SELECT v.stream_id, v.epoch, v.version FROM unnest($9::text[], $10::int[], $11::int[]) AS v(stream_id, epoch, version), moved
               ON CONFLICT (stream_id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version
             ) SELECT count(*) AS moved FROM moved`,
      values: [
        this.options.service,
        this.lease.epoch ?? -1,
        to.epoch,
        String(to.txid),
        String(to.pos),
        this.checkpoint.epoch,
        String(this.checkpoint.txid),
        String(this.checkpoint.pos),
        [...marks.keys()],
        [...marks.values()].map(({ epoch }) => epoch),
        [...marks.values()].map(({ version }) => version),
      ],
    });
    return Number(rows[0]?.moved) === 1;
  }

  private async load(): Promise<Cursor> {
    const { rows } = await this.options.pool.query<{ log_epoch: number; log_txid: string; log_pos: string }>(
      'SELECT log_epoch, log_txid, log_pos FROM relay WHERE name = $1',
      [this.options.service],
    );
    const row = rows[0];
    return row ? { epoch: row.log_epoch, txid: BigInt(row.log_txid), pos: BigInt(row.log_pos) } : START;
  }
}

/** Whether the relay has published all up to a cursor. For tests and `outbox status`. */
export async function relayReached(sql: Sql, service: string, cursor: Cursor): Promise<boolean> {
  const { rows } = await sql.query<{ log_epoch: number; log_txid: string; log_pos: string }>(
    'SELECT log_epoch, log_txid, log_pos FROM relay WHERE name = $1',
    [service],
  );
  const row = rows[0];
  return (
    row !== undefined &&
    compareCursors({ epoch: row.log_epoch, txid: BigInt(row.log_txid), pos: BigInt(row.log_pos) }, cursor) >= 0
  );
}

/** A command takes its time before its transaction begins: at most this long. */
const COMMAND_MAX_MS = 10_000;

/**
 * Up to when all that a service has decided is on the bus; undefined while its relay has not come to the end of the log.
 * What is being written at this moment was begun after that instant. @param now of the clock that events carry
 */
export async function publishedUpTo({
  sql,
  store,
  service,
  now,
}: {
  sql: Sql;
  store: Pick<EventStore, 'head'>;
  service: string;
  now: Date;
}): Promise<Date | undefined> {
  const { ageMs } = await frontierAge(sql);
  if (!(await relayReached(sql, service, await store.head()))) return undefined;
  return new Date(now.getTime() - ageMs - COMMAND_MAX_MS);
}
