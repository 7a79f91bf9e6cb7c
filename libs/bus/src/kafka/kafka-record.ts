import type { Topic } from '#contracts';
import type { IHeaders, Message as KafkaMessage } from 'kafkajs';
import type { BusRecord, Message } from '../bus.ts';
import { fromHeaders, type Headers, toHeaders } from '../message.ts';
import { unreadable } from '../unreadable.ts';

/** A record as kafkajs reads it. */
export interface RawRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders | undefined;
}

export const toKafka = (message: Message): KafkaMessage => ({ key: message.key, value: JSON.stringify(message.data), headers: { ...toHeaders(message) } });

/** Roughly what a message takes on the wire. */
export const bytesOf = ({ key, value, headers }: KafkaMessage): number =>
  Buffer.byteLength(String(key)) + Buffer.byteLength(value ?? '') + Object.entries(headers ?? {}).reduce((sum, [name, text]) => sum + name.length + String(text).length, 0);

/** Never throws: what no relay wrote becomes a message that cannot be applied, so that it is parked and seen. */
export function fromKafka(topic: Topic, partition: number, raw: RawRecord): BusRecord {
  const offset = Number(raw.offset);
  const headers = textOf(raw.headers);
  try {
    const message = fromHeaders(topic, keyOf(raw.key), headers, dataOf(raw.value));
    if (!(isVersion(message.version, 1) && isVersion(message.previous, 0) && message.previous < message.version)) throw new Error('its versions are no versions');
    return { offset, message };
  } catch (error) {
    return { offset, message: unreadable({ topic, partition, offset, why: error instanceof Error ? error.message : 'for an unknown reason', key: raw.key?.toString(), value: raw.value?.toString(), headers }) };
  }
}

const isVersion = (value: number, least: number) => Number.isInteger(value) && value >= least && value < 2 ** 31;

function keyOf(key: Buffer | null): string {
  if (!key?.length) throw new Error('it has no key');
  return key.toString();
}

function dataOf(value: Buffer | null): object {
  const data: unknown = JSON.parse(value?.toString() ?? '');
  if (typeof data !== 'object' || data === null) throw new Error('its value is no object');
  return data;
}

const textOf = (headers: IHeaders = {}): Headers =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => {
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined ? [] : [[name, first.toString()]];
  }));
