import type { Cause, Handled } from '#event-sourcing';
import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import type { StreamMethod } from './server-stream.ts';

/** What travels beside a request from service to service. */
export interface CallContext {
  /** One id for everything that one request from outside set off. */
  readonly correlationId: string;
  /** `account:<id>`, `operator:<id>` or `service:<name>`. */
  readonly actor: string;
  readonly traceparent?: string | undefined;
  /** Makes a command happen once. */
  readonly commandId?: string | undefined;
  /** Digest of the command's content. */
  readonly fingerprint?: string | undefined;
  /** Streams that the reader has seen at a version (`key-1f…@3`, comma-separated): the read waits for them. */
  readonly seen?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Ends a call that answers with many messages. */
  readonly signal?: AbortSignal | undefined;
  /** Told what a command wrote. */
  readonly onSeen?: ((seen: string) => void) | undefined;
  /** Told that a read did not wait any longer. */
  readonly onStale?: (() => void) | undefined;
}

/** The call as a gRPC controller gets it (its third argument). */
export type Rpc = ServerUnaryCall<unknown, unknown>;

/** A gRPC service as its controller writes it: every method of the proto, with the call beside the request. */
export type Controller<S> = {
  [M in keyof S]: S[M] extends (request: infer Q) => Promise<infer A>
    ? (request: Q, metadata: Metadata, call: Rpc) => Promise<A>
    : S[M] extends (request: infer Q) => AsyncIterable<infer A>
      ? StreamMethod<Q, A>
      : never;
};

const HEADERS = {
  correlationId: 'rollcall-correlation',
  actor: 'rollcall-actor',
  traceparent: 'traceparent',
  commandId: 'rollcall-command',
  fingerprint: 'rollcall-fingerprint',
  seen: 'rollcall-seen',
} as const;
export const SEEN = HEADERS.seen;
export const ACTOR = HEADERS.actor;
export const STALE = 'rollcall-stale';
export const CALLER = 'rollcall-caller';

export function toMetadata(context: CallContext, token: string): Metadata {
  const metadata = new Metadata();
  metadata.set(CALLER, token);
  for (const [property, header] of Object.entries(HEADERS)) {
    const value = context[property as keyof typeof HEADERS];
    if (value !== undefined) metadata.set(header, value);
  }
  return metadata;
}

/** A header's text, or undefined. */
export const header = (metadata: Metadata, name: string): string | undefined => {
  const value = metadata.get(name)[0];
  return typeof value === 'string' ? value : undefined;
};

/** What a call belongs to; undefined where its caller does not say. */
export const correlationOf = (metadata: Metadata): string | undefined => header(metadata, HEADERS.correlationId);

/** Why a command happens, from the call that asked for it. */
export function causeOf({ metadata }: Pick<Rpc, 'metadata'>, clock: Clock): Cause {
  const optional = {
    traceparent: header(metadata, HEADERS.traceparent),
    commandId: header(metadata, HEADERS.commandId),
    fingerprint: header(metadata, HEADERS.fingerprint),
  };
  return {
    at: clock.now(),
    correlationId: header(metadata, HEADERS.correlationId) ?? 'none',
    actor: header(metadata, HEADERS.actor) ?? 'service:unknown',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** The context of a call that this call leads to. */
export const onward = ({ metadata }: Pick<Rpc, 'metadata'>): CallContext => ({
  correlationId: header(metadata, HEADERS.correlationId) ?? 'none',
  actor: header(metadata, HEADERS.actor) ?? 'service:unknown',
  traceparent: header(metadata, HEADERS.traceparent),
});

/** Tells the caller how far its command brought these streams. At most once a call. */
export function tellSeen(
  call: Pick<Rpc, 'sendMetadata'>,
  ...handled: readonly Pick<Handled<unknown, unknown>, 'streamId' | 'version'>[]
): void {
  const metadata = new Metadata();
  metadata.set(SEEN, handled.map(({ streamId, version }) => `${streamId}@${version}`).join(','));
  call.sendMetadata(metadata);
}
