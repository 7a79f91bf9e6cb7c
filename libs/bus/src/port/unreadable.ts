import type { Topic } from '#contracts';
import type { Message, RawRecord } from './bus.ts';

const TYPE = 'Unreadable';
const SHOWN_MAX = 16_384;

/**
 * Stands for a record that no relay wrote. It has a key of its own: it is parked for an operator, with its bytes, and no
 * stream waits behind it, as what is missing in a stream is found by the versions of its other messages. It has no time.
 */
export function unreadable({
  topic,
  partition,
  offset,
  why,
  raw,
}: {
  topic: Topic;
  partition: number;
  offset: number;
  why: string;
  raw: RawRecord;
}): Message {
  const id = `unreadable-${topic}-${partition}-${offset}`;
  return {
    topic,
    key: id,
    eventId: id,
    type: TYPE,
    version: 1,
    previous: 0,
    source: 'unknown',
    time: '',
    position: '0.0.0',
    correlationId: id,
    data: {
      why: shown(Buffer.from(why)),
      key: shown(raw.key),
      value: shown(raw.value),
      headers: raw.headers.slice(0, 100).map(([name, value]) => `${shown(Buffer.from(name))}: ${shown(value)}`),
    },
    raw,
  };
}

export const isUnreadable = ({ type }: Message): boolean => type === TYPE;

/** @throws when the message stands for a record that cannot be read. */
export function verifyReadable(message: Message): void {
  if (isUnreadable(message)) throw new UnreadableRecord(message);
}

/** A record of the bus that no relay wrote. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
  constructor({ key, data }: Message) {
    super(
      `${key} was not written by a relay of Rollcall${'why' in data ? ` (${String(data.why)})` : ''}: find out who writes to the bus, then skip it`,
    );
  }
}

/** Bytes as people may see them, and PostgreSQL may keep them: the beginning, with a mark for what is no text or moves a cursor. */
const shown = (bytes: Buffer | null): string | null =>
  bytes &&
  bytes
    .subarray(0, SHOWN_MAX)
    .toString()
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
