import type { GrpcOwner, GrpcServices } from '#contracts';
import type { handleServerStreamingCall, handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';

/** The call beside a request: what its caller sent along, and how to say more than the answer. */
export type IncomingCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'sendMetadata'>;

type Speaking<S> = {
  [M in keyof S]: S[M] extends (request: infer Q) => infer A ? (request: Q, call: IncomingCall) => A : never;
};

/** What a neighbour answers: some methods of some of its gRPC services. */
export type StandInMethods<O extends GrpcOwner> = {
  [S in keyof GrpcServices[O]]?: Partial<Speaking<GrpcServices[O][S]>>;
};
export type Neighbours = { [O in GrpcOwner]?: StandInMethods<O> };

type Unary = (request: unknown, asked: IncomingCall) => Promise<unknown>;
type Streaming = (request: unknown, asked: IncomingCall) => AsyncIterable<unknown>;

/** A gRPC server that speaks a service's protos with these answers; a problem that is thrown reaches the caller as from the service itself. @returns what ends it. */
export async function standIn<O extends GrpcOwner>(
  owner: O,
  answers: StandInMethods<O>,
  address: string,
): Promise<() => Promise<void>> {
  const { grpcServiceOf, problemOf, toGrpcError, internalGrpcError } = await import('#platform');
  const { Server, ServerCredentials } = await import('@grpc/grpc-js');
  const failure = (error: unknown) => {
    const problem = problemOf(error);
    return problem ? toGrpcError(problem) : internalGrpcError();
  };
  const unary =
    (work: Unary): handleUnaryCall<unknown, unknown> =>
    (call, done) => {
      work(call.request, call).then(
        (value) => {
          done(null, value);
        },
        (error: unknown) => {
          done(failure(error));
        },
      );
    };
  const streaming =
    (work: Streaming): handleServerStreamingCall<unknown, unknown> =>
    (call) => {
      void (async () => {
        for await (const message of work(call.request, call)) call.write(message);
        call.end();
      })().catch((error: unknown) => call.emit('error', failure(error)));
    };
  const server = new Server();
  for (const [name, methods] of Object.entries(answers as Record<string, Record<string, Unary & Streaming>>)) {
    const { service } = grpcServiceOf(owner, name);
    const isStreaming = (method: string) =>
      service[method.charAt(0).toUpperCase() + method.slice(1)]?.responseStream === true;
    server.addService(
      service,
      Object.fromEntries(
        Object.entries(methods).map(([method, work]) => [method, isStreaming(method) ? streaming(work) : unary(work)]),
      ),
    );
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return async () => {
    server.forceShutdown();
  };
}
