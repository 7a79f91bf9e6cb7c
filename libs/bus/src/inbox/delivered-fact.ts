import { type Fact, type FactKind, factKind, readFact } from '#contracts';
import type { Message } from '../port/bus.ts';
import { verifyReadable } from '../port/unreadable.ts';

/** A fact as an inbox finds it. */
export type DeliveredFact = Fact & {
  readonly eventId: string;
  readonly streamId: string;
  readonly version: number;
  /** When it was decided. */
  readonly at: Date;
  readonly correlationId: string;
  readonly traceparent?: string;
  /** `account:<id>`, `service:<name>` or `operator`; absent where it was not told. */
  readonly actor?: string;
};

/**
 * Reads a message tolerantly: what its schema does not name is left out, and an old version comes as today's. Undefined for
 * a fact that this version has never heard of. @throws when a known fact does not have the shape it must have,
 * and for a record that is no fact at all.
 */
export function deliveredFact(
  message: Message,
  kindOf: (name: string) => FactKind | undefined = factKind,
): DeliveredFact | undefined {
  verifyReadable(message);
  const fact = readFact(message.type, message.data, kindOf);
  if (!fact) return undefined;
  if ('malformed' in fact) throw new MalformedFact(message, fact.malformed);
  const { eventId, key: streamId, version, time, correlationId, traceparent, actor } = message;
  return {
    ...fact,
    eventId,
    streamId,
    version,
    at: new Date(time),
    correlationId,
    ...(traceparent === undefined ? {} : { traceparent }),
    // Read from its owner, it is null where it is absent.
    ...(actor == null ? {} : { actor }),
  } as DeliveredFact;
}

/** A fact whose data breaks its own contract. */
export class MalformedFact extends Error {
  override readonly name = 'MalformedFact';
  constructor(message: Message, fields: readonly string[]) {
    super(
      `${message.type} (${message.key}, version ${message.version}) from ${message.source} does not have the shape it must have: ${fields.join(', ')}`,
    );
  }
}
