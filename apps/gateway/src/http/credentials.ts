import { Problem } from '#platform';
import type { FastifyRequest } from 'fastify';
import { decoded } from './address.ts';

/** Finds a key in an address, where logs and histories keep it. Compiled once: it looks at every request. */
export const keyInAddress = (prefix: string): RegExp => new RegExp(`${prefix}_[0-9A-Za-z]{22}_`);

/** @returns the refusal of a request whose address holds a key: that key must be replaced. */
export function refuseKeyInAddress({ url }: { readonly url: string }, key: RegExp): Problem | undefined {
  if (!key.test(url) && !(url.includes('%') && key.test(decoded(url)))) return undefined;
  return new Problem(
    'request/key-in-url',
    'An API key stands in the address, where logs and histories keep it. Revoke it, and send its successor in the Authorization header.',
  );
}

/** How often headers came, by their names in small letters. Of some headers Node itself keeps the first and silently drops the rest. */
export function timesSent({ raw: { rawHeaders } }: FastifyRequest, ...headers: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    for (const header of headers) if (name.length === header.length && name.toLowerCase() === header) count++;
  }
  return count;
}

/** Headers that a key may stand in. */
const [AUTHORIZATION, KEY_ALONE] = ['authorization', 'x-api-key'] as const;
type KeyHeaders = Readonly<Partial<Record<typeof AUTHORIZATION | typeof KEY_ALONE, string | string[] | undefined>>>;
const SCHEME = /^(?:apikey|bearer) +/i;

/** How many headers a request has in which a key may stand. */
export const credentialsSent = (request: FastifyRequest): number => timesSent(request, AUTHORIZATION, KEY_ALONE);

/** @returns the refusal of a request with two of them: a proxy before this server may have checked the other one. */
export const refuseTwo = (count: number): Problem | undefined =>
  count > 1
    ? new Problem(
        'authorization/not-accepted',
        'Send one header with a key, not two: Authorization or X-API-Key, once.',
      )
    : undefined;

const MISSING = new Problem(
  'key/missing',
  'No API key came with the request. Send one as "Authorization: apiKey <key>" or as "X-API-Key: <key>"; POST /v1/keys makes one.',
);

/** The key that a request presents, well formed or not. @throws Problem `key/missing` */
export function presentedKey(headers: KeyHeaders): string {
  const alone = headers[KEY_ALONE];
  if (typeof alone === 'string' && alone !== '') return alone;
  const authorization = headers[AUTHORIZATION];
  const scheme = typeof authorization === 'string' ? SCHEME.exec(authorization)?.[0] : undefined;
  if (typeof authorization !== 'string' || scheme === undefined) throw MISSING;
  return authorization.slice(scheme.length);
}
