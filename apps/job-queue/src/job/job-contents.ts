import type { Sql, Tx } from '#event-sourcing';
import type { WrittenCircuit } from '../simulator/circuit.ts';
import type { JobInput } from './job-input.ts';
import { type JobStats, statsOf } from './job-stats.ts';

/** A job as it is kept: its long parts are text already, so that the main thread, which serves all requests, never holds them as objects. */
export interface WrittenJob {
  readonly type: JobInput['type'];
  readonly name: string | null;
  readonly backend: string;
  readonly shots: number;
  readonly dryRun: boolean;
  readonly noise: string;
  readonly metadata: string;
  readonly settings: string;
  readonly stats: string;
  readonly children: string;
  readonly circuits: Uint8Array<ArrayBuffer>;
  /** How many of its circuits have an id of their own. */
  readonly childCount: number;
  readonly estimatedMs: number;
}

export function written({
  type,
  name,
  backend,
  shots,
  dryRun,
  noise,
  metadata,
  settings,
  circuits,
  estimatedMs,
}: JobInput): WrittenJob {
  const children =
    type === 'ionq.multi-circuit.v1'
      ? circuits.map((circuit): Child => ({ name: circuit.name, stats: statsOf([circuit]) }))
      : [];
  const [noiseJson, metadataJson, settingsJson, stats, childrenJson] = [
    noise ?? {},
    metadata,
    settings,
    statsOf(circuits),
    children,
  ].map((part) => JSON.stringify(part)) as [string, string, string, string, string];
  return {
    type,
    name,
    backend,
    shots,
    dryRun,
    noise: noiseJson,
    metadata: metadataJson,
    settings: settingsJson,
    stats,
    children: childrenJson,
    circuits: new TextEncoder().encode(JSON.stringify(circuits)),
    childCount: children.length,
    estimatedMs,
  };
}

/** What a job computes and what came out: big, the owner's, and never in an event. Written in the transaction of the event that speaks of it. */
export async function writeInput(
  tx: Tx,
  jobId: string,
  organizationId: string,
  { type, name, shots, dryRun, noise, metadata, settings, stats, children, circuits, estimatedMs }: WrittenJob,
): Promise<void> {
  // Bytes are bound in binary form, which for text is UTF-8: they are never made a string here.
  await tx.query(
    `INSERT INTO job_inputs (job_id, type, name, shots, dry_run, noise, metadata, settings, stats, children, circuits, organization_id, estimated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      jobId,
      type,
      name,
      shots,
      dryRun,
      noise,
      metadata,
      settings,
      stats,
      children,
      Buffer.from(circuits.buffer),
      organizationId,
      estimatedMs,
    ],
  );
}

/** What is told of one circuit of several. */
export interface Child {
  readonly name: string | null;
  readonly stats: JobStats;
}

export interface Work {
  readonly shots: number;
  readonly noise: { readonly model?: string; readonly seed?: number | null };
  readonly circuits: readonly WrittenCircuit[];
}

/** The list of circuits is taken apart by the database: ten megabytes of it would hold up everybody else here. */
export async function readWork(sql: Sql, jobId: string): Promise<Work | undefined> {
  const {
    rows: [row],
  } = await sql.query<{ shots: number; noise: string; stats: string; children: string }>(
    'SELECT shots, noise, stats, children FROM job_inputs WHERE job_id = $1',
    [jobId],
  );
  const { rows } = await sql.query<{ json: string }>(
    'SELECT each.value::text AS json FROM job_inputs, json_array_elements(circuits::json) WITH ORDINALITY AS each (value, place) WHERE job_id = $1 ORDER BY place',
    [jobId],
  );
  if (!row || rows.length === 0) return undefined;
  const [whole, children] = [JSON.parse(row.stats) as JobStats, JSON.parse(row.children) as Child[]];
  return {
    shots: row.shots,
    noise: JSON.parse(row.noise) as Work['noise'],
    circuits: rows.map(({ json }, index) => ({ json, qubits: (children[index]?.stats ?? whole).qubits })),
  };
}

/** Once a circuit: what is there stays. Nothing for a job that was deleted meanwhile. */
export async function writeResult(sql: Sql, jobId: string, circuit: number, probabilities: string): Promise<void> {
  await sql.query(
    `INSERT INTO job_results (job_id, circuit, probabilities) SELECT job_id, $2, $3 FROM job_inputs WHERE job_id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING`,
    [jobId, circuit, probabilities],
  );
}

/** Circuits that have their result, and how long each is. */
export async function resultsWritten(sql: Sql, jobId: string): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql.query<{ circuit: number; bytes: number }>(
    'SELECT circuit, octet_length(probabilities) AS bytes FROM job_results WHERE job_id = $1',
    [jobId],
  );
  return new Map(rows.map(({ circuit, bytes }) => [circuit, bytes]));
}

export async function deleteContents(tx: Tx, jobId: string): Promise<void> {
  await tx.query('DELETE FROM job_inputs WHERE job_id = $1', [jobId]);
}
