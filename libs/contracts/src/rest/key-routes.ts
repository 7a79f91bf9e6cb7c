import { z } from 'zod';
import { addresses } from './addresses.ts';
import { ofId } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, list, name, nothing, page } = shape;
const overlap = z.union(
  [z.literal(0), z.literal(3600), z.literal(86_400), z.literal(604_800)],
  'must be 0, 3600, 86400 or 604800',
);

/** API keys. */
export const keyRoutes = {
  issueKey: route({
    method: 'POST',
    path: '/v1/keys',
    access: 'session',
    does: 'Makes a key for me in a project that I am in. The secret is in this answer, this once. `scopes` says what it may do: jobs:read and jobs:write unless said, `*` for all but events:read. With `addresses` it works from these addresses and CIDR ranges alone.',
    body: z.strictObject({
      name,
      projectId: id,
      expiresAt: shape.instant.optional(),
      scopes: shape.keyScopes.default(['jobs:read', 'jobs:write']),
      addresses: addresses.default([]),
    }),
    status: 201,
    answer: z.object({ key: shape.key, secret: shape.secret }),
  }),
  listKeys: route({
    method: 'GET',
    path: '/v1/keys',
    access: 'session',
    does: 'Lists my active keys. Owners may ask for a project or the whole organization, and there for one person. `find` looks at names and at what is shown of keys; `unusedForDays` leaves those that nobody has used for as long.',
    query: z.strictObject({
      ...page,
      projectId: id.optional(),
      organizationId: id.optional(),
      status: z.enum(['active', 'expired', 'revoked', 'all']).default('active'),
      find: z.string().min(1).max(100).optional(),
      accountId: id.optional(),
      unusedForDays: z.coerce.number().int().min(1).max(400).optional(),
    }),
    answer: list(shape.key),
  }),
  getKey: route({
    method: 'GET',
    path: '/v1/keys/:id',
    access: 'session',
    does: 'Shows a key, never its secret: by which it was replaced, and of a revoked one by whom, why, and the `reason` that was typed, as `revokeNote`.',
    params: ofId,
    query: z.strictObject({}),
    answer: shape.keyDetail,
  }),
  listKeyUses: route({
    method: 'GET',
    path: '/v1/keys/:id/uses',
    access: 'session',
    does: 'The days on which a key was used, oldest first, UTC; of the last 400 at most, today among them.',
    params: ofId,
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(400).default(90) }),
    answer: list(shape.day),
  }),
  renameKey: route({
    method: 'PUT',
    path: '/v1/keys/:id/name',
    access: 'session',
    does: 'Renames a key of mine.',
    params: ofId,
    body: z.strictObject({ name }),
    answer: shape.key,
  }),
  revokeKey: route({
    method: 'POST',
    path: '/v1/keys/:id/revoke',
    access: 'session',
    does: 'Revokes a key for good. When this answers, no gateway accepts it any more; also when it is repeated. `reason`, in your own words, is shown to whoever may see the key, and told to nobody else.',
    params: ofId,
    body: z.strictObject({ reason: z.string().max(200).optional() }),
    answer: z.object({ key: shape.key, enforced: z.literal(true), tookMs: z.number() }),
  }),
  rotateKey: route({
    method: 'POST',
    path: '/v1/keys/:id/rotate',
    access: 'session',
    does: 'Makes the successor of a key of mine; the old one works until the instant in the answer. What is not said is as with the old one; `expiresAt` null: it does not expire.',
    params: ofId,
    body: z.strictObject({
      overlapSeconds: overlap.default(86_400),
      name: name.optional(),
      expiresAt: shape.instant.nullable().optional(),
      scopes: shape.keyScopes.optional(),
      addresses: addresses.optional(),
    }),
    status: 201,
    answer: z.object({ key: shape.key, secret: shape.secret, replaces: id, oldKeyWorksUntil: shape.instant }),
  }),
  reportKey: route({
    method: 'POST',
    path: '/v1/key-reports',
    access: 'public',
    does: 'Reports a leaked secret: the key it belongs to is revoked. Always the same answer.',
    body: z.strictObject({
      secret: z
        .string()
        .min(1)
        .max(8192)
        .meta({ examples: ['the text that a key was found in'] }),
    }),
    bodyMax: 65_536,
    status: 202,
    answer: nothing,
  }),
} as const;
