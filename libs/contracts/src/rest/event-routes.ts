import { z } from 'zod';
import { recordTypes } from './record-types.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, page } = shape;

/** An organization's record. */
export const eventRoutes = {
  listEvents: route({
    method: 'GET',
    path: '/v1/events',
    access: 'session-or-key',
    does: "The organization's record from a place on, oldest first; `next` is always there, so that one can ask again for what came since. With `order=newest` it goes back in time, and `next` is null where it began. `types`, `actorId` and `keyId` leave what is of these kinds, done by this person, or about this key. By owners, or by a key with the scope events:read that an owner made.",
    query: z.strictObject({
      organizationId: id.optional(),
      types: recordTypes.optional(),
      actorId: id.optional(),
      keyId: id.optional(),
      order: z.enum(['oldest', 'newest']).default('oldest'),
      limit: page.limit,
      after: shape.recordPlace.optional(),
    }),
    answer: z.object({ items: z.array(shape.recorded), next: z.string().nullable() }),
  }),
} as const;
