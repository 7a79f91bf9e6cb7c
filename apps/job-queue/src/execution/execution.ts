import { createHash } from 'node:crypto';
import { type Cause, type EventStore, handle, type Sql, VersionConflict } from '#event-sourcing';
import { readWork, resultsWritten, type Work, writeResult } from '../job/job-contents.ts';
import { job, type JobCommand } from '../job/job.decider.ts';
import type { SimulatorPool } from '../simulator/simulator-pool.ts';
import { SimulatorFailure } from '../simulator/simulator-failure.ts';
import type { Order } from '../simulator/worker.ts';

export interface ExecutionParts {
  readonly store: EventStore;
  readonly sql: Sql;
  readonly simulator: Pick<SimulatorPool, 'run'>;
  readonly now: () => Date;
}

/**
 * One attempt at one job, from its start to its outcome. Killed anywhere, it leaves the job started and the circuits that were finished; the next attempt
 * does the others. Returns quietly when the job is not to be run any more, and when the signal stops it.
 */
export async function execute(parts: ExecutionParts, jobId: string, signal: AbortSignal): Promise<void> {
  const command = (wanted: JobCommand) => handle(parts.store, job, jobId, wanted, causeOf(parts, jobId));
  const { state } = await command({ type: 'StartJob' });
  if (state.status !== 'started') return;
  const { attempt } = state;
  const began = parts.now().getTime();
  try {
    const work = await readWork(parts.sql, jobId);
    // Deleted between the start and here.
    if (!work) return;
    const last = await runAllButWrite(parts, jobId, work, signal);
    const complete: JobCommand = { type: 'CompleteJob', attempt, executionMs: Math.max(0, parts.now().getTime() - began) };
    await overtakenAgain(() => parts.store.transaction(async (store, tx) => {
      if (last) await writeResult(tx, jobId, last.circuit, last.probabilities);
      await handle(store, job, jobId, complete, causeOf(parts, jobId));
    }));
  } catch (error) {
    if (!(error instanceof SimulatorFailure)) throw error;
    if (error.code === 'simulator/stopped') return;
    await command({ type: 'FailJob', attempt, code: error.code, detail: error.message });
  }
}

/** A cancel may come between the reading and the writing of a transaction; the second time it has been seen. */
async function overtakenAgain(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    await work();
  }
}

interface Result {
  readonly circuit: number;
  readonly probabilities: string;
}

/** Runs what is not done yet, and writes all results but the last, which belongs into the transaction of the completion. */
async function runAllButWrite({ sql, simulator }: ExecutionParts, jobId: string, work: Work, signal: AbortSignal): Promise<Result | undefined> {
  const written = await resultsWritten(sql, jobId);
  let bytes = [...written.values()].reduce((sum, one) => sum + one, 0);
  let last: Result | undefined;
  for (const circuit of work.circuits.keys()) {
    if (written.has(circuit)) continue;
    if (last) await writeResult(sql, jobId, last.circuit, last.probabilities);
    last = { circuit, probabilities: text(await simulator.run(taskOf(work, jobId, circuit), signal)) };
    bytes += last.probabilities.length;
    if (bytes > RESULT_BYTES_MAX) throw tooLong();
  }
  return last;
}

/** All results of a job leave in one answer. */
const RESULT_BYTES_MAX = 32 * 2 ** 20;
const tooLong = () => new SimulatorFailure('simulator/result-too-large', 'The results of all circuits together are longer than 32 MB: spread the circuits over several jobs.');

const text = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Without a seed of the owner's the job's id is one, so that a job run again after a crash comes out the same. */
export function taskOf({ shots, noise, circuits }: Work, jobId: string, index: number): Order {
  const circuit = circuits[index];
  if (!circuit) throw new Error(`job ${jobId} has no circuit ${index}`);
  if (noise.model === undefined) return { circuit, shots };
  const seed = (noise.seed ?? createHash('sha256').update(jobId).digest().readUIntBE(0, 6)) + index;
  return { circuit, shots, noise: { model: noise.model, seed } };
}

const causeOf = ({ now }: ExecutionParts, jobId: string): Cause => ({ at: now(), correlationId: jobId, actor: 'service:job-queue' });
