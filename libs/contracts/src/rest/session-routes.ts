import { z } from 'zod';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, list, nothing } = shape;

/** Sessions: proving who sits before them, and ending them. */
export const sessionRoutes = {
  askProofPasskey: route({
    method: 'POST',
    path: '/v1/sessions/current/prove/options',
    access: 'session',
    confined: true,
    does: 'Says what the browser asks its authenticators for, to prove anew that it is me.',
    body: nothing,
    answer: shape.passkeyOptions,
  }),
  proveSession: route({
    method: 'POST',
    path: '/v1/sessions/current/prove',
    access: 'session',
    confined: true,
    does: 'Proves anew that it is me, by what signing in would ask: some changes want a proof of the last 15 minutes.',
    body: z
      .strictObject({
        password: shape.password.optional(),
        code: shape.code.optional(),
        passkey: shape.passkeyAnswer.optional(),
      })
      .refine((body) => Object.values(body).some((proof) => proof !== undefined), 'must hold at least one proof')
      .meta({ examples: [{ password: 'a long walk in the rain', code: '123 456' }] }),
    bodyMax: 16_384,
    answer: z.object({ provenUntil: shape.instant }),
  }),
  listSessions: route({
    method: 'GET',
    path: '/v1/sessions',
    access: 'session',
    confined: true,
    does: 'Lists my sessions.',
    query: z.strictObject({}),
    answer: list(shape.listedSession),
  }),
  currentSession: route({
    method: 'GET',
    path: '/v1/sessions/current',
    access: 'session',
    confined: true,
    does: 'Shows this session. Looking does not count as activity.',
    query: z.strictObject({}),
    answer: shape.session.extend({ endsAt: shape.instant, idleEndsAt: shape.instant.nullable() }),
  }),
  touchSession: route({
    method: 'POST',
    path: '/v1/sessions/current/touch',
    access: 'session',
    confined: true,
    does: 'Says that a person is here: the idle time starts anew.',
    body: nothing,
    answer: shape.session.extend({ endsAt: shape.instant, idleEndsAt: shape.instant.nullable() }),
  }),
  endSession: route({
    method: 'POST',
    path: '/v1/sessions/:id/end',
    access: 'session',
    confined: true,
    does: 'Ends a session of mine; `current` is this one.',
    params: z.strictObject({ id: z.union([z.literal('current'), id]) }),
    body: nothing,
    answer: nothing,
  }),
  endOtherSessions: route({
    method: 'POST',
    path: '/v1/sessions/end-others',
    access: 'session',
    confined: true,
    does: 'Ends all my sessions but this one.',
    body: nothing,
    answer: z.object({ ended: z.int() }),
  }),
} as const;
