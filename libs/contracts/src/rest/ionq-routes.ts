import { z } from 'zod';
import { route } from './route.ts';

const ofId = z.strictObject({ id: z.string().max(100) });
const some = z.looseObject({});
/** Ids in a body; other fields are ignored, as these clients expect. */
const ids = z.looseObject({ ids: z.array(z.string().max(100)).min(1).max(1000) });
const listQuery = z.looseObject({
  ids: z.union([z.string(), z.array(z.string())]).optional(),
  id: z.union([z.string(), z.array(z.string())]).optional(),
  status: z.string().max(20).optional(),
  target: z.string().max(60).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(25),
  next: z.string().max(100).optional(),
});

const gates = z.coerce.number().int().min(0).max(1_000_000).default(0);
const estimateQuery = z.looseObject({
  'backend': z.literal('simulator', 'must be simulator: it is the only backend here').default('simulator'),
  'type': z.string().max(60).default('ionq.circuit.v1'),
  'qubits': z.coerce.number().int().min(1).max(29).default(25),
  'shots': z.coerce.number().int().min(1).max(1_000_000).default(1_000),
  '1q_gates': gates,
  '2q_gates': gates,
  'error_mitigation': z.enum(['true', 'false']).default('false'),
});

/** The API that existing clients already speak: `/v0.4`. Routes with fixed words stand before those with an id. */
export const ionqRoutes = {
  whoAmI: route({ method: 'GET', path: '/v0.4/whoami', access: 'key', does: 'Shows the key that asks.', answer: some }),
  backends: route({
    method: 'GET',
    path: '/v0.4/backends',
    access: 'public',
    does: 'Lists backends.',
    answer: z.array(some),
  }),
  backend: route({
    method: 'GET',
    path: '/v0.4/backends/:id',
    access: 'public',
    does: 'Shows a backend.',
    params: ofId,
    answer: some,
  }),
  characterizations: route({
    method: 'GET',
    path: '/v0.4/backends/:id/characterizations',
    access: 'key',
    does: 'Lists characterizations: a simulator has none.',
    params: ofId,
    answer: some,
  }),
  estimate: route({
    method: 'GET',
    path: '/v0.4/jobs/estimate',
    access: 'key',
    does: 'Estimates how long a job would wait and run, in milliseconds; the simulator is free.',
    query: estimateQuery,
    answer: some,
  }),
  submitJob: route({
    method: 'POST',
    path: '/v0.4/jobs',
    access: 'key',
    scope: 'jobs:write',
    does: 'Submits a job.',
    body: some,
    bodyMax: 10_000_000,
    isPassedOn: true,
    status: 201,
    answer: some,
  }),
  listJobs: route({
    method: 'GET',
    path: '/v0.4/jobs',
    access: 'key',
    scope: 'jobs:read',
    does: "Lists the jobs of the key's project.",
    query: listQuery,
    answer: some,
  }),
  deleteJobs: route({
    method: 'DELETE',
    path: '/v0.4/jobs',
    access: 'key',
    scope: 'jobs:write',
    does: 'Deletes jobs.',
    body: ids,
    answer: some,
  }),
  cancelJobs: route({
    method: 'PUT',
    path: '/v0.4/jobs/status/cancel',
    access: 'key',
    scope: 'jobs:write',
    does: 'Cancels jobs.',
    body: ids,
    answer: some,
  }),
  getJob: route({
    method: 'GET',
    path: '/v0.4/jobs/:id',
    access: 'key',
    scope: 'jobs:read',
    does: 'Shows a job.',
    params: ofId,
    answer: some,
  }),
  deleteJob: route({
    method: 'DELETE',
    path: '/v0.4/jobs/:id',
    access: 'key',
    scope: 'jobs:write',
    does: 'Deletes a job.',
    params: ofId,
    answer: some,
  }),
  cancelJob: route({
    method: 'PUT',
    path: '/v0.4/jobs/:id/status/cancel',
    access: 'key',
    scope: 'jobs:write',
    does: 'Cancels a job.',
    params: ofId,
    answer: some,
  }),
  probabilities: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/results/probabilities',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives the results of a completed job.',
    params: ofId,
    answer: some,
  }),
  aggregated: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/results/probabilities/aggregated',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives the aggregated results of a completed job.',
    params: ofId,
    answer: some,
  }),
  cost: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/cost',
    access: 'key',
    scope: 'jobs:read',
    does: 'Shows the cost: the simulator is free.',
    params: ofId,
    answer: some,
  }),
} as const;
