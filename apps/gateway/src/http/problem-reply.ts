import { type ProblemCode, problems } from '#contracts';
import { Problem, problemOf } from '#platform';
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isIonq, isScim } from './address.ts';
import { escaped, page } from './page.ts';

/** What went wrong as a problem; undefined where it is our own fault. */
export function toProblem(error: unknown): Problem | undefined {
  const status = error instanceof HttpException ? error.getStatus() : statusCode(error);
  if (status === undefined) return problemOf(error);
  switch (status) {
    case 404:
      return new Problem(
        'request/not-found',
        'There is nothing at this address. The documentation at /docs lists what there is.',
      );
    case 405:
      return new Problem('request/method-not-allowed', 'This address does not answer that method.');
    case 413:
      return new Problem('request/too-large', 'The body is longer than this address takes. Send less at once.');
    case 415:
      return new Problem('request/unsupported-media-type', 'Send the body as application/json.');
    case 400:
      return new Problem(
        'request/invalid',
        'The request could not be read. Check its JSON, its headers and its encoding.',
      );
    default:
      return status < 500 ? new Problem('request/invalid', 'The request could not be read.') : undefined;
  }
}

const statusCode = (error: unknown) =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;

/** What is our own fault. */
export const INTERNAL = new Problem(
  'internal',
  'Something went wrong on our side. Nothing of your request is lost that was confirmed. Tell us the request id if it goes on.',
);

/** The media type of RFC 9457. */
export const PROBLEM = 'application/problem+json; charset=utf-8';

/** The `WWW-Authenticate` of every 401 (RFC 9110 §11.6.1): a key in its header, else the cookie of a session. No browser asks its user because of either. */
export function challengeOf(code: ProblemCode): string | undefined {
  if (problems[code].status !== 401) return undefined;
  if (code === 'scim-token/refused') return 'Bearer realm="Rollcall"';
  return code.startsWith('key/') ? 'Bearer realm="Rollcall", ApiKey realm="Rollcall"' : 'Cookie realm="Rollcall"';
}

/** Answers with RFC 9457 problem details; `/v0.4` and SCIM in the shapes their clients read, and who opens an address in a browser with a page. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, known: Problem | undefined): void {
  const problem = known ?? INTERNAL;
  const { status } = problems[problem.code];
  if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', String(problem.retryAfterSeconds));
  const challenge = challengeOf(problem.code);
  if (challenge !== undefined) void reply.header('www-authenticate', challenge);
  if (isIonq(request)) return sendIonqError(reply, problem, request.id);
  if (isScim(request)) return sendScimError(reply, problem);
  if (request.method === 'GET' && request.headers.accept?.includes('text/html') === true) {
    void reply.status(status).header('content-type', 'text/html; charset=utf-8').send(problemPage(problem, request.id));
    return;
  }
  void reply.status(status).header('content-type', PROBLEM).send(problemBody(problem, request.id));
}

function problemPage({ code, detail }: Problem, requestId: string): string {
  return page(
    problems[code].title,
    `<p>${escaped(detail)}</p><p><a href="/problems/${code}">What this means</a> · <a href="/">Start</a></p><p><small>${escaped(requestId)}</small></p>`,
  );
}

/** Problems that are made once and thrown often, in JSON up to the request's id. */
const begun = new WeakMap<Problem, string>();

/** RFC 9457 problem details, as they are sent. */
export function problemBody(problem: Problem, requestId: string): string {
  const known = begun.get(problem) ?? begin(problem);
  begun.set(problem, known);
  return `${known},"requestId":${JSON.stringify(requestId)}}`;
}

function begin({ code, detail, facts: { fields, retryAfterSeconds: _, part: __, ...facts } }: Problem): string {
  const { title, status } = problems[code];
  return JSON.stringify({
    ...facts,
    type: `/problems/${code}`,
    title,
    status,
    detail,
    code,
    ...(fields ? { errors: fields } : {}),
  }).slice(0, -1);
}

/** By what SCIM calls them (RFC 7644 section 3.12), where it has a name; a problem may say it itself. */
const SCIM_TYPES: Partial<Readonly<Record<ProblemCode, string>>> = {
  'scim-user/taken': 'uniqueness',
  'scim-user/filter-unsupported': 'invalidFilter',
  'request/invalid': 'invalidValue',
};
/** The media type of RFC 7644. */
export const SCIM = 'application/scim+json; charset=utf-8';

function sendScimError(reply: FastifyReply, { code, detail, facts }: Problem) {
  const { status } = problems[code];
  const scimType = typeof facts.scimType === 'string' ? facts.scimType : SCIM_TYPES[code];
  void reply
    .status(status)
    .header('content-type', SCIM)
    .send(
      JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: String(status),
        ...(scimType === undefined ? {} : { scimType }),
        detail: `${detail} (${code})`,
      }),
    );
}

/** `{ "error": … }` alone would crash clients: all three fields, always. The code's page and the request's id they pass over. */
function sendIonqError(reply: FastifyReply, problem: Problem, requestId: string) {
  const { title, status } = problems[problem.code];
  const { fields, part } = problem.facts;
  const keys = fields?.map(({ pointer }) => pointer.slice(1).replaceAll('/', '.'));
  // Its clients show the message alone; services that read bodies themselves have named the first field in it.
  const first = part !== undefined && fields?.[0] ? ` ${keys?.[0] ?? ''} ${fields[0].detail}.` : '';
  void reply
    .status(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(
      JSON.stringify({
        statusCode: status,
        error: title,
        message: problem.detail + first,
        code: problem.code,
        type: `/problems/${problem.code}`,
        requestId,
        ...(keys ? { validation: { keys, source: part ?? 'body' } } : {}),
      }),
    );
}
