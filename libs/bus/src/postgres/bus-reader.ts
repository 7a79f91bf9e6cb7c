import type { Topic } from '#contracts';
import type { Sql } from '#event-sourcing';
import type { BusRecord, PartitionRange } from '../port/bus.ts';
import { recordOf } from '../port/record.ts';

interface BusRow {
  offset: string | number;
  key: string;
  /** JSON. */
  headers: string;
  value: string;
}

/** Records from an offset on, in order. */
export async function readRecords(sql: Sql, topic: Topic, from: number, limit: number): Promise<BusRecord[]> {
  const { rows } = await sql.query<BusRow>({
    name: 'bus-read',
    text: `SELECT "offset", key, headers::text, value::text FROM bus_log WHERE topic = $1 AND "offset" >= $2 ORDER BY "offset" LIMIT $3`,
    values: [topic, from, limit],
  });
  return rows.map(({ offset, key, headers, value }) =>
    recordOf(topic, 0, Number(offset), {
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: headersOf(JSON.parse(headers)),
    }),
  );
}

/** Reads of one process: those who ask for the same place while it is read share the answer, as consumers do who are woken together. */
export class SharedReads {
  private readonly underWay = new Map<string, Promise<readonly BusRecord[]>>();

  constructor(private readonly sql: Sql) {}

  /** As `readRecords`. */
  read(topic: Topic, from: number, limit: number): Promise<readonly BusRecord[]> {
    const place = `${topic}@${from}+${limit}`;
    const read =
      this.underWay.get(place) ??
      readRecords(this.sql, topic, from, limit).finally(() => {
        this.underWay.delete(place);
      });
    this.underWay.set(place, read);
    return read;
  }
}

const headersOf = (held: unknown) =>
  Object.entries(held ?? {}).map(
    ([name, value]) => [name, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))] as const,
  );

/** What the topic holds: its one partition. An emptied topic holds nothing, but goes on where it ended. */
export async function readRange(sql: Sql, topic: Topic): Promise<PartitionRange> {
  const { rows } = await sql.query<{ first: string | number | null; next: string | number }>(
    `SELECT (SELECT min("offset") FROM bus_log WHERE topic = $1) AS first, coalesce((SELECT next_offset FROM bus_topics WHERE topic = $1), 0) AS next`,
    [topic],
  );
  const next = Number(rows[0]?.next ?? 0);
  return { topic, partition: 0, first: Number(rows[0]?.first ?? next), next };
}
