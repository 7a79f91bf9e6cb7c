import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { Problem } from '../base/problem.ts';

let tracerOf: ((service: string) => Tracer) | undefined;

/** Sends spans to an OTLP/HTTP endpoint (`OTEL_EXPORTER_OTLP_ENDPOINT`) until what it answers is called. Before that, and after, nothing of it costs anything. */
export async function startTracing(endpoint: string): Promise<() => Promise<void>> {
  const [
    { BatchSpanProcessor, TracerProvider },
    { OTLPTraceExporter },
    { resourceFromAttributes },
    { AsyncLocalStorageContextManager },
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }),
    scheduledDelayMillis: 1_000,
  });
  const tracers = new Map<string, Tracer>();
  tracerOf = (service) => {
    const known =
      tracers.get(service) ??
      new TracerProvider({
        resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'rollcall' }),
        spanProcessors: [processor],
      }).getTracer('rollcall');
    tracers.set(service, known);
    return known;
  };
  return async () => {
    tracerOf = undefined;
    await processor.shutdown().catch(() => undefined);
    context.disable();
    manager.disable();
  };
}

/** Whether spans are made. */
export const isTracing = (): boolean => tracerOf !== undefined;

/** What a span says. Never an id of a person, an address or a key: readers of traces have no right to them. */
export interface SpanOf {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
  /** Where it hangs; where nothing is said, under what runs now. */
  readonly parent?: Context;
}

/** Runs work in a span. Without tracing it just runs. */
export async function spanned<T>(
  service: string,
  name: string,
  span: SpanOf,
  work: (made?: Span) => Promise<T>,
): Promise<T> {
  const begun = beginSpan(service, name, span);
  if (!begun) return work();
  try {
    return await context.with(begun.within, () => work(begun.span));
  } catch (error) {
    failSpan(begun.span, error instanceof Problem ? error.code : error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    begun.span.end();
  }
}

/** A span to be ended by the caller, and the context for what runs in it. */
export function beginSpan(
  service: string,
  name: string,
  { parent = context.active(), links = [], kind, attributes = {} }: SpanOf,
): { span: Span; within: Context } | undefined {
  const span = tracerOf?.(service).startSpan(
    name,
    { links: [...links], attributes, ...(kind === undefined ? {} : { kind }) },
    parent,
  );
  return span && { span, within: trace.setSpan(parent, span) };
}

/** Marks a span as failed, by a kind of failure and never by its message, which may name things. */
export function failSpan(span: Span, kind: string): void {
  span.setAttribute('error.type', kind).setStatus({ code: SpanStatusCode.ERROR });
}

/** The W3C header for a span. */
export const traceparentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};

/** What a header names, to hang a span under; the root where it names nothing. */
export function contextOf(traceparent: string | undefined): Context {
  const named = spanContextOf(traceparent);
  return named ? trace.setSpanContext(ROOT_CONTEXT, named) : ROOT_CONTEXT;
}

const LINKS_MAX = 64;

/** Links to what led to these: a replay or a late reader must not grow an old trace. */
export const linksTo = (traceparents: readonly (string | undefined)[]): Link[] =>
  [...new Set(traceparents)].slice(0, LINKS_MAX).flatMap((traceparent) => {
    const named = spanContextOf(traceparent);
    return named ? [{ context: named }] : [];
  });

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] =
    /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(traceparent ?? '') ?? [];
  const named = { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(named) ? named : undefined;
}
