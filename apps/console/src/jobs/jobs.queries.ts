import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { paged } from '../api/queries.ts';

const LOOK_MS = 3_000;
const PAGE = 50;

export interface JobsAsked {
  organizationId: string;
  projectId?: string | undefined;
  keyId?: string | undefined;
  status?: JobStatus | undefined;
  /** Days, UTC, both included. */
  from?: string | undefined;
  to?: string | undefined;
}
export type JobStatus = 'submitted' | 'ready' | 'started' | 'canceled' | 'failed' | 'completed';

export const jobs = (asked: JobsAsked, limit = PAGE) =>
  paged(['jobs', asked, limit], (after, signal) => api.get('/v1/jobs', { query: { ...asked, after, limit }, signal }));

export const jobDays = (asked: JobsAsked) =>
  queryOptions({ queryKey: ['jobs', 'days', asked], queryFn: () => api.get('/v1/jobs/days', { query: { ...asked } }) });

export const isOpen = (status: JobStatus): boolean => ['submitted', 'ready', 'started'].includes(status);

/** A job that is not at its end is looked at again by itself, as nobody's activity. */
export const job = (id: string) =>
  queryOptions({
    queryKey: ['job', id],
    queryFn: () => api.get('/v1/jobs/:id', { params: { id } }),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.status) ? LOOK_MS : false),
  });
