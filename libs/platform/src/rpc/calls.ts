import { type Span, SpanKind } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder, status } from '@grpc/grpc-js';
import { header } from './call-context.ts';
import { Problem } from '../base/problem.ts';
import { timed } from '../observe/metrics.ts';
import { beginSpan, contextOf, failSpan, spanned, traceparentOf } from '../observe/tracing.ts';

const secondsSince = (began: number) => (performance.now() - began) / 1000;
const rpc = (method: string) => ({
  'rpc.system': 'grpc',
  'rpc.service': method.split('/')[0] ?? '',
  'rpc.method': method.split('/')[1] ?? '',
});

/** Measures a call to a peer; `work` is given the traceparent to send, where there is a span. */
export async function observeCall<T>(
  service: string,
  peer: string,
  method: string,
  work: (traceparent?: string) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const done = (outcome: string) => {
    timed.grpcClient.observe({ service, peer, method, outcome }, secondsSince(began));
  };
  try {
    const answer = await spanned(
      service,
      method,
      { kind: SpanKind.CLIENT, attributes: { ...rpc(method), 'peer.service': peer } },
      (span) => work(span && traceparentOf(span)),
    );
    done('ok');
    return answer;
  } catch (error) {
    done(error instanceof Problem ? error.code : 'internal');
    throw error;
  }
}

/** Measures every call that a service answers, from its first header to its status, and hangs a span under the caller's. */
export const observeCalls =
  (service: string): ServerInterceptor =>
  (definition, call) => {
    const [, method] = /^\/(?:rollcall|envoy)\.[\w.]+\.(\w+\/\w+)$/.exec(definition.path) ?? [];
    if (method === undefined) return new ServerInterceptingCall(call);
    const began = performance.now();
    let begun: ReturnType<typeof beginSpan>;
    const inside = (next: () => void) => {
      if (begun) context.with(begun.within, next);
      else next();
    };
    const end = (code: string) => {
      timed.grpcServer.observe({ service, method, code }, secondsSince(began));
      if (begun) endSpan(begun.span, code);
      begun = undefined;
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next(
          new ServerListenerBuilder()
            .withOnReceiveMetadata((metadata, go) => {
              begun = beginSpan(service, method, {
                kind: SpanKind.SERVER,
                attributes: rpc(method),
                parent: contextOf(header(metadata, 'traceparent')),
              });
              go(metadata);
            })
            .withOnReceiveMessage((message, go) => {
              inside(() => {
                go(message);
              });
            })
            .withOnReceiveHalfClose((go) => {
              inside(go);
            })
            .withOnCancel(() => {
              end('CANCELLED');
            })
            .build(),
        );
      },
      sendStatus: (sent, next) => {
        end(status[sent.code ?? status.UNKNOWN] ?? 'UNKNOWN');
        next(sent);
      },
    });
  };

function endSpan(span: Span, code: string) {
  span.setAttribute('rpc.grpc.status_code', code);
  if (['UNKNOWN', 'INTERNAL', 'UNAVAILABLE', 'DEADLINE_EXCEEDED', 'DATA_LOSS'].includes(code)) failSpan(span, code);
  span.end();
}
