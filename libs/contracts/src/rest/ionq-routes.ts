import { z } from 'zod';
import { route } from './route.ts';
import { jobStatus } from './shapes.ts';

const ofId = z.strictObject({ id: z.string().max(100) });
/** What those clients read and send: an example says more of it than a schema would. */
const like = (example: object) => z.looseObject({}).meta({ examples: [example] });
const JOB = '01890a5d-ac96-774b-bcce-b302099a8057';
const simulator = like({ backend: 'simulator', status: 'available', qubits: 29 });
const probabilities = like({ '0': 0.5, '3': 0.5 });
const ended = (status: 'canceled' | 'deleted') => [like({ id: JOB, status }), like({ ids: [JOB], status })] as const;
const [[canceled, canceledAll], [deleted, deletedAll]] = [ended('canceled'), ended('deleted')];
const job = like({
  id: JOB,
  status: 'completed',
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  dry_run: false,
  project_id: JOB,
  name: 'Bell pair',
  submitted_at: '2026-11-29T12:00:00.000Z',
  shots: 100,
  noise: { model: 'ideal' },
  results: {
    probabilities: {
      url: `/v0.4/jobs/${JOB}/results/probabilities`,
      id: JOB,
      format: 'ionq.result.probabilities.json.v1',
      media_type: 'application/json',
    },
  },
  failure: null,
});
/** Ids in a body; other fields are ignored, as these clients expect. */
const ids = z.looseObject({
  ids: z
    .array(
      z
        .string()
        .max(100)
        .meta({ examples: [JOB] }),
    )
    .min(1)
    .max(1000),
});
const given = z.string().max(100).optional();
/** A filter that was ignored would show more than was asked for: what is not named here is a 400. */
const listQuery = z.strictObject({
  ids: z.union([z.string(), z.array(z.string())]).optional(),
  id: z.union([z.string(), z.array(z.string())]).optional(),
  status: jobStatus.optional(),
  target: given,
  session_id: given,
  parent_job_id: given,
  submitter_id: given,
  limit: z.coerce.number().int().min(1).max(1000).default(25),
  next: given,
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
  whoAmI: route({
    method: 'GET',
    path: '/v0.4/whoami',
    access: 'key',
    does: 'Shows the key that asks.',
    answer: like({ key_id: JOB, key_name: 'laptop', project_id: JOB }),
  }),
  backends: route({
    method: 'GET',
    path: '/v0.4/backends',
    access: 'public',
    does: 'Lists backends.',
    query: z.strictObject({}),
    answer: z.array(simulator),
  }),
  backend: route({
    method: 'GET',
    path: '/v0.4/backends/:id',
    access: 'public',
    does: 'Shows a backend.',
    params: ofId,
    answer: simulator,
  }),
  characterizations: route({
    method: 'GET',
    path: '/v0.4/backends/:id/characterizations',
    access: 'key',
    does: 'Lists characterizations: a simulator has none.',
    params: ofId,
    query: z.strictObject({ start: given, end: given, limit: given, page: given }),
    answer: like({ characterizations: [], pages: 0, next: null }),
  }),
  estimate: route({
    method: 'GET',
    path: '/v0.4/jobs/estimate',
    access: 'key',
    does: 'Estimates how long a job would wait and run, in milliseconds; the simulator is free.',
    query: estimateQuery,
    answer: like({
      estimated_execution_time: 12,
      current_predicted_queue_time: 0,
      estimated_cost: 0,
      cost_unit: 'usd',
    }),
  }),
  submitJob: route({
    method: 'POST',
    path: '/v0.4/jobs',
    access: 'key',
    scope: 'jobs:write',
    does: 'Submits a job.',
    body: like({
      type: 'ionq.circuit.v1',
      backend: 'simulator',
      shots: 100,
      name: 'Bell pair',
      input: {
        qubits: 2,
        gateset: 'qis',
        circuit: [
          { gate: 'h', target: 0 },
          { gate: 'cnot', control: 0, target: 1 },
        ],
      },
    }),
    bodyMax: 10_000_000,
    isPassedOn: true,
    status: 201,
    answer: like({ id: JOB, status: 'submitted', session_id: null }),
  }),
  listJobs: route({
    method: 'GET',
    path: '/v0.4/jobs',
    access: 'key',
    scope: 'jobs:read',
    does: "Lists the jobs of the key's project.",
    query: listQuery,
    answer: like({ jobs: [], next: null }),
  }),
  deleteJobs: route({
    method: 'DELETE',
    path: '/v0.4/jobs',
    access: 'key',
    scope: 'jobs:write',
    does: 'Deletes jobs.',
    body: ids,
    answer: deletedAll,
  }),
  cancelJobs: route({
    method: 'PUT',
    path: '/v0.4/jobs/status/cancel',
    access: 'key',
    scope: 'jobs:write',
    does: 'Cancels jobs.',
    body: ids,
    answer: canceledAll,
  }),
  getJob: route({
    method: 'GET',
    path: '/v0.4/jobs/:id',
    access: 'key',
    scope: 'jobs:read',
    does: 'Shows a job.',
    params: ofId,
    answer: job,
  }),
  deleteJob: route({
    method: 'DELETE',
    path: '/v0.4/jobs/:id',
    access: 'key',
    scope: 'jobs:write',
    does: 'Deletes a job.',
    params: ofId,
    answer: deleted,
  }),
  cancelJob: route({
    method: 'PUT',
    path: '/v0.4/jobs/:id/status/cancel',
    access: 'key',
    scope: 'jobs:write',
    does: 'Cancels a job.',
    params: ofId,
    answer: canceled,
  }),
  probabilities: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/results/probabilities',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives the results of a completed job.',
    params: ofId,
    answer: probabilities,
  }),
  aggregated: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/results/probabilities/aggregated',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives the aggregated results of a completed job.',
    params: ofId,
    answer: probabilities,
  }),
  shots: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/results/shots',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives the state that each shot measured, of a completed job with a noise model.',
    params: ofId,
    answer: z.array(z.int()),
  }),
  histogram: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/results/histogram',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives how often each state was measured, of a completed job with a noise model.',
    params: ofId,
    answer: like({ '0': 52, '3': 48 }),
  }),
  artifact: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/artifacts/:artifactId',
    access: 'key',
    scope: 'jobs:read',
    does: 'Gives one of the results of a job by its id in `results`.',
    params: z.strictObject({ id: z.string().max(100), artifactId: z.string().max(100) }),
    answer: z.unknown().meta({ examples: [{ '0': 0.5, '3': 0.5 }] }),
  }),
  cost: route({
    method: 'GET',
    path: '/v0.4/jobs/:id/cost',
    access: 'key',
    scope: 'jobs:read',
    does: 'Shows the cost: the simulator is free.',
    params: ofId,
    answer: like({
      id: JOB,
      dry_run: false,
      estimated_cost: { unit: 'usd', value: 0 },
      cost: { unit: 'usd', value: 0 },
    }),
  }),
} as const;
