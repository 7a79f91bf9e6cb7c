import type { Sql, Tx } from '#event-sourcing';
import type { JobInput, NamedCircuit } from './job-input.ts';
import { type JobStats, statsOf } from './job-stats.ts';

/** What a job computes and what came out: big, the owner's, and never in an event. Written in the transaction of the event that speaks of it. */
export async function writeInput(tx: Tx, jobId: string, organizationId: string, input: JobInput): Promise<void> {
  const children = input.type === 'ionq.multi-circuit.v1' ? input.circuits.map((circuit): Child => ({ name: circuit.name, stats: statsOf([circuit]) })) : [];
  await tx.query(
    `INSERT INTO job_inputs (job_id, type, name, shots, dry_run, noise, metadata, settings, stats, children, circuits, organization_id, estimated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [jobId, input.type, withoutNul(input.name), input.shots, input.dryRun, JSON.stringify(input.noise ?? {}), JSON.stringify(input.metadata), JSON.stringify(input.settings),
      JSON.stringify(statsOf(input.circuits)), JSON.stringify(children), JSON.stringify(input.circuits), organizationId, input.estimatedMs]);
}

/** What is told of one circuit of several. */
export interface Child {
  readonly name: string | null;
  readonly stats: JobStats;
}

/** PostgreSQL holds no NUL in text; in the JSON columns it is escaped. */
const withoutNul = (name: string | null) => name?.replaceAll('\0', '') ?? null;

export interface Work {
  readonly shots: number;
  readonly noise: { readonly model?: string; readonly seed?: number | null };
  readonly circuits: readonly NamedCircuit[];
}

export async function readWork(sql: Sql, jobId: string): Promise<Work | undefined> {
  const { rows } = await sql.query<{ shots: number; noise: string; circuits: string }>('SELECT shots, noise, circuits FROM job_inputs WHERE job_id = $1', [jobId]);
  const row = rows[0];
  return row && { shots: row.shots, noise: JSON.parse(row.noise) as Work['noise'], circuits: JSON.parse(row.circuits) as Work['circuits'] };
}

/** Once a circuit: what is there stays. Nothing for a job that was deleted meanwhile. */
export async function writeResult(sql: Sql, jobId: string, circuit: number, probabilities: string): Promise<void> {
  await sql.query(
    `INSERT INTO job_results (job_id, circuit, probabilities) SELECT job_id, $2, $3 FROM job_inputs WHERE job_id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING`,
    [jobId, circuit, probabilities]);
}

/** Circuits that have their result, and how long each is. */
export async function resultsWritten(sql: Sql, jobId: string): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql.query<{ circuit: number; bytes: number }>('SELECT circuit, octet_length(probabilities) AS bytes FROM job_results WHERE job_id = $1', [jobId]);
  return new Map(rows.map(({ circuit, bytes }) => [circuit, bytes]));
}

export async function deleteContents(tx: Tx, jobId: string): Promise<void> {
  await tx.query('DELETE FROM job_inputs WHERE job_id = $1', [jobId]);
}
