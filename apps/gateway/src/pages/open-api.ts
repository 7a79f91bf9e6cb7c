import { gateRoutes, ionqRoutes, problems, type Route, routes, shapes } from '#contracts';
import { z } from 'zod';
import type { GatewayConfig } from '../config.ts';
import { isIonqPath } from '../http/address.ts';

const schema = (of: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(of, { io, unrepresentable: 'any' });
  return rest;
};

/** What a refusal of `/v0.4` looks like: the form that its clients read. */
const ionqProblem = z.object({
  statusCode: z.int(),
  error: z.string(),
  message: z.string(),
  code: z.string(),
  validation: z.object({ keys: z.array(z.string()), source: z.string() }).optional(),
});

/** OpenAPI 3.1, from the table of routes. */
export function openApi({ origin, development }: Pick<GatewayConfig, 'origin' | 'development'>): object {
  const paths: Record<string, Record<string, object>> = {};
  const served = [
    ...Object.entries(routes),
    ...Object.entries(gateRoutes).map(([name, route]) => [`gate.${name}`, route] as const),
    ...Object.entries(ionqRoutes).map(([name, route]) => [`ionq.${name}`, route] as const),
  ].filter(([, route]) => development || route.access !== 'development');
  for (const [name, route] of served as [string, Route][])
    (paths[route.path.replaceAll(/:(\w+)/g, '{$1}')] ??= {})[route.method.toLowerCase()] = operation(name, route);
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
    tags: [...new Set(served.map(([, route]) => tagOf(route)))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: schema(shapes.problem, 'output'), IonqProblem: schema(ionqProblem, 'output') },
      responses: Object.fromEntries(
        STATUSES.flatMap((status) => [refusal(status, 'Problem'), refusal(status, 'IonqProblem')]),
      ),
      parameters: { RollcallClient: CLIENT, IdempotencyKey: IDEMPOTENCY, RollcallSeen: SEEN },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: new URL(origin).protocol === 'https:' ? '__Host-rollcall' : `rollcall-${new URL(origin).port || '80'}`,
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

const tagOf = ({ path }: Route) => path.split('/')[path.startsWith('/v1/') ? 2 : 1] ?? '';

/** `requestSignUp`: Request sign up. */
const titleOf = (name: string) => {
  const words = (name.split('.').at(-1) ?? name).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function operation(operationId: string, route: Route) {
  const forIonq = isIonqPath(route.path);
  const answer = {
    description: 'Done.',
    headers: { 'X-Request-Id': { schema: { type: 'string' }, description: 'Names this request in logs and to us.' } },
    ...(route.answer instanceof z.ZodVoid
      ? {}
      : { content: { 'application/json': { schema: schema(route.answer, 'output') } } }),
  };
  return {
    operationId,
    summary: titleOf(operationId),
    description: route.does,
    tags: [tagOf(route)],
    parameters: [
      ...fields(route.params, 'path'),
      ...fields(route.query, 'query'),
      ...(route.method !== 'GET' && !forIonq ? [{ $ref: '#/components/parameters/RollcallClient' }] : []),
      ...(route.method === 'POST' && !route.access.startsWith('public')
        ? [{ $ref: '#/components/parameters/IdempotencyKey' }]
        : []),
      ...(route.method === 'GET' && route.path.startsWith('/v1/')
        ? [{ $ref: '#/components/parameters/RollcallSeen' }]
        : []),
    ],
    ...(route.body
      ? {
          requestBody: {
            required: !z.safeParse(route.body, {}).success,
            content: { 'application/json': { schema: schema(route.body, 'input') } },
          },
        }
      : {}),
    security: [
      ...(route.access.startsWith('session') ? [{ session: [] }] : []),
      ...(route.access.endsWith('key') ? [{ key: [] }, { keyAlone: [] }] : []),
    ],
    responses: {
      ...Object.fromEntries(
        [route.status ?? 200, ...(route.otherStatus === undefined ? [] : [route.otherStatus])].map((status) => [
          status,
          answer,
        ]),
      ),
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
function refusalsOf({ method, access, body, params }: Route): number[] {
  const never = new Set([
    405,
    ...(method === 'GET' ? [413, 415, 422] : []),
    ...(method === 'GET' && params === undefined ? [409] : []),
    ...(access === 'public' && body === undefined ? [401, 403] : []),
  ]);
  return STATUSES.filter((status) => !never.has(status));
}

function refusal(status: number, form: 'Problem' | 'IonqProblem') {
  const codes = Object.entries(problems).filter(([, problem]) => problem.status === status);
  const header = (description: string) => ({ schema: { type: 'string' }, description });
  return [
    `${form}${status}`,
    {
      description: codes.map(([code, { title }]) => `\`${code}\`: ${title}.`).join(' '),
      headers: {
        'X-Request-Id': header('Names this request in logs and to us.'),
        ...(status === 429 || status === 503 ? { 'Retry-After': header('Seconds to wait before the next try.') } : {}),
        ...(status === 401 ? { 'WWW-Authenticate': header('How to say who one is.') } : {}),
      },
      content: {
        [form === 'Problem' ? 'application/problem+json' : 'application/json']: {
          schema: { $ref: `#/components/schemas/${form}` },
        },
      },
    },
  ] as const;
}

function fields(of: z.ZodType | undefined, place: 'path' | 'query') {
  if (!of) return [];
  const { properties = {}, required = [] } = schema(of, 'input') as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, type]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: type,
  }));
}
