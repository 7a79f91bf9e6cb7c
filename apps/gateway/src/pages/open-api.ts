import { gateRoutes, ionqRoutes, type Route, routes, shapes } from '#contracts';
import { z } from 'zod';
import type { GatewayConfig } from '../config.ts';

const schema = (of: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(of, { io, unrepresentable: 'any' });
  return rest;
};

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
    },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: { Problem: schema(shapes.problem, 'output') },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: new URL(origin).protocol === 'https:' ? '__Host-rollcall' : `rollcall-${new URL(origin).port || '80'}`,
        },
        key: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'apiKey <key>' },
      },
    },
  };
}

function operation(operationId: string, route: Route) {
  const parameters = [...fields(route.params, 'path'), ...fields(route.query, 'query')];
  return {
    operationId,
    summary: route.does,
    tags: [route.path.split('/')[1] === 'v1' ? route.path.split('/')[2] : route.path.split('/')[1]],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? { requestBody: { content: { 'application/json': { schema: schema(route.body, 'input') } } } }
      : {}),
    security: [
      ...(route.access.startsWith('session') ? [{ session: [] }] : []),
      ...(route.access.endsWith('key') ? [{ key: [] }] : []),
    ],
    responses: {
      [String(route.status ?? 200)]: {
        description: 'Done.',
        content: { 'application/json': { schema: schema(route.answer, 'output') } },
      },
      default: {
        description: 'A problem.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
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
