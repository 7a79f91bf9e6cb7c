import { z } from 'zod';
import { ofId, paged } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { list, name } = shape;

/** Organizations, and what they ask of their people. */
export const organizationRoutes = {
  listOrganizations: route({
    method: 'GET',
    path: '/v1/organizations',
    access: 'session',
    confined: true,
    does: 'Lists my organizations.',
    query: paged,
    answer: list(shape.organization),
  }),
  createOrganization: route({
    method: 'POST',
    path: '/v1/organizations',
    access: 'session',
    does: 'Makes an organization that I own.',
    body: z.strictObject({ name }),
    status: 201,
    answer: shape.organization,
  }),
  getOrganization: route({
    method: 'GET',
    path: '/v1/organizations/:id',
    access: 'session',
    does: 'Shows an organization of mine, with what it asks of its people.',
    params: ofId,
    query: z.strictObject({}),
    answer: shape.organizationDetail,
  }),
  renameOrganization: route({
    method: 'PUT',
    path: '/v1/organizations/:id/name',
    access: 'session',
    does: 'Renames the organization. By owners.',
    params: ofId,
    body: z.strictObject({ name }),
    answer: shape.organization,
  }),
  demandSecondFactor: route({
    method: 'PUT',
    path: '/v1/organizations/:id/second-factor',
    access: 'session',
    proof: true,
    does: 'Asks for a second factor of everybody in the organization, from an instant on: 7 days from now, or later. By owners who have one.',
    params: ofId,
    body: z
      .strictObject({ required: z.boolean(), from: shape.instant.optional() })
      .refine(({ required, from }) => required || from === undefined, {
        path: ['from'],
        error: 'goes with `required: true` alone',
      }),
    otherStatus: 202,
    answer: shape.organizationDetail.extend(shape.enforced.shape),
  }),
  demandIdleTimeout: route({
    method: 'PUT',
    path: '/v1/organizations/:id/idle-timeout',
    access: 'session',
    proof: true,
    does: 'Ends the sessions of everybody in the organization after 30 minutes without them, or leaves it to them; also the sessions that exist. By owners.',
    params: ofId,
    body: z.strictObject({ required: z.boolean() }),
    otherStatus: 202,
    answer: shape.organizationDetail.extend(shape.enforced.shape),
  }),
} as const;
