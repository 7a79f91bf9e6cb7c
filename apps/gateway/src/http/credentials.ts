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

/** How often a header came, by its name in small letters. Of some Node itself keeps the first and drops the rest without a word. */
export function timesSent({ raw: { rawHeaders } }: FastifyRequest, header: 'authorization' | 'host'): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === header.length && name.toLowerCase() === header) count++;
  }
  return count;
}

/** @returns the refusal of a request with two of them: whoever stands before us may have looked at the other one. */
export const refuseTwo = (count: number): Problem | undefined =>
  count > 1 ? new Problem('authorization/not-accepted', 'Send one Authorization header, not two.') : undefined;
