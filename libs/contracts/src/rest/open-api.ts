import { z } from 'zod';
import { problems } from '../problems.ts';
import { exampleOf, type JsonSchema } from './example.ts';
import { gateRoutes } from './gate-routes.ts';
import { ionqRoutes } from './ionq-routes.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import * as shapes from './shapes.ts';

const schema = (of: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(of, { io, unrepresentable: 'any' });
  return rest as JsonSchema;
};

const json = (of: z.ZodType, io: 'input' | 'output') => {
  const written = schema(of, io);
  return { 'application/json': { schema: written, example: exampleOf(written) } };
};

/** What a refusal of `/v0.4` looks like: the form that its clients read. */
const ionqProblem = z.object({
  statusCode: z.int(),
  error: z.string(),
  message: z.string(),
  code: z.string(),
  type: z.string(),
  requestId: z.string(),
  validation: z.object({ keys: z.array(z.string()), source: z.string() }).optional(),
});

/** A route, the name that it has in the table, and the one that it has among all. */
interface Served {
  readonly name: string;
  readonly operationId: string;
  readonly route: Route;
}

const served = (table: Readonly<Record<string, Route>>, prefix = ''): Served[] =>
  Object.entries(table).map(([name, route]) => ({
    name,
    operationId: prefix === '' ? name : prefix + name.charAt(0).toUpperCase() + name.slice(1),
    route,
  }));

const SERVED = [...served(routes), ...served(gateRoutes, 'gate'), ...served(ionqRoutes, 'ionq')];

export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly $ref: string } | Response>>;
  readonly [more: string]: unknown;
}
interface Response {
  readonly description: string;
  readonly headers: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema; readonly example: unknown }>>;
}
interface Header {
  readonly schema: JsonSchema;
  readonly description: string;
  readonly required?: true;
}

/** An OpenAPI document. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>>; readonly [more: string]: unknown };
  readonly [more: string]: unknown;
}

/**
 * OpenAPI 3.1, from the table of routes.
 * @param of the origin that is answered, and whether development aids are on.
 */
export function openApi({ origin, development }: { readonly origin: string; readonly development: boolean }): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  const here = SERVED.filter(({ route }) => development || route.access !== 'development');
  for (const one of here)
    (paths[one.route.path.replaceAll(/:(\w+)/g, '{$1}')] ??= {})[one.route.method.toLowerCase()] = operation(one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      version: '0.1.0',
      description:
        'Accounts, organizations, projects, API keys. Problems are RFC 9457; each code has a page at /problems/{code}.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: origin }],
    tags: Object.entries(TAGS)
      .map(([name, description]) => ({ name, description }))
      .filter(({ name }) => here.some(({ route }) => tagOf(route) === name)),
    paths,
    components: {
      schemas: { Problem: schema(shapes.problem, 'output'), IonqProblem: schema(ionqProblem, 'output') },
      responses: Object.fromEntries(
        STATUSES.flatMap((status) => [refusal(status, 'Problem'), refusal(status, 'IonqProblem')]),
      ),
      parameters: { RollcallClient: CLIENT, IdempotencyKey: IDEMPOTENCY, RollcallSeen: SEEN },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookieOf(origin, '') },
        half: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieOf(origin, '-half'),
          description: 'A sign-in that waits for another proof: ten minutes, and nothing else is opened by it.',
        },
        key: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'apiKey <key>, or Bearer <key>' },
        keyAlone: {
          type: 'apiKey',
          in: 'header',
          name: 'X-API-Key',
          description: 'The key alone, instead of Authorization.',
        },
      },
    },
  };
}

function cookieOf(origin: string, name: string) {
  const { protocol, port } = new URL(origin);
  return protocol === 'https:' ? `__Host-rollcall${name}` : `rollcall${name}-${port || '80'}`;
}

const CLIENT = {
  name: 'Rollcall-Client',
  in: 'header',
  required: true,
  description: 'Which program this is. A browser on our own pages need not say it; nobody else may write without.',
  schema: { type: 'string', minLength: 1, maxLength: 100 },
  example: 'curl',
};
const IDEMPOTENCY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Sent again with the same body within a day, the request is carried out once and answered alike.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const SEEN = {
  name: 'Rollcall-Seen',
  in: 'header',
  required: false,
  description: 'What the answer of an earlier command said in this header: the read waits until it shows that.',
  schema: { type: 'string', maxLength: 2_000 },
};

/** What can be asked, by the first word of its address. */
const TAGS: Readonly<Record<string, string>> = {
  'start': 'What a page needs before it shows anything.',
  'sign-ups': 'How an account begins: an address, a mailed link, a password.',
  'sessions': 'Signing in and out. A session is a cookie, judged anew at each request: ended is ended now.',
  'sign-ins': 'What an address signs in by.',
  'single-sign-on':
    "Signing in at an organization's own identity provider: there and back through the browser, judged once.",
  'password-resets': 'A new password, by a mailed link.',
  'reactivations': 'How a person comes back whose account was suspended because it was inactive.',
  'address-changes': 'What the links do that an address change is made of.',
  'factor-recoveries': 'For people who have lost every second factor.',
  'account': 'The account that is signed in, its settings and what it must do to stay.',
  'organizations':
    'Who works together, and as what. Existence is a secret: what is not yours answers as what does not exist.',
  'invitations': 'How somebody joins an organization: by a mailed link, or by the address of their account.',
  'connections': "How an organization's people sign in at its own identity provider. Secrets go in and never come out.",
  'domains': "Whose addresses are an organization's, proved by DNS.",
  'projects': 'Where keys and jobs of an organization belong, and who may use them.',
  'keys': 'API keys. The secret is shown once; a revoked key is refused everywhere when the answer is there.',
  'key-reports': 'For whoever finds a secret that leaked.',
  'jobs': 'Jobs as a console shows them.',
  'events': "An organization's record, as a feed to poll.",
  'authz': 'For the proxy before your API: does this key work, and whose is it?',
  'v0.4': 'The API that the SDKs of quantum computers speak. Errors have the form that those clients read.',
  'dev': 'Aids for development alone. In production they are not there.',
};

