import type { DeliveredFact } from '#bus';
import { RECORD_TYPES } from '#contracts';
import type { Sql, Tx } from '#event-sourcing';

/** Writes down what belongs to organizations' records, in the order in which it came. */
export async function writeRecord(tx: Tx, facts: readonly DeliveredFact[]): Promise<void> {
  const kept = facts.filter((fact) => RECORD_TYPES.has(fact.name));
  if (kept.length === 0) return;
  const organizationOf = await organizationsOfFacts(tx, kept);
  await tx.query(
    `WITH n AS (
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[]) WITH ORDINALITY AS n(organization_id, event_id, type, at, data, ord)
     ), heads AS (
       INSERT INTO record_heads AS h (organization_id, seq) SELECT organization_id, count(*) FROM n GROUP BY 1 ORDER BY 1
       ON CONFLICT (organization_id) DO UPDATE SET seq = h.seq + excluded.seq RETURNING h.organization_id, h.seq
     )
     INSERT INTO organization_record (organization_id, seq, event_id, type, at, data)
     SELECT organization_id, heads.seq - count(*) OVER one + row_number() OVER (one ORDER BY ord), event_id, type, at, data::jsonb
       FROM n JOIN heads USING (organization_id) WINDOW one AS (PARTITION BY organization_id)`,
    [
      kept.map(organizationOf),
      kept.map((fact) => fact.eventId),
      kept.map((fact) => fact.name),
      kept.map((fact) => fact.at),
      kept.map((fact) => JSON.stringify(fact.data)),
    ],
  );
}

/** The organization that a fact belongs to: the fact names it, or its project does, which stands here before any key of it can be made. */
async function organizationsOfFacts(tx: Tx, facts: readonly DeliveredFact[]): Promise<(fact: DeliveredFact) => string> {
  const projectIds = facts.flatMap(({ data }) =>
    'organizationId' in data || !('projectId' in data) ? [] : [data.projectId],
  );
  const { rows } = await tx.query<{ project_id: string; organization_id: string }>(
    'SELECT project_id, organization_id FROM project_places WHERE project_id = ANY($1)',
    [projectIds],
  );
  const places = new Map(rows.map((row) => [row.project_id, row.organization_id]));
  return ({ name, data }) => {
    const found =
      'organizationId' in data ? data.organizationId : 'projectId' in data ? places.get(data.projectId) : undefined;
    if (found === undefined) throw new Error(`${name} is of a project that this service does not know`);
    return found;
  };
}

/** One thing that happened; `data` is the fact's. */
export interface Recorded {
  readonly eventId: string;
  readonly type: string;
  readonly at: Date;
  readonly data: object;
}

/**
 * What follows a number, oldest first, of these types or of all. `next` stands behind all that was looked at, in one
 * snapshot: what has other types is not looked at again, and nothing that comes later has a lower number.
 */
export async function readRecord(
  sql: Sql,
  organizationId: string,
  { types, after, limit }: { types: readonly string[]; after: number; limit: number },
): Promise<{ items: Recorded[]; next: number }> {
  const { rows } = await sql.query<{
    head: number;
    seq: number | null;
    event_id: string;
    type: string;
    at: Date;
    data: object;
  }>(
    `SELECT head.seq AS head, r.seq, r.event_id, r.type, r.at, r.data
       FROM (SELECT coalesce((SELECT seq FROM record_heads WHERE organization_id = $1), 0) AS seq) AS head
       LEFT JOIN LATERAL (
         SELECT * FROM organization_record WHERE organization_id = $1 AND seq > $2 AND (cardinality($3::text[]) = 0 OR type = ANY($3)) ORDER BY seq LIMIT $4
       ) AS r ON true ORDER BY r.seq`,
    [organizationId, after, types, limit],
  );
  const items = rows.flatMap(({ seq, event_id: eventId, type, at, data }) =>
    seq === null ? [] : [{ seq, eventId, type, at, data }],
  );
  return { items, next: items.length === limit ? (items.at(-1)?.seq ?? after) : Math.max(rows[0]?.head ?? 0, after) };
}
