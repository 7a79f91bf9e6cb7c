import { serviceConfig } from '#platform';
import { z } from 'zod';

/** What job-queue is told beside what every service is told. */
export const jobQueueConfig = serviceConfig.extend({
  /** Simulations at a time; each takes a core, and memory by its qubits (29: 4.3 GB). */
  simulators: z.coerce.number().int().min(1).default(1),
  /** Longest time for one circuit. */
  simulationTimeoutSeconds: z.coerce.number().int().min(1).default(1_800),
  /** How long the jobs of an executor that died wait for the next one. */
  leaseSeconds: z.coerce.number().int().min(3).default(15),
});

export type JobQueueConfig = z.output<typeof jobQueueConfig>;
