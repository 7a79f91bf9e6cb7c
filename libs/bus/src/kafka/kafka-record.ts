import type { Topic } from '#contracts';
import type { IHeaders, Message as KafkaMessage } from 'kafkajs';
import type { BusRecord, Message } from '../port/bus.ts';
import { toHeaders } from '../port/message.ts';
import { recordOf } from '../port/record.ts';

/** A record as kafkajs reads it. */
export interface KafkaRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders | undefined;
}

export const toKafka = (message: Message): KafkaMessage => ({
  key: message.key,
  value: JSON.stringify(message.data),
  headers: { ...toHeaders(message) },
});

/** Roughly what a message takes on the wire. */
export const bytesOf = ({ key, value, headers }: KafkaMessage): number =>
  Buffer.byteLength(String(key)) +
  Buffer.byteLength(value ?? '') +
  Object.entries(headers ?? {}).reduce((sum, [name, text]) => sum + name.length + String(text).length, 0);

/** Never throws, as `recordOf`. */
export const fromKafka = (
  topic: Topic,
  partition: number,
  { offset, key, value, headers = {} }: KafkaRecord,
): BusRecord =>
  recordOf(topic, partition, Number(offset), {
    key,
    value,
    headers: Object.entries(headers).flatMap(([name, held]) => [held].flat().map((one) => [name, bytes(one)] as const)),
  });

// Beside bytes kafkajs has null for a header without any, and what objects inherit for one of such a name.
const bytes = (held: unknown): Buffer =>
  Buffer.isBuffer(held) ? held : Buffer.from(typeof held === 'string' ? held : '');
