import { gateRoutes, problems } from '#contracts';
import { errorFields, type Logger, Problem, type Tally, timed } from '#platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { credentialsSent, keyInAddress, presentedKey, refuseKeyInAddress, refuseTwo } from '../http/credentials.ts';
import { challengeOf, INTERNAL, PROBLEM, problemBody, toProblem } from '../http/problem-reply.ts';
import { identityOf } from './identity-headers.ts';
import { admit, type GateFloor, type VerifiedKey } from './admit.ts';
import { requireScope } from './scopes.ts';

export interface AuthzFloor extends GateFloor {
  readonly keyPrefix: string;
  readonly logger: Logger;
  /** Whether nobody else measures how long answers take. */
  readonly timesItself: boolean;
}

const { path, query: QUERY } = gateRoutes.authorize;
export const AUTHZ = path;
/** Proxies ask by the few addresses of their configuration; strangers may fill no more than this. */
const KNOWN_MAX = 1_000;

/** JSON in the letters that a header may have; between its tokens there are no others. */
const inHeader = (json: string) =>
  json.replaceAll(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Answers whether the key of a request works, and whose it is. */
export class Authz {
  private readonly key: RegExp;
  /** What is asked for by addresses that were read before. */
  private readonly known = new Map<string, readonly string[]>();
  private readonly tallies = new Map<string, Map<number, Tally>>();

  constructor(private readonly floor: AuthzFloor) {
    this.key = keyInAddress(floor.keyPrefix);
  }

  answer(request: FastifyRequest, reply: FastifyReply): void {
    const began = performance.now();
    try {
      const scopes = this.known.get(request.url) ?? this.read(request);
      const problem = refuseTwo(credentialsSent(request));
      if (problem) throw problem;
      const held = admit(this.floor, presentedKey(request.headers), request.ip);
      if (held instanceof Promise)
        void held
          .then((late) => {
            this.accept(late, scopes, request, reply, began);
          })
          .catch((error: unknown) => {
            this.refuse(error, request, reply, began);
          });
      else this.accept(held, scopes, request, reply, began);
    } catch (error) {
      this.refuse(error, request, reply, began);
    }
  }

  /** The scopes that an address asks for. A misspelt parameter is refused: passed over, it would open the gate to keys that it was meant to keep out. */
  private read(request: FastifyRequest): readonly string[] {
    const problem = refuseKeyInAddress(request, this.key);
    if (problem) throw problem;
    const { success, data } = QUERY.safeParse(request.query);
    if (!success)
      throw new Problem(
        'request/invalid',
        'The query may have scope=<noun>:<verb>, once or several times, and nothing else.',
      );
    const scopes = typeof data.scope === 'string' ? [data.scope] : (data.scope ?? []);
    if (this.known.size < KNOWN_MAX) this.known.set(request.url, scopes);
    return scopes;
  }

  private accept(
    held: VerifiedKey,
    scopes: readonly string[],
    request: FastifyRequest,
    reply: FastifyReply,
    began: number,
  ) {
    for (const scope of scopes) requireScope(held, scope);
    const headers = identityOf(held);
    headers.push('X-Request-Id', request.id, 'Cache-Control', 'no-store', 'Content-Length', '0');
    // Past Fastify's own way of sending, which costs 5 % of such an answer.
    reply.hijack();
    reply.raw.writeHead(200, headers).end();
    this.time(request, 200, began);
  }

  private refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, began: number) {
    const known = toProblem(error);
    if (!known) this.floor.logger.error({ requestId: request.id, ...errorFields(error) }, 'a request failed');
    const problem = known ?? INTERNAL;
    const { status } = problems[problem.code];
    const body = problemBody(problem, request.id);
    const headers = [
      'X-Request-Id',
      request.id,
      'Cache-Control',
      'no-store',
      'Content-Type',
      PROBLEM,
      'Content-Length',
      String(Buffer.byteLength(body)),
    ];
    // A proxy that drops the body can still say why, in its own words or in ours.
    headers.push('Rollcall-Problem', problem.code, 'Rollcall-Problem-Details', inHeader(body));
    const challenge = challengeOf(problem.code);
    if (challenge !== undefined) headers.push('WWW-Authenticate', challenge);
    if (problem.retryAfterSeconds !== undefined) headers.push('Retry-After', String(problem.retryAfterSeconds));
    reply.hijack();
    reply.raw.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
    this.time(request, status, began);
  }

  private time({ method }: FastifyRequest, status: number, began: number) {
    if (!this.floor.timesItself) return;
    let ofMethod = this.tallies.get(method);
    if (!ofMethod) this.tallies.set(method, (ofMethod = new Map<number, Tally>()));
    let tally = ofMethod.get(status);
    if (!tally) ofMethod.set(status, (tally = timed.http.tally({ service: 'gateway', method, route: AUTHZ, status })));
    tally.observe((performance.now() - began) / 1000);
  }
}
