import { beginSpan, contextOf, failSpan, timed } from '#platform';
import { context, SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

type Begun = NonNullable<ReturnType<typeof beginSpan>>;
const begun = new WeakMap<FastifyRequest, Begun>();

/** The route as it is declared, never the address that was asked: ids and texts that people type stay out of metrics. */
const routeOf = (request: FastifyRequest) => request.routeOptions.url ?? 'none';

/** Times every request by its route, and hangs a span under the caller's. */
export function observeHttp(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, next) => {
    const made = beginSpan('gateway', `${request.method} ${routeOf(request)}`, {
      kind: SpanKind.SERVER,
      parent: contextOf(traceparent(request)),
      attributes: { 'http.request.method': request.method, 'http.route': routeOf(request) },
    });
    if (!made) {
      next();
      return;
    }
    begun.set(request, made);
    context.with(made.within, next);
  });
  // Reading a body leaves the context that the request began in.
  server.addHook('preValidation', (request, _reply, next) => {
    const made = begun.get(request);
    if (made) context.with(made.within, next);
    else next();
  });
  server.addHook('onResponse', (request, reply, next) => {
    timed.http.observe(
      { service: 'gateway', method: request.method, route: routeOf(request), status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
    endSpan(request, reply.statusCode);
    next();
  });
  server.addHook('onRequestAbort', (request, next) => {
    endSpan(request, 499);
    next();
  });
}

function endSpan(request: FastifyRequest, status: number) {
  const span = begun.get(request)?.span;
  begun.delete(request);
  span?.setAttribute('http.response.status_code', status);
  if (span && status >= 500) failSpan(span, String(status));
  span?.end();
}

const traceparent = ({ headers }: FastifyRequest) =>
  typeof headers.traceparent === 'string' ? headers.traceparent : undefined;
