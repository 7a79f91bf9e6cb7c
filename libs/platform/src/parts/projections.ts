import {
  compareCursors,
  type Cursor,
  type EventStore,
  type LogWatch,
  type Projection,
  START,
  Subscription,
  type Sql,
  type Alarm,
} from '#event-sourcing';

const SEEN = /^([\w-]+)@(\d{1,9})$/;

/** All read models of a service that follow its own log. */
export class Projections {
  private readonly subscriptions: readonly Subscription[];

  constructor(
    private readonly sql: Sql,
    store: EventStore,
    watch: LogWatch,
    projections: readonly Projection[],
    alarm: Alarm,
  ) {
    this.subscriptions = projections.map((projection) => new Subscription(store, sql, watch, projection, alarm));
  }

  async start(): Promise<void> {
    for (const subscription of this.subscriptions) await subscription.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
  }

  /**
   * Waits until the read models show what the reader has seen (`key-1f…@3`, comma-separated), at most so long.
   * Streams of other services are not looked for. Answers whether they show it.
   */
  async reached(seen: string, timeoutMs: number): Promise<boolean> {
    const cursor = await this.newest(seen);
    if (compareCursors(cursor, START) === 0) return true;
    const reached = await Promise.all(
      this.subscriptions.map((subscription) => subscription.reached(cursor, timeoutMs)),
    );
    return reached.every(Boolean);
  }

  private async newest(seen: string): Promise<Cursor> {
    const wanted = seen
      .split(',')
      .flatMap((entry) => {
        const [, streamId, version] = SEEN.exec(entry) ?? [];
        return streamId === undefined ? [] : [{ streamId, version: Number(version) }];
      })
      .slice(0, 20);
    if (wanted.length === 0 || this.subscriptions.length === 0) return START;
    const { rows } = await this.sql.query<{ log_epoch: number; txid: string; pos: string }>({
      name: 'seen',
      text: `SELECT log_epoch, txid, pos FROM events JOIN unnest($1::text[], $2::int[]) AS seen(stream_id, version) USING (stream_id, version)
              ORDER BY log_epoch DESC, events.txid DESC, pos DESC LIMIT 1`,
      values: [wanted.map((w) => w.streamId), wanted.map((w) => w.version)],
    });
    const row = rows[0];
    return row ? { epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) } : START;
  }
}
