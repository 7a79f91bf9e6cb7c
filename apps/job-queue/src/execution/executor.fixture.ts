import { randomUUID } from 'node:crypto';
import { PostgresEventStore, type Sql } from '#event-sourcing';
import type { Pool } from 'pg';
import { jobs } from '../job/jobs.projection.ts';
import { parseJobInput } from '../job/job-input.ts';
import { written } from '../job/job-contents.ts';
import { submit } from '../job/submission.ts';
import { SimulatorPool } from '../simulator/simulator-pool.ts';
import { Executor, type ExecutorOptions } from './executor.ts';

/** An executor as the service makes it, with everything that it stands on. */
export function openExecutor(
  database: Pool,
  { timeoutMs = 60_000, ...options }: Partial<ExecutorOptions> & { timeoutMs?: number } = {},
) {
  const store = new PostgresEventStore(database, { inline: [jobs] });
  const simulator = new SimulatorPool({ size: 2, timeoutMs });
  const sql = database as Sql;
  const executor = new Executor(
    { store, sql, simulator, now: () => new Date() },
    { size: 1, leaseMs: 1_000, pollMs: 20, alarm: () => undefined, ...options },
  );
  return {
    store,
    executor,
    close: async () => {
      await executor.close();
      await simulator.close();
    },
  };
}

export const owner = () => ({
  projectId: randomUUID(),
  organizationId: randomUUID(),
  accountId: randomUUID(),
  keyId: randomUUID(),
});

export const cause = (commandId?: string) => ({
  at: new Date(),
  correlationId: 'test',
  actor: 'service:test',
  ...(commandId === undefined ? {} : { commandId, fingerprint: 'f' }),
});

export const coin = { type: 'ionq.circuit.v1', input: { qubits: 1, circuit: [{ gate: 'h', target: 0 }] } };

/** Pieces of text as one. */
export const textOf = async (pieces: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(pieces)).toString();

/** Takes seconds, so that something can happen meanwhile. */
export const slow = {
  type: 'ionq.circuit.v1',
  input: { qubits: 21, circuit: [...Array.from({ length: 200 }, (_, index) => ({ gate: 'x', target: index % 21 }))] },
};

export const several = (...circuits: object[]) => ({ type: 'ionq.multi-circuit.v1', input: { qubits: 21, circuits } });

export const submitted = async (store: PostgresEventStore, by = owner(), body: object = coin) =>
  (await submit(store, by, written(parseJobInput(body)), cause())).jobId;