const tagOf = ({ path }: Route) => path.split('/')[path.startsWith('/v1/') ? 2 : 1] ?? '';

/** `requestSignUp`: Request sign up. */
const titleOf = (name: string) => {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const header = (description: string, always = true): Header => ({
  schema: { type: 'string' },
  description,
  ...(always ? { required: true } : {}),
});
const REQUEST_ID = header('Names this request in logs and to us.');

function operation({ name, operationId, route }: Served): Operation {
  const forIonq = operationId.startsWith('ionq');
  const answer: Response = {
    description: 'Done.',
    headers: {
      'X-Request-Id': REQUEST_ID,
      ...(route.method !== 'GET' && !forIonq
        ? { 'Rollcall-Seen': header('What this has changed: a read that sends it waits until it shows that.', false) }
        : {}),
      ...Object.fromEntries(Object.entries(route.headers ?? {}).map(([of, says]) => [of, header(says)])),
    },
  };
  const answered = (of: z.ZodType): Response =>
    of instanceof z.ZodVoid ? answer : { ...answer, content: json(of, 'output') };
  // A step that is the last is answered by one status, all others by the other.
  const [usual = route.answer, ...others] =
    route.otherStatus !== undefined && route.answer instanceof z.ZodUnion
      ? (route.answer.options as z.ZodType[])
      : [route.answer, route.answer];
  return {
    operationId,
    summary: titleOf(name),
    description: route.does,
    tags: [tagOf(route)],
    parameters: [
      ...fields(route.params, 'path'),
      ...fields(route.query, 'query'),
      ...(route.method !== 'GET' && !forIonq ? [{ $ref: '#/components/parameters/RollcallClient' }] : []),
      ...(route.method === 'POST' && route.access !== 'public' && route.access !== 'half'
        ? [{ $ref: '#/components/parameters/IdempotencyKey' }]
        : []),
      ...(route.method === 'GET' && route.path.startsWith('/v1/')
        ? [{ $ref: '#/components/parameters/RollcallSeen' }]
        : []),
    ],
    ...(route.body
      ? { requestBody: { required: !z.safeParse(route.body, {}).success, content: json(route.body, 'input') } }
      : {}),
    security: [
      ...(route.access.startsWith('session') ? [{ session: [] }] : []),
      ...(route.access === 'half' ? [{ half: [] }] : []),
      ...(route.access.endsWith('key') ? [{ key: [] }, { keyAlone: [] }] : []),
    ],
    responses: {
      [route.status ?? 200]: answered(usual),
      ...(route.otherStatus === undefined ? {} : { [route.otherStatus]: answered(z.union(others)) }),
      ...Object.fromEntries(
        refusalsOf(route).map((status) => [
          status,
          { $ref: `#/components/responses/${forIonq ? 'IonqProblem' : 'Problem'}${status}` },
        ]),
      ),
    },
  };
}

/** Every status that a refusal can have, in order. */
const STATUSES = [...new Set(Object.values(problems).map(({ status }) => status))].sort((a, b) => a - b);

/** What a route may refuse by: what it cannot be asked for is left out. */
function refusalsOf({ method, path, access, body, params }: Route): number[] {
  const never = new Set([
    405,
    ...(method === 'GET' ? [422] : []),
    ...(method === 'GET' && params === undefined ? [409] : []),
    // On `/v1` a key that is sent along is refused, and so is whoever is signed in and suspended.
    ...(access === 'public' && body === undefined && !path.startsWith('/v1/') ? [401, 403] : []),
  ]);
  return STATUSES.filter((status) => !never.has(status));
}

function refusal(status: number, form: 'Problem' | 'IonqProblem'): readonly [string, Response] {
  const codes = Object.entries(problems).filter(([, problem]) => problem.status === status);
  const [code = 'internal', { title } = { title: '' }] = codes[0] ?? [];
  const [type, requestId] = [`/problems/${code}`, '0199f0a2c3d47a3b9e5f'];
  return [
    `${form}${status}`,
    {
      description: codes.map(([code, { title }]) => `\`${code}\`: ${title}.`).join(' '),
      headers: {
        'X-Request-Id': REQUEST_ID,
        ...(status === 429 || status === 503 ? { 'Retry-After': header('Seconds to wait before the next try.') } : {}),
        ...(status === 401 ? { 'WWW-Authenticate': header('How to say who one is.') } : {}),
      },
      content:
        form === 'Problem'
          ? {
              'application/problem+json': {
                schema: { $ref: '#/components/schemas/Problem' },
                example: { type, title, status, detail: `${title}.`, code, requestId },
              },
            }
          : {
              'application/json': {
                schema: { $ref: '#/components/schemas/IonqProblem' },
                example: { statusCode: status, error: title, message: `${title}.`, code, type, requestId },
              },
            },
    },
  ];
}

function fields(of: z.ZodType | undefined, place: 'path' | 'query') {
  if (!of) return [];
  const { properties = {}, required = [] } = schema(of, 'input');
  return Object.entries(properties).map(([name, type]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: type,
  }));
}
