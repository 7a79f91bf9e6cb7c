import type { BodyOf, identity, ParamsOf, QueryOf, Route as RouteShape } from '#contracts';
import type { CallContext } from '#platform';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  applyDecorators,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Post,
  Put,
  SetMetadata,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyHolder } from '../gate/admit.ts';
import type { SignedIn } from '../gate/session-check.ts';

/** A sign-in that waits for another proof. */
export interface Half extends identity.HalfSession {
  readonly token: string;
}

/** How long a call may take that is answered once every gateway knows what was decided. */
export const DECIDED_MS = 8_000;

/** A request that has passed: its parts as the route's schemas read them, who asks, and what travels on to the services. */
export interface Ask<R extends RouteShape = RouteShape> {
  readonly body: BodyOf<R>;
  /** The body as it came. */
  readonly raw: Buffer;
  readonly query: QueryOf<R>;
  readonly params: ParamsOf<R>;
  /** The signed-in person; always there on routes for sessions. */
  readonly who: R['access'] extends 'session' ? SignedIn : SignedIn | undefined;
  /** The holder of the key; always there on routes for keys, and on routes for either when the request has no session. */
  readonly holder: R['access'] extends 'key' ? KeyHolder : KeyHolder | undefined;
  /** The sign-in that waits; always there on routes for half sessions. */
  readonly half: R['access'] extends 'half' ? Half : Half | undefined;
  readonly context: CallContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Whether a read answered before it showed what the caller has written. */
  readonly stale: () => boolean;
}

const METHODS = { GET: Get, POST: Post, PUT: Put, DELETE: Delete } as const;
/** Where a handler keeps its route. */
export const ROUTE = 'rollcall:route';

/** Serves a route of the table. */
export const Serve = (route: RouteShape): MethodDecorator =>
  applyDecorators(
    METHODS[route.method](route.path),
    HttpCode(route.status ?? 200),
    SetMetadata(ROUTE, route),
    RouteConfig({ [ROUTE]: route }),
  );

/** The route of the table that a request has met, if any. */
export const routeOf = (request: Pick<FastifyRequest, 'routeOptions'>): RouteShape | undefined =>
  routeIn(request.routeOptions.config);
export const routeIn = (config: object | undefined): RouteShape | undefined =>
  (config as { [ROUTE]?: RouteShape } | undefined)?.[ROUTE];

/** The request, as the gate-keeper has read it. */
export const Asked = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest & { ask: Ask }>().ask,
);

/** A page of a list as it is answered. */
export const listed = <T>({ stale }: Pick<Ask, 'stale'>, items: T[], next?: string) => ({
  items,
  next: next ?? null,
  ...(stale() ? { stale: true as const } : {}),
});
