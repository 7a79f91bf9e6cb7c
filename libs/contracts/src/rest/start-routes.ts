import { z } from 'zod';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { nothing } = shape;

/** What a page needs before it shows anything. */
export const startRoutes = {
  getStart: route({
    method: 'GET',
    path: '/v1/start',
    access: 'public',
    does: 'What a page needs before it shows anything: who is signed in, where they belong, and how this installation is set. Of nobody who is signed in, the settings alone. Looking does not count as activity.',
    query: nothing,
    answer: z.object({
      account: shape.account.nullable(),
      session: shape.session
        .extend({
          endsAt: shape.instant,
          idleEndsAt: shape.instant.nullable(),
          /** Only the account's own pages are open: an organization asks for a second factor. */
          confined: z.boolean(),
        })
        .nullable(),
      /** The first 200. */
      organizations: z.array(shape.organization),
      now: shape.instant,
      config: z.object({
        origin: z.string().meta({ examples: ['https://id.example.com'] }),
        keyPrefix: z.string().meta({ examples: ['rck'] }),
        passwordLengthMin: z.int().meta({ examples: [15] }),
        development: z.boolean(),
        /** What this installation is called, and where its people ask for help. */
        brand: z.object({ name: z.string().meta({ examples: ['Rollcall'] }), supportUrl: z.string().nullable() }),
      }),
    }),
  }),
} as const;
