import { type Fact, factKind } from '#contracts';
import type { Message } from './bus.ts';

/** A fact as an inbox finds it. */
export type DeliveredFact = Fact & {
  readonly eventId: string;
  readonly streamId: string;
  readonly version: number;
  /** When it was decided. */
  readonly at: Date;
  readonly correlationId: string;
  readonly traceparent?: string;
};

/**
 * Reads a message tolerantly: what its schema does not name is left out. Undefined for a fact that this version has
 * never heard of. @throws when a known fact does not have the shape it must have.
 */
export function deliveredFact(message: Message): DeliveredFact | undefined {
  const kind = factKind(message.type);
  if (!kind) return undefined;
  const parsed = kind.schema.safeParse(message.data);
  if (!parsed.success) throw new MalformedFact(message, parsed.error.issues.map((issue) => issue.path.join('.')));
  const { type: name, eventId, key: streamId, version, time, correlationId, traceparent } = message;
  return { name, data: parsed.data, eventId, streamId, version, at: new Date(time), correlationId, ...(traceparent === undefined ? {} : { traceparent }) } as DeliveredFact;
}

/** A fact whose data breaks its own contract. */
export class MalformedFact extends Error {
  override readonly name = 'MalformedFact';
  constructor(message: Message, fields: readonly string[]) {
    super(`${message.type} (${message.key}, version ${message.version}) from ${message.source} does not have the shape it must have: ${fields.join(', ')}`);
  }
}
