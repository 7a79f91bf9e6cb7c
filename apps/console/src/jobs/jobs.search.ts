import { oneOf, text, uuid } from '../context/search.ts';

const STATUSES = ['submitted', 'ready', 'started', 'canceled', 'failed', 'completed'] as const;

/** What is shown of the jobs. `from`: a day, UTC. */
export interface JobsSearch {
  project?: string;
  key?: string;
  status?: (typeof STATUSES)[number];
  from?: string;
}
export const readJobsSearch = (search: Record<string, unknown>): JobsSearch => ({
  ...uuid('project', search),
  ...uuid('key', search),
  ...oneOf('status', STATUSES, search),
  ...text('from', search),
});
