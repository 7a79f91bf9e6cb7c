import { createHash } from 'node:crypto';
import { type Cause, type EventStore, handle, type Sql } from '#event-sourcing';
import { readWork, resultsWritten, type Work, writeResult } from '../job/job-contents.ts';
import { job, type JobCommand } from '../job/job.decider.ts';
import type { SimulatorPool } from '../simulator/simulator-pool.ts';
import { SimulatorFailure } from '../simulator/simulator-failure.ts';
import type { Order } from '../simulator/worker.ts';
import type { Stopwatch } from './stopwatch.ts';
import { type Turn, TURN_MS } from './turns.ts';

export interface ExecutionParts {
  readonly store: EventStore;
  readonly sql: Sql;
  readonly simulator: Pick<SimulatorPool, 'run'>;
  readonly now: () => Date;
}

/**
 * One turn of a job: some of its circuits, and its outcome when they were the last. Killed anywhere, it leaves the job started and the circuits that were
 * finished; the next turn does others. Returns quietly when the job is not to be run any more, and when the signal stops it.
 */
export async function execute(parts: ExecutionParts, turn: Turn, watch: Stopwatch, signal: AbortSignal): Promise<void> {
  const { jobId, again } = turn;
  const command = (wanted: JobCommand) => handle(parts.store, job, jobId, wanted, causeOf(parts, jobId));
  const { state } = await command({ type: 'StartJob', again });
  if (state.status !== 'started') return;
  const { attempt } = state;
  try {
    const work = await readWork(parts.sql, jobId);
    // Deleted between the start and here.
    if (!work) return;
    const { ended, last } = await runSome(parts, turn, work, watch, signal);
    if (!ended) return;
    const complete: JobCommand = { type: 'CompleteJob', attempt, executionMs: Math.round(turn.spentMs + watch.ms) };
    await parts.store.transact(async (store, tx) => {
      if (last) await writeResult(tx, jobId, last.circuit, last.probabilities);
      await handle(store, job, jobId, complete, causeOf(parts, jobId));
    });
  } catch (error) {
    if (!(error instanceof SimulatorFailure)) throw error;
    if (error.code === 'simulator/stopped') return;
    await command({ type: 'FailJob', attempt, code: error.code, detail: error.message });
  }
}

interface Result {
  readonly circuit: number;
  readonly probabilities: string;
}

/** Runs what is not done yet until the turn is over, and writes the results but the last of all, which belongs into the transaction of the completion. */
async function runSome(
  { sql, simulator }: ExecutionParts,
  { jobId, short, spentMs }: Turn,
  work: Work,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<{ ended: boolean; last?: Result }> {
  const written = await resultsWritten(sql, jobId);
  const left = [...work.circuits.keys()].filter((circuit) => !written.has(circuit));
  let bytes = [...written.values()].reduce((sum, one) => sum + one, 0);
  for (const [index, circuit] of left.entries()) {
    const found = await simulator
      .run(taskOf(work, jobId, circuit), {
        signal,
        short,
        spentMs: spentMs + watch.ms,
        started: () => {
          watch.start();
        },
      })
      .finally(() => {
        watch.stop();
      });
    const probabilities = text(found);
    bytes += probabilities.length;
    if (bytes > RESULT_BYTES_MAX) throw tooLong();
    if (index === left.length - 1) return { ended: true, last: { circuit, probabilities } };
    await writeResult(sql, jobId, circuit, probabilities);
    if (watch.ms >= TURN_MS) return { ended: false };
  }
  return { ended: true };
}

/** All results of a job leave in one answer. */
const RESULT_BYTES_MAX = 32 * 2 ** 20;
const tooLong = () =>
  new SimulatorFailure(
    'simulator/result-too-large',
    'The results of all circuits together are longer than 32 MB: spread the circuits over several jobs.',
  );

const text = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Without a seed of the owner's the job's id is one, so that a job run again after a crash comes out the same. */
export function taskOf({ shots, noise, circuits }: Work, jobId: string, index: number): Order {
  const circuit = circuits[index];
  if (!circuit) throw new Error(`job ${jobId} has no circuit ${index}`);
  if (noise.model === undefined) return { circuit, shots };
  const seed = (noise.seed ?? createHash('sha256').update(jobId).digest().readUIntBE(0, 6)) + index;
  return { circuit, shots, noise: { model: noise.model, seed } };
}

const causeOf = ({ now }: ExecutionParts, jobId: string): Cause => ({
  at: now(),
  correlationId: jobId,
  actor: 'service:job-queue',
});
