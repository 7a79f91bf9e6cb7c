import { createHmac } from 'node:crypto';
import { type ProblemCode, type Route, shapes } from '#contracts';
import { type CallContext, makingKey, Problem, SERVICE_CONFIG } from '#platform';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import type { KeyHolder } from '../gate/admit.ts';
import type { SignedIn } from '../gate/session-check.ts';
import { Admission } from './admission.ts';
import { type Ask, ROUTE } from './ask.ts';
import { isIonq, pathOf } from '../http/address.ts';
import { bytesOf, readBody } from '../http/body.ts';
import { Cookies } from './cookies.ts';
import { RecentProofs } from './recent-proofs.ts';
import { read } from '../http/read.ts';

const NOTHING = Buffer.alloc(0);
const EMPTY = Buffer.from('{}');

/** Idempotency keys make no sense where the caller is not known yet, or where the answer is the same anyway. */
const NOT_REPEATABLE =
  /^\/v1\/(sign-ups|sign-ins|single-sign-on|sessions|password-resets|reactivations|address-changes|factor-recoveries|key-reports|invitations\/(look|accept))/;

/** A caller who sends a parameter means something by it: one that no code reads is refused, not ignored. */
const NO_QUERY = shapes.nothing;
const READS_NONE = new Set(['GET', 'HEAD']);

/** Whether a request is well formed, decided after its caller is known and for all routes in one place, from the route's own definition. */
@Injectable()
export class RouteGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly admission: Admission,
    private readonly cookies: Cookies,
    private readonly proofs: RecentProofs,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const route = this.reflector.get<Route | undefined>(ROUTE, execution.getHandler());
    if (!route) return true;
    const request = execution.switchToHttp().getRequest<FastifyRequest & { ask: Ask }>();
    const reply = execution.switchToHttp().getResponse<FastifyReply>();
    const { holder, who, half } = this.admission.of(request);
    const raw = bytesOf(request);
    const body = route.isPassedOn
      ? {}
      : read(route.body, READS_NONE.has(request.method) ? {} : readBody(request, { anyType: isIonq(request) }), 'body');
    const parts = {
      params: readParams(route, request.params),
      query: read(route.query ?? (isIonq(request) ? undefined : NO_QUERY), request.query, 'query'),
      body,
      raw,
    };
    const { context, stale } = this.context(request, reply, route, who, holder);
    if (who && typeof route.proof === 'function' && route.proof(body)) await this.proofs.require(who, request.id);
    request.ask = { ...parts, who, holder, half, context, request, reply, stale };
    return true;
  }

  private context(
    request: FastifyRequest,
    reply: FastifyReply,
    route: Route,
    who: SignedIn | undefined,
    holder: KeyHolder | undefined,
  ): { context: CallContext; stale: () => boolean } {
    const seen: string[] = [];
    let isStale = false;
    const accountId = who?.accountId ?? holder?.accountId;
    const context: CallContext = {
      correlationId: request.id,
      actor: accountId === undefined ? 'service:gateway' : `account:${accountId}`,
      traceparent: traceparent(request),
      ...(route.method === 'GET'
        ? { seen: this.cookies.seenBy(request) }
        : this.command(request, route, accountId, holder)),
      onSeen: (position) => {
        seen.push(position);
        if (!reply.sent) this.cookies.tellSeen(reply, seen);
      },
      onStale: () => {
        isStale = true;
        void reply.header('rollcall-stale', 'true');
      },
    };
    return { context, stale: () => isStale };
  }

  /** An Idempotency-Key becomes the command's id, bound to account, route and the key's project, so that another caller's key cannot collide with it. */
  private command(
    request: FastifyRequest,
    route: Route,
    accountId: string | undefined,
    holder: KeyHolder | undefined,
  ): Pick<CallContext, 'commandId' | 'fingerprint'> {
    const key = request.headers['idempotency-key'];
    if (
      typeof key !== 'string' ||
      accountId === undefined ||
      route.method !== 'POST' ||
      NOT_REPEATABLE.test(route.path)
    )
      return {};
    if (key.length === 0 || key.length > 255)
      throw new Problem('request/invalid', 'An Idempotency-Key has 1 to 255 characters.');
    const digest = (body: Buffer, ...parts: string[]) =>
      createHmac('sha256', makingKey(this.config.installationKey, 'digests'))
        .update(JSON.stringify(parts))
        .update(body)
        .digest('base64url');
    const raw = bytesOf(request);
    return {
      commandId: digest(
        NOTHING,
        'command',
        accountId,
        route.method,
        route.path,
        key,
        ...(holder ? [holder.projectId] : []),
      ),
      fingerprint: digest(raw.length > 0 ? raw : EMPTY, 'content', pathOf(request.url)),
    };
  }
}

const traceparent = (request: FastifyRequest) => {
  const value = request.headers.traceparent;
  return typeof value === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(value) ? value : undefined;
};

const UNKNOWN: Readonly<Record<string, ProblemCode>> = {
  sessions: 'session/unknown',
  account: 'factor/unknown',
  organizations: 'organization/unknown',
  invitations: 'invitation/unknown',
  projects: 'project/unknown',
  keys: 'key/unknown',
  connections: 'connection/unknown',
  domains: 'domain/unknown',
  jobs: 'job/unknown',
};

/** An id that cannot be one names nothing: the same answer as for any unknown thing. */
function readParams(route: Route, value: unknown): unknown {
  const parsed = route.params?.safeParse(value ?? {});
  if (!parsed || parsed.success) return parsed?.data;
  throw new Problem(UNKNOWN[route.path.split('/')[2] ?? ''] ?? 'request/not-found', 'There is nothing with this id.');
}
