import { queryOptions } from '@tanstack/react-query';
import { type Answer, api } from '../api/client.ts';
import { paged } from '../api/queries.ts';

const PAGE = 200;

export type Connection = Answer<'GET', '/v1/connections/:id'>;

export const organization = (id: string) =>
  queryOptions({ queryKey: ['organization', id], queryFn: () => api.get('/v1/organizations/:id', { params: { id } }) });
export const invitations = (id: string) =>
  paged(['invitations', id], (after, signal) =>
    api.get('/v1/organizations/:id/invitations', { params: { id }, query: { after, limit: PAGE }, signal }),
  );
export const domains = (id: string) =>
  queryOptions({
    queryKey: ['domains', id],
    queryFn: () => api.get('/v1/organizations/:id/domains', { params: { id } }),
  });
export const connections = (id: string) =>
  queryOptions({
    queryKey: ['connections', id],
    queryFn: () => api.get('/v1/organizations/:id/connections', { params: { id } }),
  });
export const connection = (id: string) =>
  queryOptions({ queryKey: ['connection', id], queryFn: () => api.get('/v1/connections/:id', { params: { id } }) });
export const preview = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'preview'],
    queryFn: () => api.get('/v1/connections/:id/preview', { params: { id } }),
  });
export const attempts = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'attempts'],
    queryFn: () => api.get('/v1/connections/:id/attempts', { params: { id } }),
  });
export const scimTokens = (id: string) =>
  queryOptions({
    queryKey: ['connection', id, 'scim-tokens'],
    queryFn: () => api.get('/v1/connections/:id/scim-tokens', { params: { id } }),
  });
