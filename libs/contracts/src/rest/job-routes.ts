import { z } from 'zod';
import { ofId } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, list, nothing, page } = shape;
/** Which jobs. */
const jobFilters = {
  organizationId: id.optional(),
  projectId: id.optional(),
  keyId: id.optional(),
  accountId: id.optional(),
  status: shape.jobStatus.optional(),
  from: shape.day.optional(),
  to: shape.day.optional(),
};

/** Jobs of the projects of who asks. */
export const jobRoutes = {
  listJobs: route({
    method: 'GET',
    path: '/v1/jobs',
    access: 'session',
    does: 'Lists jobs of my projects, the newest first; an owner sees those of all projects. `from` and `to` are days (UTC) and both included.',
    query: z.strictObject({ ...page, after: z.string().max(100).optional(), ...jobFilters }),
    answer: list(shape.job),
  }),
  listJobDays: route({
    method: 'GET',
    path: '/v1/jobs/days',
    access: 'session',
    does: 'Counts jobs of my projects by the day (UTC) on which they were submitted and by what has become of them: of the last 30 days, or `from` a day `to` another, 366 at most. Days without jobs are left out.',
    query: z.strictObject(jobFilters),
    answer: list(shape.jobDay),
  }),
  getJob: route({
    method: 'GET',
    path: '/v1/jobs/:id',
    access: 'session',
    does: 'Shows a job of my projects, or one circuit of it, with its results: the 1,000 likeliest states. All of them are at /v0.4/jobs/{id}/results, by a key.',
    params: ofId,
    query: nothing,
    answer: shape.jobDetail,
  }),
  cancelJob: route({
    method: 'POST',
    path: '/v1/jobs/:id/cancel',
    access: 'session',
    does: 'Cancels a job of my projects.',
    params: ofId,
    body: nothing,
    answer: shape.job,
  }),
} as const;
