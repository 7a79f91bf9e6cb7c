import { isDeepStrictEqual } from 'node:util';
import { type Fact, factKind, type Topic } from '#contracts';
import { formatCursor, type RecordedEvent } from '#event-sourcing';
import type { Message } from './bus.ts';

const BYTES_MAX = 65_536;

/** An outbox's answer that may not leave: the relay stands still until the code is mended. */
export class Unpublishable extends Error {
  override readonly name = 'Unpublishable';
  constructor(event: RecordedEvent, why: string) {
    super(`${event.type} (${event.streamId}, version ${event.version}) cannot be published: ${why}. Mend outbox.ts or the fact's schema; nothing behind it is published before`);
  }
}

/** What a service's `outbox.ts` says about an event of its own. */
export type Publish = (event: RecordedEvent) => Fact | 'private';

/**
 * The message for an event, or undefined when it is private. `previous` is the stream's last published version.
 * @throws Unpublishable when the fact is not exactly what its schema says.
 */
export function messageOf(event: RecordedEvent, publish: Publish, previous: number, service: string): Message | undefined {
  const fact = publish(event);
  if (fact === 'private') return undefined;
  const { causationId, traceparent } = event.meta;
  return {
    topic: checkedTopic(event, fact), key: event.streamId, eventId: event.eventId, type: fact.name, version: event.version, previous, source: service,
    time: event.occurredAt.toISOString(), position: formatCursor(event.cursor), correlationId: event.meta.correlationId,
    ...(causationId === undefined ? {} : { causationId }), ...(traceparent === undefined ? {} : { traceparent }), data: fact.data,
  };
}

function checkedTopic(event: RecordedEvent, fact: Fact): Topic {
  const kind = factKind(fact.name);
  if (!kind) throw new Unpublishable(event, `no fact is called ${fact.name}`);
  const parsed = kind.schema.safeParse(fact.data);
  if (!parsed.success) throw new Unpublishable(event, `it is not a ${fact.name} (${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')})`);
  if (!isDeepStrictEqual(parsed.data, fact.data)) throw new Unpublishable(event, `it holds more than ${fact.name} says`);
  if (Buffer.byteLength(JSON.stringify(fact.data)) > BYTES_MAX) throw new Unpublishable(event, `it is larger than ${BYTES_MAX} bytes`);
  return kind.topic;
}

/** Headers of a message: CloudEvents in binary mode, and what is ours. */
export type Headers = Readonly<Record<string, string>>;

/** Everything but topic, key and value. */
export function toHeaders(message: Message): Headers {
  return {
    ce_specversion: '1.0', ce_id: message.eventId, ce_type: message.type, ce_source: message.source, ce_time: message.time, 'content-type': 'application/json',
    stream_version: String(message.version), stream_previous: String(message.previous), source_position: message.position, correlation_id: message.correlationId,
    ...(message.causationId === undefined ? {} : { causation_id: message.causationId }),
    ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
  };
}

/** The message again. @throws when a header is missing: only relays write to the bus. */
export function fromHeaders(topic: Topic, key: string, headers: Headers, data: object): Message {
  const header = (name: string) => {
    const value = headers[name];
    if (value === undefined) throw new Error(`a record of ${topic} has no header ${name}: it was not written by a relay`);
    return value;
  };
  const { causation_id: causationId, traceparent } = headers;
  return {
    topic, key, eventId: header('ce_id'), type: header('ce_type'), source: header('ce_source'), time: header('ce_time'),
    version: Number(header('stream_version')), previous: Number(header('stream_previous')), position: header('source_position'), correlationId: header('correlation_id'),
    ...(causationId === undefined ? {} : { causationId }), ...(traceparent === undefined ? {} : { traceparent }), data,
  };
}
