import type { Topic } from '#contracts';
import type { BusRecord, RawRecord } from './bus.ts';
import { BYTES_MAX, fromHeaders } from './message.ts';
import { unreadable } from './unreadable.ts';

/** No fact is deeper, and what writes it down again recurses. */
const DEPTH_MAX = 64;
/** PostgreSQL writes blanks where a relay wrote none. */
const VALUE_MAX = 2 * BYTES_MAX;

/**
 * Reads any bytes and never throws: what no relay can have written becomes a message that cannot be applied, so that it is
 * parked with its bytes and seen. All that is let through can be written to PostgreSQL, as text and as jsonb.
 */
export function recordOf(topic: Topic, partition: number, offset: number, raw: RawRecord): BusRecord {
  try {
    const headers = new Map(raw.headers.toReversed());
    return {
      offset,
      message: fromHeaders(
        topic,
        textOf('key', raw.key),
        (name) => (headers.has(name) ? textOf(`header ${name}`, headers.get(name)) : undefined),
        dataOf(raw.value),
      ),
    };
  } catch (error) {
    return {
      offset,
      message: unreadable({
        topic,
        partition,
        offset,
        why: error instanceof Error ? error.message : 'for an unknown reason',
        raw,
      }),
    };
  }
}

const TEXT = /^[^\p{Cc}]{1,512}$/u;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(what: string, bytes: Buffer | null | undefined): string {
  if (!bytes?.length) throw new Error(`it has no ${what}`);
  const text = decoded(what, bytes);
  if (!TEXT.test(text)) throw new Error(`its ${what} has control characters, or more than 512`);
  return text;
}

function dataOf(bytes: Buffer | null): object {
  if (bytes && bytes.length > VALUE_MAX)
    throw new Error(`its value has ${bytes.length} bytes, and no fact has more than ${BYTES_MAX}`);
  const data = parsed(decoded('value', bytes ?? Buffer.alloc(0)));
  if (typeof data !== 'object' || data === null) throw new Error('its value is no object');
  if (!storable(data, DEPTH_MAX))
    throw new Error(`its value holds text that is none, a number without bounds, or more than ${DEPTH_MAX} levels`);
  return data;
}

function decoded(what: string, bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Error(`its ${what} is not UTF-8`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('its value is no JSON');
  }
}

/** PostgreSQL's jsonb takes neither NUL nor half a character, and JSON no infinity. */
function storable(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.entries(value).every(([name, inner]) => storable(name, 0) && storable(inner, levels - 1));
}
