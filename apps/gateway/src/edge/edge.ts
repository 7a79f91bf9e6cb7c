import { bodyMaxOf, routes } from '#contracts';
import { type Clock, Problem } from '#platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import type { Admission } from './admission.ts';
import { routeIn, routeOf } from './ask.ts';
import { addressOf, isIonq, isScim } from '../http/address.ts';
import { keepBytes } from '../http/body.ts';
import { credentialsSent, keyInAddress, refuseKeyInAddress, refuseTwo, timesSent } from '../http/credentials.ts';
import { setHeaders } from '../http/headers.ts';
import { Methods } from '../http/methods.ts';
import { sendProblem } from '../http/problem-reply.ts';

/** For bodies of routes that declare none. */
export const BODY_MAX = 16_384;
const ANY_HOST = new Set(['/livez', '/readyz']);
/** The one address of `/v1` that a key opens. */
const KEYED = routes.listEvents.path;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What every request must pass before anything of its body is read: host, cross-site rule, credentials in their place and good, a body of a length that the route takes. */
export function guardEdge(
  server: FastifyInstance,
  config: GatewayConfig,
  admission: Pick<Admission, 'admit'>,
  clock: Clock,
): void {
  const hosts = hostsOf(config);
  const key = keyInAddress(config.keyPrefix);
  const methods = new Methods();
  server.addHook('onRequest', (request, reply, next) => {
    setHeaders(request, reply);
    // Only a clock that can be advanced is another than the machine's.
    if (config.development) void reply.header('date', clock.now().toUTCString());
    const problem =
      refuseHost(request, hosts) ??
      refuseKeyInAddress(request, key) ??
      refuseAuthorization(request) ??
      refuseCrossSite(request, config.origin) ??
      (request.is404 ? refuseMethod(methods.of(addressOf(request)), reply) : undefined);
    if (problem) sendProblem(request, reply, problem);
    else next();
  });
  server.addHook('onRoute', (options) => {
    methods.add(options);
    const route = routeIn(options.config);
    if (route) options.bodyLimit = bodyMaxOf(route);
    else options.bodyLimit = declaredMax(options.config) ?? BODY_MAX;
  });
  server.addHook('preParsing', async (request) => {
    const route = routeOf(request);
    if (route) await admission.admit(request, route);
    const max = route ? bodyMaxOf(route) : (declaredMax(request.routeOptions.config) ?? BODY_MAX);
    if (!READS.has(request.method) && Number(request.headers['content-length'] ?? 0) > max)
      throw new Problem('request/too-large', `The body may have ${max} bytes here.`);
  });
  keepBytes(server);
}

/** Of a route that is none of the table. */
const declaredMax = (config: object | undefined) => (config as { bodyMax?: number } | undefined)?.bodyMax;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The names that it answers by. A machine's own developer may use any of its own. */
function hostsOf({
  origin,
  development,
}: Pick<GatewayConfig, 'origin' | 'development'>): readonly [string, ...string[]] {
  const { host, hostname, port } = new URL(origin);
  if (!development || !LOOPBACK.includes(hostname)) return [host];
  return [host, ...LOOPBACK.map((name) => (port === '' ? name : `${name}:${port}`))];
}

function refuseHost(request: FastifyRequest, hosts: readonly [string, ...string[]]): Problem | undefined {
  // RFC 9112 §3.2: a proxy before this server may have routed by the other header.
  if (timesSent(request, 'host') > 1) return new Problem('request/invalid', 'Send one Host header, not two.');
  if (hosts.includes(request.headers.host ?? '') || ANY_HOST.has(addressOf(request))) return undefined;
  const [host] = hosts;
  return new Problem(
    'request/misdirected',
    `This server answers as ${host} alone. Use that address, or set ROLLCALL_ORIGIN to the one you want.`,
  );
}

/** RFC 9110 §15.5.6: with the methods that there are. */
function refuseMethod(allowed: readonly string[], reply: FastifyReply): Problem | undefined {
  if (allowed.length === 0) return undefined;
  void reply.header('allow', allowed.join(', '));
  return new Problem('request/method-not-allowed', `This address answers ${allowed.join(', ')}.`);
}

function refuseAuthorization(request: FastifyRequest): Problem | undefined {
  const count = credentialsSent(request);
  if (count === 0) return undefined;
  const address = addressOf(request);
  if (address.startsWith('/v1/') && address !== KEYED)
    return new Problem(
      'authorization/not-accepted',
      "API keys open the platform's API (/v0.4), never the account. Sign in and send the session cookie.",
    );
  return refuseTwo(count);
}

/** Providers post here by the browser of the person, or themselves: what comes is judged by itself, and no cookie counts. */
const FROM_PROVIDERS = /^\/sso\/[^/]+\/(acs|logout)$/;

/** A write passes when the browser says it comes from us, or when it says so itself that it is no browser. */
function refuseCrossSite(request: FastifyRequest, origin: string): Problem | undefined {
  if (READS.has(request.method) || isIonq(request) || isScim(request) || FROM_PROVIDERS.test(addressOf(request)))
    return undefined;
  const site = request.headers['sec-fetch-site'];
  const ours =
    site !== undefined
      ? site === 'same-origin'
      : request.headers.origin !== undefined
        ? request.headers.origin === origin
        : request.headers['rollcall-client'] !== undefined;
  return ours
    ? undefined
    : new Problem(
        'request/cross-site',
        'Writes come from this site, or from a program that names itself in the header Rollcall-Client.',
      );
}
