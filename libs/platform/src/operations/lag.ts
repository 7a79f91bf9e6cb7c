import type { Bus } from '#bus';
import type { operations, Topic } from '#contracts';
import { type Sql, within } from '#event-sourcing';

const COUNTED_MAX = 100_000;

/** How far something is behind: events (counted up to a bound, 100,000 unless another is given) and the age of the oldest of them, by the database's clock. */
export interface Lag {
  readonly events: number;
  readonly seconds: number;
}

/** What the log has beyond a place in it. Text for the numbers that JavaScript cannot hold. */
export async function behindInLog(
  sql: Sql,
  place: { epoch: number; txid: string; pos: string | number },
  countedMax = COUNTED_MAX,
): Promise<Lag> {
  const { rows } = await sql.query<{ events: string; seconds: number | null }>(
    `SELECT count(*)::int AS events, extract(epoch FROM clock_timestamp() - min(recorded_at))::float8 AS seconds
       FROM (SELECT recorded_at FROM events WHERE (log_epoch, txid, pos) > ($1::int, $2::xid8, $3::bigint) ORDER BY log_epoch, txid, pos LIMIT $4) AS behind`,
    [place.epoch, place.txid, place.pos, countedMax],
  );
  return { events: Number(rows[0]?.events ?? 0), seconds: Math.max(rows[0]?.seconds ?? 0, 0) };
}

/** The relay's place in its own log, and how far it is behind. Undefined before its first start. */
export async function relayLag(
  sql: Sql,
  service: string,
  countedMax?: number,
): Promise<(Lag & { position: string }) | undefined> {
  const { rows } = await sql.query<{ epoch: number; txid: string; pos: string }>(
    'SELECT log_epoch AS epoch, log_txid AS txid, log_pos AS pos FROM relay WHERE name = $1',
    [service],
  );
  const row = rows[0];
  return row && { ...(await behindInLog(sql, row, countedMax)), position: `${row.epoch}.${row.txid}.${row.pos}` };
}

/** Read models that follow the log. */
export async function projectionLags(sql: Sql, countedMax?: number): Promise<operations.Lag[]> {
  const { rows } = await sql.query<{ name: string; epoch: number; txid: string; pos: string }>(
    'SELECT name, epoch, txid, pos FROM checkpoints ORDER BY name',
  );
  return Promise.all(
    rows.map(async ({ name, ...place }) => {
      const { events, seconds } = await behindInLog(sql, place, countedMax);
      return { kind: 'projection', name, of: 'log', behindEvents: events, behindSeconds: seconds };
    }),
  );
}

/** In seconds; undefined for what has no time. */
function age(time: string | undefined, now: number): number | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : Math.max((now - at) / 1000, 0);
}

/** A bus that is away is tried for long before it is given up; a health report must be answered earlier. */
const BUS_MAX_MS = 1_500;

/** What is told of the bus, or why it cannot be looked at: a report of a fault must survive that fault. */
export const ofTheBus = <T>(look: () => Promise<T>): Promise<{ readonly told: T } | { readonly trouble: string }> =>
  within(BUS_MAX_MS, look).then(
    (told) => ({ told }),
    (error: unknown) => ({
      trouble: `the bus does not answer as it should: ${error instanceof Error ? error.message : String(error)}; what is decided waits in the log`,
    }),
  );

/** Consumers of the bus: every partition that they have a place in. */
export async function consumerLags(sql: Sql, bus: Bus, now: () => number = Date.now): Promise<operations.Lag[]> {
  const { rows } = await sql.query<{ consumer: string; topic: Topic; partition: number; next_offset: string | number }>(
    'SELECT consumer, topic, partition, next_offset FROM inbox_offsets ORDER BY consumer, topic, partition',
  );
  const topics = [...new Set(rows.map(({ topic }) => topic))];
  const ranges = (await Promise.all(topics.map((topic) => bus.ranges(topic)))).flat();
  return Promise.all(
    rows.map(async ({ consumer, topic, partition, next_offset: at }) => {
      const end = ranges.find((range) => range.topic === topic && range.partition === partition)?.next ?? 0;
      const events = Math.max(end - Number(at), 0);
      const next = events === 0 ? undefined : await bus.recordAt(topic, partition, Number(at));
      return {
        kind: 'consumer',
        name: consumer,
        of: `${topic}/${partition}`,
        behindEvents: events,
        behindSeconds: events === 0 ? 0 : age(next?.message.time, now()),
      };
    }),
  );
}
