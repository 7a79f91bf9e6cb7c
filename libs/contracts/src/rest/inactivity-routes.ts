import { z } from 'zod';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const inactivity = z.object({
  status: z.enum(['active', 'warned', 'suspended', 'exempt']),
  lastActivity: z.object({
    signIn: shape.instant.nullable(),
    session: shape.instant.nullable(),
    api: shape.instant.nullable(),
  }),
  dueAt: shape.instant,
  warningAt: shape.instant,
  suspendedAt: shape.instant.nullable(),
  /** Of the last 180 days those on which the account was active, UTC, oldest first. */
  days: z.array(z.object({ day: shape.day, signIn: z.boolean(), session: z.boolean(), api: z.boolean() })),
});

/** Until when the account of who asks stays active, and by what. */
export const inactivityRoutes = {
  getInactivity: route({
    method: 'GET',
    path: '/v1/account/inactivity',
    access: 'session',
    does: 'Shows what counts as my activity and when the account would be suspended.',
    query: z.strictObject({}),
    answer: inactivity,
  }),
} as const;
