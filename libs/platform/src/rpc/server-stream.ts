import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Observable } from 'rxjs';

/** A call that is answered by many messages (a controller's third argument). */
export type RpcStream = ServerWritableStream<unknown, unknown>;

/**
 * Answers a call with messages as they come, no faster than the caller takes them, so that memory stays flat. What Nest is
 * given says only how it ended. Ends early when the caller goes away.
 */
export function answerAll<A>(call: RpcStream, messages: AsyncIterable<A>): Observable<A> {
  return new Observable((subscriber) => {
    void (async () => {
      for await (const message of messages) {
        if (call.cancelled || call.destroyed) return;
        if (!call.write(message)) await drained(call);
      }
    })().then(
      () => {
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(error);
      },
    );
  });
}

const drained = (call: RpcStream) =>
  new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'cancelled'] as const) call.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'cancelled'] as const) call.on(event, done);
  });

/** How a controller writes a method that answers with many messages. */
export type StreamMethod<Q, A> = (request: Q, metadata: Metadata, call: RpcStream) => Observable<A>;
