import { verifyRequest } from '#contracts';
import { errorFields, type Logger, Problem } from '#platform';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerClientError } from '../http/client-error.ts';
import { keepBytes, readBody } from '../http/body.ts';
import { keyInAddress, refuseKeyInAddress } from '../http/credentials.ts';
import { observeHttp } from '../http/observe-http.ts';
import { sendProblem, toProblem } from '../http/problem-reply.ts';
import { read } from '../http/read.ts';
import { requestId } from '../http/request-id.ts';
import { refuseUnreadable } from '../http/unreadable.ts';
import { setHeaders } from '../http/headers.ts';
import { type ServerTimes, withHotRoutes } from '../gate/hot-routes.ts';
import type { GateFloor } from '../gate/admit.ts';
import { UNTOLD, verify } from './verify.ts';

export interface InternalFloor extends GateFloor {
  readonly keyPrefix: string;
  readonly logger: Logger;
  readonly times: ServerTimes;
}

/** A hundred long keys, and what stands around them. */
const BODY_MAX = 1_100_000;

/** What services of the platform ask: `/authz`, `/verify`, `/livez`. Not for the internet: every process that reaches this port may ask. */
export function internalServer(hot: FastifyInstance, floor: InternalFloor): FastifyInstance {
  const server = fastify({
    genReqId: requestId,
    bodyLimit: BODY_MAX,
    frameworkErrors: refuseUnreadable,
    clientErrorHandler: answerClientError,
    serverFactory: withHotRoutes(() => hot, floor.times),
  });
  const key = keyInAddress(floor.keyPrefix);
  observeHttp(server);
  server.addHook('preClose', () => hot.close());
  server.addHook('onRequest', (request, reply, next) => {
    setHeaders(request, reply);
    const problem = refuseKeyInAddress(request, key);
    if (problem) sendProblem(request, reply, problem);
    else next();
  });
  keepBytes(server);
  server.setErrorHandler((error, request, reply) => {
    refuse(error, request, reply, floor.logger);
  });
  server.setNotFoundHandler((request, reply) => {
    refuse(
      new Problem('request/not-found', 'There is nothing at this address. Ask POST /verify or /authz.'),
      request,
      reply,
      floor.logger,
    );
  });
  server.get('/livez', () => ({ status: 'ok' }));
  server.post('/verify', (request) => answer(floor, request));
  server.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: '/verify',
    handler: () => {
      throw new Problem('request/method-not-allowed', 'Send a POST with the key in its body.');
    },
  });
  return server;
}

async function answer(floor: GateFloor, request: FastifyRequest): Promise<object> {
  const {
    key,
    keys = [],
    scopes,
    address = UNTOLD,
  } = read(verifyRequest, readBody(request, { anyType: false }), 'body');
  if (key !== undefined) return verify(floor, { key, scopes, address });
  return { results: await Promise.all(keys.map((each) => verify(floor, { key: each, scopes, address }))) };
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger) {
  const problem = toProblem(error);
  if (!problem) logger.error({ requestId: request.id, ...errorFields(error) }, 'a request failed');
  sendProblem(request, reply, problem);
}
