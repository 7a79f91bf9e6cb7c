import { GRPC_PACKAGES, type GrpcOwner, type GrpcServices } from '#contracts';
import {
  Client,
  type ChannelCredentials,
  type ClientReadableStream,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { type CallContext, SEEN, STALE, header, toMetadata } from './call-context.ts';
import { type CallerTokens, isOperator } from './caller-tokens.ts';
import { peerAddress, type ServiceConfig } from '../base/config.ts';
import { type Logger, makeLogger } from '../base/logger.ts';
import type { Tls } from '../base/tls.ts';
import { LOADER, protoFiles } from './grpc-definition.ts';
import { observeCall } from './calls.ts';
import { fromGrpcError } from '../base/problem.ts';
import { channelCredentials } from './tls-credentials.ts';

/** A gRPC service as its callers see it: every method of the proto, with the context beside the request. */
export type Peer<S> = {
  [M in keyof S]: S[M] extends (request: infer Q) => Promise<infer A>
    ? (request: Q, context: CallContext) => Promise<A>
    : S[M] extends (request: infer Q) => AsyncIterable<infer A>
      ? (request: Q, context: CallContext) => AsyncIterable<A>
      : never;
};

const TIMEOUT_MS = 5_000;
/** Replicas take turns, and one that does not answer is passed over. */
const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });
type Streaming = (
  request: unknown,
  metadata: Metadata,
  options: { deadline?: number },
) => ClientReadableStream<unknown>;
type Unary = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: number },
  done: (error: ServiceError | null, answer: unknown) => void,
) => { on(event: 'metadata', listener: (metadata: Metadata) => void): void };

const SILENT = makeLogger('silent');

/** The other services, by gRPC: each call carries who we are, and what went wrong there comes back as the problem it was. */
export class Peers {
  private readonly clients = new Map<string, Client>();
  private readonly credentials: ChannelCredentials;

  /** @param config `timeoutMs` is for calls that say nothing of it themselves; `serverName` is whom certificates are for where peers are addresses. @param logger told whom we did not trust; nobody is, where there is none. @throws ConfigError where certificates cannot be used */
  constructor(
    private readonly config: Pick<ServiceConfig, 'peers'> &
      Tls & { readonly timeoutMs?: number; readonly serverName?: string },
    private readonly tokens: CallerTokens,
    logger: Pick<Logger, 'info' | 'warn'> = SILENT,
  ) {
    this.credentials = channelCredentials(config, logger);
  }

  /** A service of a peer. Cheap; connects with the first call. */
  of<O extends GrpcOwner, S extends keyof GrpcServices[O] & string>(owner: O, service: S): Peer<GrpcServices[O][S]> {
    return new Proxy(
      {},
      {
        get: (_target, method) => (request: unknown, context: CallContext) =>
          isStreaming(owner, service, String(method))
            ? this.stream(owner, service, String(method), request, context)
            : this.call(owner, service, String(method), request, context),
      },
    ) as Peer<GrpcServices[O][S]>;
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private call(
    owner: GrpcOwner,
    service: string,
    method: string,
    request: unknown,
    context: CallContext,
  ): Promise<unknown> {
    const name = `${service}/${method.charAt(0).toUpperCase()}${method.slice(1)}`;
    return observeCall(isOperator(this.tokens.self) ? 'operator' : this.tokens.self, owner, name, (traceparent) =>
      this.unary(owner, service, method, request, traceparent === undefined ? context : { ...context, traceparent }),
    );
  }

  private async unary(
    owner: GrpcOwner,
    service: string,
    method: string,
    request: unknown,
    context: CallContext,
  ): Promise<unknown> {
    const metadata = toMetadata(context, await this.tokens.issue(owner));
    const client = this.client(owner, service);
    const unary = (client as unknown as Record<string, Unary | undefined>)[method];
    if (!unary) throw new Error(`${owner} has no ${service}.${method}`);
    return new Promise((answered, failed) => {
      unary
        .call(
          client,
          request,
          metadata,
          { deadline: Date.now() + (context.timeoutMs ?? this.config.timeoutMs ?? TIMEOUT_MS) },
          (error, answer) => {
            if (error) failed(fromGrpcError(error, owner));
            else answered(answer);
          },
        )
        .on('metadata', (told) => tell(told, context));
    });
  }

  /** Messages as they come, no faster than they are taken; without a deadline unless one is given. Leaving the loop ends the call. */
  private async *stream(
    owner: GrpcOwner,
    service: string,
    method: string,
    request: unknown,
    context: CallContext,
  ): AsyncGenerator<unknown> {
    const metadata = toMetadata(context, await this.tokens.issue(owner));
    const client = this.client(owner, service);
    const streaming = (client as unknown as Record<string, Streaming | undefined>)[method];
    if (!streaming) throw new Error(`${owner} has no ${service}.${method}`);
    const messages = streaming.call(
      client,
      request,
      metadata,
      context.timeoutMs === undefined ? {} : { deadline: Date.now() + context.timeoutMs },
    );
    const cancel = () => {
      messages.cancel();
    };
    context.signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (context.signal?.aborted === true) cancel();
      for await (const message of messages) yield message;
    } catch (error) {
      throw fromGrpcError(error as ServiceError, owner);
    } finally {
      context.signal?.removeEventListener('abort', cancel);
      cancel();
    }
  }

  private client(owner: GrpcOwner, service: string): Client {
    const name = `${owner}/${service}`;
    const known = this.clients.get(name);
    if (known) return known;
    const made = new (grpcServiceOf(owner, service))(peerAddress(this.config, owner), this.credentials, {
      'grpc.service_config': ROUND_ROBIN,
      ...(this.config.serverName === undefined
        ? {}
        : {
            'grpc.ssl_target_name_override': this.config.serverName,
            'grpc.default_authority': this.config.serverName,
          }),
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 1_000,
      // Where replicas are the addresses of one name, one that was replaced is looked for at once, not after half a minute.
      'grpc.dns_min_time_between_resolutions_ms': 1_000,
      // A connection that has silently died would keep a stream waiting for a quarter of an hour.
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.max_receive_message_length': 64 * 2 ** 20,
      'grpc.max_send_message_length': 64 * 2 ** 20,
    });
    this.clients.set(name, made);
    return made;
  }
}

function tell(told: Metadata, context: CallContext) {
  const seen = header(told, SEEN);
  if (seen !== undefined) context.onSeen?.(seen);
  if (header(told, STALE) !== undefined) context.onStale?.();
}

const streaming = new Map<string, boolean>();

/** Whether a method answers with many messages, as its proto says; looked up once. */
function isStreaming(owner: GrpcOwner, service: string, method: string): boolean {
  const name = `${owner}/${service}/${method}`;
  const known =
    streaming.get(name) ??
    grpcServiceOf(owner, service).service[method.charAt(0).toUpperCase() + method.slice(1)]?.responseStream === true;
  streaming.set(name, known);
  return known;
}

const definitions = new Map<GrpcOwner, Record<string, unknown>>();

/** A gRPC service of a peer as its proto defines it. @throws when it has none of this name. */
export function grpcServiceOf(owner: GrpcOwner, service: string): ServiceClientConstructor {
  const loaded = definitions.get(owner) ?? loadPackageDefinition(loadSync(protoFiles(owner), LOADER));
  definitions.set(owner, loaded);
  for (const name of GRPC_PACKAGES[owner]) {
    const found = name
      .split('.')
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], loaded) as
      Record<string, unknown> | undefined;
    if (found && Object.hasOwn(found, service)) return found[service] as ServiceClientConstructor;
  }
  throw new Error(`${owner} has no gRPC service ${service}`);
}
