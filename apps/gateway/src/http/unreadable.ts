import type { FastifyReply, FastifyRequest } from 'fastify';
import { setHeaders } from './headers.ts';
import { sendProblem, toProblem } from './problem-reply.ts';

/** A request that the server itself cannot read (an address that is no UTF-8, an endless id) passes no hook, and is a problem all the same. */
export function refuseUnreadable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  setHeaders(request, reply);
  sendProblem(request, reply, toProblem(error));
}
