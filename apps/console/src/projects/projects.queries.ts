import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { paged } from '../api/queries.ts';

const PAGE = 200;

/** All of an organization, a page after the other; the list that other pages choose from is in `api/queries`. */
export const allProjects = (id: string) =>
  paged(['projects', id, 'all'], (after, signal) =>
    api.get('/v1/organizations/:id/projects', { params: { id }, query: { after, limit: PAGE }, signal }),
  );
export const project = (id: string) =>
  queryOptions({ queryKey: ['project', id], queryFn: () => api.get('/v1/projects/:id', { params: { id } }) });
export const projectMembers = (id: string) =>
  paged(['project', id, 'members'], (after, signal) =>
    api.get('/v1/projects/:id/members', { params: { id }, query: { after, limit: PAGE }, signal }),
  );

const OPEN = ['submitted', 'ready', 'started'] as const;
/** How many jobs of a project are under way; of more than 200 in one state, 200. */
export const openJobs = (projectId: string) =>
  queryOptions({
    queryKey: ['jobs', 'open', projectId],
    queryFn: async () => {
      const lists = await Promise.all(
        OPEN.map((status) => api.get('/v1/jobs', { query: { projectId, status, limit: PAGE } })),
      );
      return lists.flatMap(({ items }) => items).length;
    },
  });
