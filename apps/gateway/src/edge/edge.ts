import { routes } from '#contracts';
import { Problem } from '#platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { parseJson } from './body.ts';
import { authorizations, keyInAddress, refuseKeyInAddress, refuseTwo } from './credentials.ts';
import { sendProblem, toProblem } from './problem-reply.ts';

const BODY_MAX = 1_000_000;
const JOB_BODY_MAX = 10_000_000;
const ANY_HOST = new Set(['/livez', '/readyz']);
/** The one address of `/v1` that a key opens. */
const KEYED = routes.listEvents.path;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What every request must pass before anything looks at it: host, cross-site rule, credentials in their place, a readable body. */
export function guardEdge(server: FastifyInstance, config: GatewayConfig): void {
  const host = new URL(config.origin).host;
  const key = keyInAddress(config.keyPrefix);
  server.addHook('onRequest', (request, reply, next) => {
    setHeaders(request, reply);
    const problem = refuseHost(request, host) ?? refuseKeyInAddress(request, key) ?? refuseSize(request) ?? refuseAuthorization(request) ?? refuseCrossSite(request, config.origin);
    if (problem) sendProblem(request, reply, problem);
    else next();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: JOB_BODY_MAX }, (request, body, done) => {
    try {
      done(null, readBody(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** What the server itself cannot read (an address that is no UTF-8, an endless id) passes no hook, and is a problem all the same. */
export function refuseUnreadable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  setHeaders(request, reply);
  sendProblem(request, reply, toProblem(error));
}

/** What stands on every answer. */
export function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer').header('cache-control', 'no-store');
}

const isIonq = (request: FastifyRequest) => request.url.startsWith('/v0.4');
const pathOf = ({ url }: FastifyRequest) => {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
};

function refuseHost(request: FastifyRequest, host: string): Problem | undefined {
  if (request.headers.host === host || ANY_HOST.has(pathOf(request))) return undefined;
  return new Problem('request/misdirected', `This server answers as ${host} alone. Use that address, or set ROLLCALL_ORIGIN to the one you want.`);
}

function refuseSize(request: FastifyRequest): Problem | undefined {
  const max = isIonq(request) ? JOB_BODY_MAX : BODY_MAX;
  return Number(request.headers['content-length'] ?? 0) > max ? new Problem('request/too-large', `The body may have ${max} bytes here.`) : undefined;
}

function refuseAuthorization(request: FastifyRequest): Problem | undefined {
  const count = authorizations(request);
  if (count === 0) return undefined;
  if (request.url.startsWith('/v1/') && pathOf(request) !== KEYED) return new Problem('authorization/not-accepted', 'API keys open the platform\'s API (/v0.4), never the account. Sign in and send the session cookie.');
  return refuseTwo(count);
}

/** A write passes when the browser says it comes from us, or when it says so itself that it is no browser. */
function refuseCrossSite(request: FastifyRequest, origin: string): Problem | undefined {
  if (READS.has(request.method) || isIonq(request)) return undefined;
  const site = request.headers['sec-fetch-site'];
  const ours = site !== undefined ? site === 'same-origin' : request.headers.origin !== undefined ? request.headers.origin === origin : request.headers['rollcall-client'] !== undefined;
  return ours ? undefined : new Problem('request/cross-site', 'Writes come from this site, or from a program that names itself in the header Rollcall-Client.');
}

function readBody(request: FastifyRequest, body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isIonq(request) && body.length > BODY_MAX) throw new Problem('request/too-large', `The body may have ${BODY_MAX} bytes here.`);
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (!isIonq(request) && type !== 'application/json') throw new Problem('request/unsupported-media-type', 'Send the body as application/json.');
  return parseJson(body);
}
