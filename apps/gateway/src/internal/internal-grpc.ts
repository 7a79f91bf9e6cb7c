import { type gateway, type envoy, verifyRequest, type Verified } from '#contracts';
import { errorFields, internalGrpcError, LOADER, observeCalls, problemOf, toGrpcError } from '#platform';
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { keyInAddress } from '../http/credentials.ts';
import { read } from '../http/read.ts';
import { check } from './envoy.ts';
import type { InternalFloor } from './internal-server.ts';
import { UNTOLD, verify } from './verify.ts';

const PROTOS = ['rollcall/gateway/v1/gateway.proto', 'envoy/service/auth/v3/external_auth.proto'];
const VERIFY = 'rollcall.gateway.v1.Verify';
const AUTHORIZATION = 'envoy.service.auth.v3.Authorization';
const STOP_MAX_MS = 5_000;
/** A hundred long keys, and what stands around them. */
const MESSAGE_MAX = 1_100_000;
/** One more than may be asked for is refused like a million, without looking at each. */
const ASKED_MAX = 101;

/** Answers `rollcall.gateway.v1.Verify`, and Envoy's `envoy.service.auth.v3.Authorization`, on `host:port`. What it answers ends it. @throws when the port cannot be had. */
export async function startInternalGrpc(
  address: string,
  floor: InternalFloor,
  options: { reflection: boolean },
): Promise<() => Promise<void>> {
  const definition = loadSync(PROTOS, LOADER);
  const server = new Server({
    'interceptors': [observeCalls('gateway')],
    'grpc.max_receive_message_length': MESSAGE_MAX,
  });
  const key = keyInAddress(floor.keyPrefix);
  const answering =
    <Q, A>(work: (request: Q) => Promise<A>): handleUnaryCall<Q, A> =>
    (call, answered) => {
      work(call.request).then(
        (answer) => {
          answered(null, answer);
        },
        (error: unknown) => {
          answered(failure(error, floor));
        },
      );
    };
  server.addService(definition[VERIFY] as ServiceDefinition, {
    verifyKey: answering(({ key: one, scopes, address }: gateway.VerifyKeyRequest) =>
      verifyAll(floor, { keys: [one], scopes, address }).then(([result]) => result),
    ),
    verifyKeys: answering(async (request: gateway.VerifyKeysRequest) => ({ results: await verifyAll(floor, request) })),
  });
  server.addService(definition[AUTHORIZATION] as ServiceDefinition, {
    check: answering((request: envoy.CheckRequest) => check(floor, key, request)),
  });
  if (options.reflection) new ReflectionService(definition).addToServer(server);
  await new Promise<void>((bound, failed) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error) failed(error);
      else bound();
    });
  });
  return () => stop(server);
}

async function verifyAll(floor: InternalFloor, asked: gateway.VerifyKeysRequest): Promise<gateway.Verified[]> {
  const {
    keys = [],
    scopes,
    address = UNTOLD,
  } = read(
    verifyRequest,
    { ...asked, keys: asked.keys.slice(0, ASKED_MAX), scopes: asked.scopes.slice(0, ASKED_MAX) },
    'body',
  );
  return Promise.all(keys.map(async (key) => onTheWire(await verify(floor, { key, scopes, address }))));
}

const NOBODY = { keyId: '', keyName: '', projectId: '', organizationId: '', accountId: '', scopes: [] };

function onTheWire(verified: Verified): gateway.Verified {
  if (!verified.valid) return { ...NOBODY, ...verified };
  const { expiresAt, ...holder } = verified;
  return { ...holder, code: '', detail: '', ...(expiresAt === null ? {} : { expiresAt }) };
}

function failure(error: unknown, { logger }: InternalFloor) {
  const problem = problemOf(error);
  if (!problem) {
    logger.error(errorFields(error), 'a call failed');
    return internalGrpcError();
  }
  const answer = toGrpcError(problem);
  if (problem.retryAfterSeconds !== undefined) answer.metadata.set('retry-after', String(problem.retryAfterSeconds));
  return answer;
}

/** Calls that are being answered are answered; whoever keeps one open for longer loses it. */
function stop(server: Server): Promise<void> {
  return new Promise((stopped) => {
    const late = setTimeout(() => {
      server.forceShutdown();
      stopped();
    }, STOP_MAX_MS);
    server.tryShutdown(() => {
      clearTimeout(late);
      stopped();
    });
  });
}
