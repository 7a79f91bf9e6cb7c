import type { Client } from 'pg';
import { type Acknowledged, KINDS, type Kind } from './ledger.ts';

interface Found {
  readonly trace: string | null;
  readonly type: string;
  readonly subject: string;
}

export interface Compared {
  readonly lost: string[];
  readonly invented: string[];
}

/** Each acknowledged command beside the log: its event is there once, on its own subject, and no event is there without a command. */
export async function compareLog(
  client: Client,
  database: string,
  acknowledged: readonly Acknowledged[],
  sent: ReadonlyMap<string, Kind>,
  given: ReadonlySet<string>,
): Promise<Compared> {
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].database === database);
  const { rows } = await client.query<Found>(
    `SELECT split_part(meta->>'traceparent', '-', 2) AS trace, type, coalesce(data->>'projectId', '') AS project, right(stream_id, 36) AS stream,
            CASE WHEN type IN ('ProjectCreated', 'ProjectRenamed') THEN data->>'projectId' ELSE right(stream_id, 36) END AS subject
       FROM events WHERE type = ANY ($1)`,
    [kinds.map((kind) => KINDS[kind].event)],
  );
  const byTrace = new Map<string, Found>();
  const invented: string[] = [];
  for (const row of rows.filter(({ subject }) => !given.has(subject))) add(row, byTrace, sent, invented);
  const lost = acknowledged
    .filter(({ kind, trace, subject }) => kinds.includes(kind) && !isEventOf(byTrace.get(trace), kind, subject))
    .map(({ kind, subject }) => `${kind} of ${subject} is not in the log`);
  return { lost: [...lost, ...(await holes(client))], invented };
}

function add(row: Found, byTrace: Map<string, Found>, sent: ReadonlyMap<string, Kind>, invented: string[]) {
  const kind = sent.get(row.trace ?? '');
  if (!kind || KINDS[kind].event !== row.type) invented.push(`${row.type} of ${row.subject} was asked for by nobody`);
  else if (byTrace.has(row.trace ?? '')) invented.push(`${row.type} of ${row.subject} is there twice for one command`);
  else byTrace.set(row.trace ?? '', row);
}

const isEventOf = (found: Found | undefined, kind: Kind, subject: string) =>
  found?.type === KINDS[kind].event && found.subject === subject;

/** Streams that do not count 1, 2, … up to the version that they say they have. */
async function holes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT coalesce(s.id, e.stream_id) AS id FROM streams s FULL JOIN (SELECT stream_id, min(version) AS first, max(version) AS last, count(*) AS count FROM events GROUP BY 1) e ON e.stream_id = s.id
      WHERE s.id IS NULL OR e.stream_id IS NULL OR first <> 1 OR last <> count OR last <> s.version`,
  );
  return rows.map(({ id }) => `the stream ${id} has holes`);
}
