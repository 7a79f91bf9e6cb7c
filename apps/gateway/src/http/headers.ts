import type { FastifyReply, FastifyRequest } from 'fastify';

/** What stands on every answer. */
export function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .header('x-request-id', request.id)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store');
}
