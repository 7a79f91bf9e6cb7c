import { z } from 'zod';
import { route } from './route.ts';
import { scope } from './shapes.ts';

/** What proxies ask before they let a request through. */
export const gateRoutes = {
  authorize: route({
    method: 'GET',
    path: '/authz',
    access: 'key',
    does: 'Says whether the API key of a request works, for proxies: by every method, for any Host. Whose key it is stands in the headers Rollcall-Account, -Organization, -Project, -Key and -Scopes of the answer, which has no body. With `scope`, once or several times, the key must have it.',
    query: z.strictObject({ scope: z.union([scope, z.array(scope).max(50)]).optional() }),
    headers: {
      'Rollcall-Account': 'Whose key it is.',
      'Rollcall-Organization': 'The organization of its project.',
      'Rollcall-Project': 'The project that it belongs to.',
      'Rollcall-Key': 'The id of the key.',
      'Rollcall-Scopes': 'What it may do, with spaces between.',
    },
    answer: z.void(),
  }),
} as const;
