import { type envoy, gateRoutes, grpcStatus, problems } from '#contracts';
import { Problem, problemOf } from '#platform';
import { presentedKey, refuseKeyInAddress, refuseTwo } from '../http/credentials.ts';
import { challengeOf, problemBody } from '../http/problem-reply.ts';
import { requestId } from '../http/request-id.ts';
import { identityOf } from '../gate/identity-headers.ts';
import { admit, type GateFloor } from '../gate/admit.ts';
import { requireScope } from '../gate/scopes.ts';
import { UNTOLD } from './verify.ts';

/** Underscores too: what stands behind Envoy may read both as one. */
const OURS = /^rollcall[-_]/i;

/** Answers Envoy's external authorization. What cannot be decided is denied with 503, never an error: told to let failures pass, Envoy would let it pass. */
export async function check(
  floor: GateFloor,
  key: RegExp,
  { attributes }: envoy.CheckRequest,
): Promise<envoy.CheckResponse> {
  const { headers = {}, path = '' } = attributes?.request?.http ?? {};
  try {
    const problem =
      refuseKeyInAddress({ url: path }, key) ??
      refuseTwo(Number('authorization' in headers) + Number('x-api-key' in headers));
    if (problem) throw problem;
    const scopes = wanted(attributes?.contextExtensions ?? {});
    const held = await admit(
      floor,
      presentedKey(headers),
      attributes?.source?.address?.socketAddress?.address ?? UNTOLD,
    );
    for (const scope of scopes) requireScope(held, scope);
    const identity = pairs(identityOf(held));
    // Envoy takes these off last: a header that was set must not be among them.
    const headersToRemove = Object.keys(headers).filter(
      (name) => OURS.test(name) && !identity.some(([set]) => set === name.toLowerCase()),
    );
    return { status: { code: 0, message: '' }, okResponse: { headers: overwriting(identity), headersToRemove } };
  } catch (error) {
    return denied(problemOf(error) ?? UNDECIDED, requestId());
  }
}

const UNDECIDED = new Problem(
  'service/unavailable',
  'It could not be decided whether this key works. Try again shortly.',
  { retryAfterSeconds: 5 },
);

/** The scopes that a route asks for in its context extensions, with spaces between them. Any other extension is refused: it may be this one, misspelt. */
function wanted({ scope, ...others }: Readonly<Record<string, string>>): readonly string[] {
  const { success, data } = gateRoutes.authorize.query.safeParse({ ...others, scope: scope?.split(' ') });
  if (!success)
    throw new Problem(
      'request/invalid',
      'The context extensions of the route may have scope: "<noun>:<verb> …", and nothing else.',
    );
  return [data.scope ?? []].flat();
}

function denied(problem: Problem, id: string): envoy.CheckResponse {
  const { retryAfterSeconds } = problem;
  const challenge = challengeOf(problem.code);
  const headers: Header[] = [
    ['content-type', 'application/problem+json; charset=utf-8'],
    ['cache-control', 'no-store'],
    ...(challenge === undefined ? [] : [['www-authenticate', challenge] as const]),
    ...(retryAfterSeconds === undefined ? [] : [['retry-after', String(retryAfterSeconds)] as const]),
  ];
  return {
    status: { code: grpcStatus(problem.code), message: problem.code },
    deniedResponse: {
      status: { code: problems[problem.code].status },
      headers: overwriting(headers),
      body: problemBody(problem, id),
    },
  };
}

type Header = readonly [name: string, value: string];

/** Of a list of names and values, in lower case as HTTP/2 writes names. */
const pairs = (flat: readonly string[]): Header[] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), flat[i + 1] ?? ''] as const] : []));

/** Said, not left out: newer Envoys add to what the client sent where nothing is said. */
const OVERWRITE = 2;

const overwriting = (headers: readonly Header[]): envoy.HeaderValueOption[] =>
  headers.map(([key, value]) => ({ header: { key, value }, appendAction: OVERWRITE }));
