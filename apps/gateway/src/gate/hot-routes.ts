/**
 * What is hot here, and why. A proxy asks `/authz` once for each request of the platform behind it, so all of them pay for
 * each microsecond of it. It has a server of its own beneath the other one, without Nest and without hooks (those of a
 * Fastify server run for all its routes, and cost 15 % of such an answer); what the edge demands of every request it asks
 * for itself. Where the verdict and today's record of activity are in memory, nothing waits and no promise is made.
 */
import { createServer, type Server } from 'node:http';
import { isTracing } from '#platform';
import { fastify, type FastifyInstance, type FastifyServerFactoryHandler, type FastifyServerOptions } from 'fastify';
import { noteAnswer } from '../http/client-error.ts';
import { observeHttp } from '../http/observe-http.ts';
import { requestId } from '../http/request-id.ts';
import { refuseUnreadable } from '../http/unreadable.ts';
import { AUTHZ, Authz, type AuthzFloor } from './authz.ts';

/** Methods that the server does not know of itself; a proxy forwards the method that its caller used. */
const MORE_METHODS = [
  'COPY',
  'LOCK',
  'MKCALENDAR',
  'MKCOL',
  'MOVE',
  'PROPFIND',
  'PROPPATCH',
  'QUERY',
  'REPORT',
  'SEARCH',
  'UNLOCK',
];

/** A server that answers `/authz` by every method, for any host. It listens nowhere: requests are handed to its `routing` once it is ready. */
export function hotRoutes(
  floor: Omit<AuthzFloor, 'timesItself'>,
  trustProxy: NonNullable<FastifyServerOptions['trustProxy']>,
): FastifyInstance {
  const hot = fastify({ genReqId: requestId, trustProxy, frameworkErrors: refuseUnreadable, exposeHeadRoutes: false });
  // A proxy may forward its caller's body with the question; it is not read.
  hot.removeAllContentTypeParsers();
  hot.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  for (const method of MORE_METHODS) if (!hot.supportedMethods.includes(method)) hot.addHttpMethod(method);
  // A hook after each answer costs 3 % of it: only where spans are wanted, too.
  const tracing = isTracing();
  if (tracing) observeHttp(hot);
  const authz = new Authz({ ...floor, timesItself: !tracing });
  hot.route({
    method: hot.supportedMethods,
    url: AUTHZ,
    handler: (request, reply) => {
      authz.answer(request, reply);
    },
  });
  return hot;
}

/** How long a server waits for its clients, in milliseconds: for all headers, for all of a request, for the next one; and how often it looks. */
export const SERVER_TIMES = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};
export type ServerTimes = typeof SERVER_TIMES;

/** Makes the server of a Fastify instance whose hot requests go another way. `hot` is asked for once requests come. */
export const withHotRoutes =
  (hot: () => FastifyInstance, times: ServerTimes) =>
  (others: FastifyServerFactoryHandler): Server =>
    createServer(times, (request, reply) => {
      noteAnswer(reply);
      if (isHot(request.url)) hot().routing(request, reply);
      else others(request, reply);
    });

const QUESTION_MARK = 63;

function isHot(url = ''): boolean {
  return url.startsWith(AUTHZ) && (url.length === AUTHZ.length || url.charCodeAt(AUTHZ.length) === QUESTION_MARK);
}
