import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import { api } from './client.ts';

/** A list that does not show yet what was just changed asks again by itself. */
const CATCH_UP_MS = 1_000;
const whileStale = ({ state }: { state: { data?: { stale?: true | undefined } | undefined } }) =>
  state.data?.stale ? CATCH_UP_MS : false;

const PAGE = 200;

interface Paged<T> {
  items: T[];
  next: string | null;
  stale?: true | undefined;
}
/** The pages that are here, as one list. */
const whole = <T>({ pages }: { pages: Paged<T>[] }) => ({
  items: pages.flatMap(({ items }) => items),
  ...(pages.some(({ stale }) => stale) ? { stale: true as const } : {}),
});

/** A list that may be long, a page after the other: 200 are searched here as one types, more by the API. */
export const paged = <T>(
  queryKey: readonly unknown[],
  ask: (after: string | undefined, signal: AbortSignal) => Promise<Paged<T>>,
) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ signal, pageParam }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    select: whole,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ stale }) => stale) ? CATCH_UP_MS : false),
  });

/** Who is signed in, where they belong and how this installation is set: what every page stands on. */
export const start = queryOptions({ queryKey: ['start'], queryFn: () => api.get('/v1/start', {}), staleTime: 60_000 });
export const sessions = queryOptions({ queryKey: ['sessions'], queryFn: () => api.get('/v1/sessions', {}) });
export const security = queryOptions({ queryKey: ['security'], queryFn: () => api.get('/v1/account/security', {}) });
export const inactivity = queryOptions({
  queryKey: ['inactivity'],
  queryFn: () => api.get('/v1/account/inactivity', {}),
});
/** Up to 200; what follows is asked by the page that shows more. */
export const projects = (id: string) =>
  queryOptions({
    queryKey: ['projects', id],
    queryFn: () => api.get('/v1/organizations/:id/projects', { params: { id }, query: { limit: 200 } }),
    refetchInterval: whileStale,
  });

export const members = (id: string) =>
  paged(['members', id], (after, signal) =>
    api.get('/v1/organizations/:id/members', { params: { id }, query: { after, limit: PAGE }, signal }),
  );

export interface KeysAsked {
  organizationId: string;
  status: 'active' | 'all';
  projectId?: string | undefined;
  find?: string | undefined;
  accountId?: string | undefined;
  unusedForDays?: number | undefined;
}
export const keys = (asked: KeysAsked) =>
  paged(['keys', asked], (after, signal) => api.get('/v1/keys', { query: { ...asked, after, limit: PAGE }, signal }));
export const key = (id: string) =>
  queryOptions({ queryKey: ['key', id], queryFn: () => api.get('/v1/keys/:id', { params: { id } }) });
export const keyUses = (id: string, days: number) =>
  queryOptions({
    queryKey: ['key', id, 'uses', days],
    queryFn: () => api.get('/v1/keys/:id/uses', { params: { id }, query: { days } }),
  });

/** After a change: whatever may show it is asked anew. */
export const renew = (queries: QueryClient, ...names: string[]): Promise<unknown> =>
  Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })));
