import { oneOf, text, uuid } from '../context/search.ts';

const STATUSES = ['submitted', 'ready', 'started', 'canceled', 'failed', 'completed'] as const;

/** What is shown of the jobs. `from`, `to`: days, UTC, both included. */
export interface JobsSearch {
  project?: string;
  key?: string;
  status?: (typeof STATUSES)[number];
  from?: string;
  to?: string;
}
export const readJobsSearch = (search: Record<string, unknown>): JobsSearch => ({
  ...uuid('project', search),
  ...uuid('key', search),
  ...oneOf('status', STATUSES, search),
  ...day('from', search),
  ...day('to', search),
});

const day = <const N extends string>(name: N, search: Record<string, unknown>): { [key in N]?: string } =>
  /^\d{4}-\d\d-\d\d$/.test(String(search[name])) && !Number.isNaN(Date.parse(String(search[name])))
    ? text(name, search)
    : {};
