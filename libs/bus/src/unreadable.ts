import type { Topic } from '#contracts';
import type { Message } from './bus.ts';

const TYPE = 'Unreadable';
const KEPT_MAX = 16_384;

/**
 * Stands for a record that no relay wrote. It has a key of its own: it is parked for an operator, with what it held, and no
 * stream waits behind it, as what is missing in a stream is found by the versions of its other messages.
 */
export function unreadable({ topic, partition, offset, why, ...held }: { topic: Topic; partition: number; offset: number; why: string; key: string | undefined; value: string | undefined; headers: object }): Message {
  const id = `unreadable-${topic}-${partition}-${offset}`;
  return {
    topic, key: id, eventId: id, type: TYPE, version: 1, previous: 0, source: 'unknown', time: new Date(0).toISOString(), position: '0.0.0', correlationId: id,
    data: { why, ...held, value: held.value?.slice(0, KEPT_MAX) },
  };
}

/** @throws when the message stands for a record that cannot be read. */
export function verifyReadable(message: Message): void {
  if (message.type === TYPE) throw new UnreadableRecord(message);
}

/** A record of the bus that no relay wrote. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
  constructor({ key }: Message) {
    super(`${key} was not written by a relay of Rollcall: find out who writes to the bus, then skip it`);
  }
}
