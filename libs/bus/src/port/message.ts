import { isDeepStrictEqual } from 'node:util';
import { type Fact, factKind, type Topic } from '#contracts';
import { isLost, knownPosition, parseCursor, type RecordedEvent } from '#event-sourcing';
import type { Message } from './bus.ts';
import { isScratch } from '../inbox/scratch.ts';

export const BYTES_MAX = 65_536;

/** An outbox's answer that may not leave: the relay stands still until the code is mended. */
export class Unpublishable extends Error {
  override readonly name = 'Unpublishable';
  constructor(event: RecordedEvent, why: string) {
    super(
      `${event.type} (${event.streamId}, version ${event.version}) cannot be published: ${why}. Mend outbox.ts or the fact's schema; nothing behind it is published before`,
    );
  }
}

/** What a service's `outbox.ts` says about an event of its own. */
export type Publish = (event: RecordedEvent) => Fact | 'private';

/** A version of a stream, and the epoch of the log that it was written in: versions of a newer epoch take the place of older ones. */
export interface Mark {
  readonly epoch: number;
  readonly version: number;
}

/** Whether all up to `wanted` is there. Of epoch 0: up to that version, in any epoch. */
export const reaches = (at: Mark, wanted: Mark): boolean =>
  wanted.epoch === 0 ? at.version >= wanted.version : compareMarks(at, wanted) >= 0;

/** Before the first version. Epochs count from 1. */
export const NONE: Mark = { epoch: 1, version: 0 };

/** Negative, zero or positive, as `Array.sort` wants it. */
export const compareMarks = (a: Mark, b: Mark): number => a.epoch - b.epoch || a.version - b.version;

export const markOf = ({ position, version }: Pick<Message, 'position' | 'version'>): Mark => ({
  epoch: Math.max(parseCursor(position).epoch, NONE.epoch),
  version,
});

/** Where the stream must be for this message to be the next. */
export const markBefore = ({
  previous,
  previousEpoch = NONE.epoch,
}: Pick<Message, 'previous' | 'previousEpoch'>): Mark => ({ epoch: previousEpoch, version: previous });

/** Whether a newer epoch's message says that an older one's is of a lost branch: it follows directly what came before that. */
export const supersedes = (newer: Message, older: Message): boolean =>
  markOf(newer).epoch > markOf(older).epoch && newer.previous < older.version;

/**
 * The message for an event, or undefined when it is private. `previous` is the stream's last published version.
 * @throws Unpublishable when the fact is not exactly what its schema says.
 */
export function messageOf(
  event: RecordedEvent,
  publish: Publish,
  previous: Mark,
  service: string,
): Message | undefined {
  const fact = factOf(event, publish);
  if (fact === 'private') return undefined;
  const { causationId, traceparent, actor } = event.meta;
  return {
    topic: checkedTopic(event, fact),
    key: event.streamId,
    eventId: event.eventId,
    type: fact.name,
    version: event.version,
    previous: previous.version,
    source: service,
    time: event.occurredAt.toISOString(),
    position: knownPosition(event),
    correlationId: event.meta.correlationId,
    ...(previous.epoch === NONE.epoch ? {} : { previousEpoch: previous.epoch }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    actor: actor.startsWith('operator:') ? 'operator' : actor,
    data: fact.data,
  };
}

/** What an event tells. One that is lost tells others again what it told them. */
export const factOf = (event: RecordedEvent, publish: Publish): Fact | 'private' =>
  isLost(event.event) ? ((event.event.data.fact as Fact | undefined) ?? 'private') : publish(event);

function checkedTopic(event: RecordedEvent, fact: Fact): Topic {
  const kind = factKind(fact.name);
  if (!kind) throw new Unpublishable(event, `no fact is called ${fact.name}`);
  const parsed = kind.schema.safeParse(fact.data);
  if (!parsed.success)
    throw new Unpublishable(
      event,
      `it is not a ${fact.name} (${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')})`,
    );
  if (!isDeepStrictEqual(parsed.data, fact.data))
    throw new Unpublishable(event, `it holds more than ${fact.name} says`);
  if (Buffer.byteLength(JSON.stringify(fact.data)) > BYTES_MAX)
    throw new Unpublishable(event, `it is larger than ${BYTES_MAX} bytes`);
  return kind.topic;
}

/** Headers of a message: CloudEvents in binary mode, and what is ours. */
export type Headers = Readonly<Record<string, string>>;

/** Everything but topic, key and value. */
export function toHeaders(message: Message): Headers {
  return {
    'ce_specversion': '1.0',
    'ce_id': message.eventId,
    'ce_type': message.type,
    'ce_source': message.source,
    'ce_time': message.time,
    'content-type': 'application/json',
    'stream_version': String(message.version),
    'stream_previous': String(message.previous),
    'source_position': message.position,
    'correlation_id': message.correlationId,
    ...(message.previousEpoch === undefined ? {} : { stream_previous_epoch: String(message.previousEpoch) }),
    ...(message.causationId === undefined ? {} : { causation_id: message.causationId }),
    ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
    ...(message.actor == null ? {} : { actor: message.actor }),
  };
}

const COUNT = /^\d{1,10}$/;
const POSITION = /^\d{1,9}\.\d{1,20}\.\d{1,19}$/;

/** The message again, from a way to look up its headers. @throws when they are not what a relay writes. */
export function fromHeaders(
  topic: Topic,
  key: string,
  held: (name: string) => string | undefined,
  data: object,
): Message {
  const header = (name: string, form = /^/) => {
    const value = held(name);
    if (value === undefined || !form.test(value))
      throw new Error(value === undefined ? `it has no header ${name}` : `its header ${name} has another form`);
    return value;
  };
  const [causationId, traceparent, actor, previousEpoch] = [
    held('causation_id'),
    held('traceparent'),
    held('actor'),
    held('stream_previous_epoch'),
  ];
  const message: Message = {
    topic,
    key,
    eventId: header('ce_id'),
    type: header('ce_type'),
    source: header('ce_source'),
    time: header('ce_time'),
    version: Number(header('stream_version', COUNT)),
    previous: Number(header('stream_previous', COUNT)),
    position: header('source_position', POSITION),
    correlationId: header('correlation_id'),
    ...(previousEpoch === undefined ? {} : { previousEpoch: Number(header('stream_previous_epoch', COUNT)) }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(actor === undefined ? {} : { actor }),
    data,
  };
  verifyWritten(message);
  return message;
}

/** @throws when no owner of the topic can have said this. */
function verifyWritten({ topic, source, type, time, version, previous }: Message) {
  if (version < 1 || version >= 2 ** 31 || previous >= version) throw new Error('its versions are no versions');
  if (Number.isNaN(Date.parse(time))) throw new Error('its time is no time');
  if (isScratch(topic)) return;
  if (!topic.startsWith(`${source}.`)) throw new Error(`${source} does not own ${topic}`);
  if ((factKind(type)?.topic ?? topic) !== topic) throw new Error(`${type} is no fact of ${topic}`);
}
