import { z } from 'zod';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { name } = shape;

/** The account of who asks. */
export const accountRoutes = {
  getAccount: route({
    method: 'GET',
    path: '/v1/account',
    access: 'session',
    confined: true,
    does: 'Shows my account.',
    query: z.strictObject({}),
    answer: shape.account,
  }),
  changeName: route({
    method: 'PUT',
    path: '/v1/account/name',
    access: 'session',
    does: 'Changes my name.',
    body: z.strictObject({ name }),
    answer: shape.account,
  }),
  setIdleTimeout: route({
    method: 'PUT',
    path: '/v1/account/idle-timeout',
    access: 'session',
    does: 'Ends my sessions after 30 minutes without me, or not; also the sessions that exist.',
    body: z.strictObject({ enabled: z.boolean() }),
    answer: shape.account,
  }),
} as const;
