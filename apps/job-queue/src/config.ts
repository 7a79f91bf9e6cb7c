import { availableParallelism } from 'node:os';
import { count, serviceConfig } from '#platform';
import { z } from 'zod';

/** Job-queue's settings beside those of every service. */
export const jobQueueConfig = serviceConfig.extend({
  /** Simulations at a time; each takes a core, and memory by its qubits (29: 4.3 GB). One more is kept for jobs estimated at a second or less. */
  simulators: z.coerce
    .number()
    .int()
    .min(1)
    .default(() => Math.max(1, availableParallelism() - 1)),
  /** What a job may be estimated to cost, in seconds of one core: a job of more is refused. */
  jobCostSecondsMax: count(1_200),
  /** What a job may really take, all its circuits together. */
  jobTimeoutSeconds: count(3_600),
  /** How long the jobs of an executor that died wait for the next one. */
  leaseSeconds: count(15, { min: 3 }),
});

export type JobQueueConfig = z.output<typeof jobQueueConfig>;
