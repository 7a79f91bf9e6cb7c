import { z } from 'zod';
import { id, instant, scope } from './shapes.ts';

const KEYS_MAX = 100;
const key = z.string().min(1).max(10_000);
const asked = {
  /** What each key must be allowed to do. */
  scopes: z.array(scope).max(50).default([]),
  /** The address that the key was presented from. Without it, keys that are bound to addresses are refused. */
  address: z.union([z.ipv4(), z.ipv6()], 'must be an IPv4 or IPv6 address').optional(),
};

/** `POST /verify` on the internal port: one key, or up to 100 of them. */
export const verifyRequest = z
  .strictObject({ key: key.optional(), keys: z.array(key).min(1).max(KEYS_MAX).optional(), ...asked })
  .check(({ value, issues }) => {
    if ((value.key === undefined) === (value.keys === undefined))
      issues.push({
        code: 'custom',
        path: ['key'],
        message: 'must be there, or else keys; not both',
        input: undefined,
      });
  });

/** Whose key it is; or why it does not work, by the code of a problem. */
export const verified = z.discriminatedUnion('valid', [
  z.object({
    valid: z.literal(true),
    keyId: id,
    keyName: z.string(),
    projectId: id,
    organizationId: id,
    accountId: id,
    scopes: z.array(z.string()),
    expiresAt: instant.nullable(),
  }),
  z.object({ valid: z.literal(false), code: z.string(), detail: z.string() }),
]);
export type Verified = z.output<typeof verified>;

/** One answer for one key; for several their answers, in the order asked. */
export const verifyAnswer = z.union([verified, z.object({ results: z.array(verified) })]);
