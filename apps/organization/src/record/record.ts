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
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[]) WITH ORDINALITY AS n(organization_id, event_id, type, at, data, actor, ord)
     ), heads AS (
       INSERT INTO record_heads AS h (organization_id, seq) SELECT organization_id, count(*) FROM n GROUP BY 1 ORDER BY 1
       ON CONFLICT (organization_id) DO UPDATE SET seq = h.seq + excluded.seq RETURNING h.organization_id, h.seq
     )
     INSERT INTO organization_record (organization_id, seq, event_id, type, at, data, actor)
     SELECT organization_id, heads.seq - count(*) OVER one + row_number() OVER (one ORDER BY ord), event_id, type, at, data::jsonb, actor
       FROM n JOIN heads USING (organization_id) WINDOW one AS (PARTITION BY organization_id)`,
    [
      kept.map(organizationOf),
      kept.map((fact) => fact.eventId),
      kept.map((fact) => fact.name),
      kept.map((fact) => fact.at),
      kept.map((fact) => JSON.stringify(fact.data)),
      kept.map((fact) => fact.actor ?? null),
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

/** One thing that happened; `data` is the fact's, `actor` null where nobody was told. */
export interface Recorded {
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly at: Date;
  readonly data: object;
  readonly actor: string | null;
}

/** Which part of a record: of these types or of all, by this actor, about this key. */
export interface RecordPart {
  readonly types: readonly string[];
  /** `account:<id>` */
  readonly actor?: string | undefined;
  readonly keyId?: string | undefined;
  readonly newestFirst?: boolean;
  /** The number of the last one seen in that order; 0: from the beginning. */
  readonly after: number;
  readonly limit: number;
}

/**
 * What follows a number, oldest first. `next` stands behind all that was looked at, in one snapshot: what is of other parts is not looked at
 * again, and nothing that comes later has a lower number. Newest first it is the last one's number, 0 where the record began.
 */
export async function readRecord(
  sql: Sql,
  organizationId: string,
  { types, actor, keyId, newestFirst = false, after, limit }: RecordPart,
): Promise<{ items: Recorded[]; next: number }> {
  const { rows } = await sql.query<
    Omit<Recorded, 'seq' | 'eventId'> & { head: number; seq: number | null; event_id: string }
  >(
    `SELECT head.seq AS head, r.seq, r.event_id, r.type, r.at, r.data, r.actor
       FROM (SELECT coalesce((SELECT seq FROM record_heads WHERE organization_id = $1), 0) AS seq) AS head
       LEFT JOIN LATERAL (
         SELECT * FROM organization_record
          WHERE organization_id = $1 AND ${newestFirst ? '($2 = 0 OR seq < $2)' : 'seq > $2'} AND (cardinality($3::text[]) = 0 OR type = ANY($3))
            AND ($5::text IS NULL OR actor = $5) AND ($6::text IS NULL OR data->>'keyId' = $6)
          ORDER BY seq ${newestFirst ? 'DESC' : ''} LIMIT $4
       ) AS r ON true ORDER BY r.seq ${newestFirst ? 'DESC' : ''}`,
    [organizationId, after, types, limit, actor ?? null, keyId ?? null],
  );
  const items = rows.flatMap(({ seq, event_id: eventId, type, at, data, actor: by }) =>
    seq === null ? [] : [{ seq, eventId, type, at, data, actor: by }],
  );
  const last = items.length === limit ? items.at(-1)?.seq : undefined;
  if (newestFirst) return { items, next: last === undefined || last === 1 ? 0 : last };
  return { items, next: last ?? Math.max(rows[0]?.head ?? 0, after) };
}
