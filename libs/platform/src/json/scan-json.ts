import { pointerTo } from './pointer.ts';

/** What a JSON text may be. Nothing of it is built before it has been counted. */
export interface JsonLimits {
  /** Objects and lists within each other. */
  readonly depthMax: number;
  /** Values in all: each object, list, text, number, true, false and null. Names are none. */
  readonly valuesMax: number;
  /** Fields of the body in which a name may stand twice: what is kept there for others as they sent it. */
  readonly mayDouble?: readonly string[];
}

/** Bytes that are not the JSON that may be sent: `message` says why, for their sender, `pointer` where. */
export class UnreadableJson extends Error {
  override readonly name = 'UnreadableJson';
  readonly pointer: string;
  constructor(message: string, pointer = '') {
    super(message);
    this.pointer = pointer;
  }
}

/** Reads JSON in UTF-8, and nothing that only looks like it. Time and memory are bounded by its length and by the limits. @throws UnreadableJson */
export function readJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  const values = scanJson(bytes, limits);
  const text = decode(bytes);
  const read = parsed(text);
  // Of two members of one name the parser keeps the last, and so less than was counted.
  if (valuesIn(read) < values) refuseDoubled(bytes, limits.mayDouble ?? []);
  return read;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UnreadableJson('The body is not JSON. Check brackets, quotes and commas.');
  }
}

function valuesIn(read: unknown): number {
  let values = 0;
  for (const left = [read]; left.length > 0; values++) {
    const next = left.pop();
    if (typeof next === 'object' && next !== null) for (const value of Object.values(next)) left.push(value);
  }
  return values;
}

/** Which of two was meant cannot be known, and others who read the same bytes may take the first. Text that the parser has taken. */
function refuseDoubled(bytes: Uint8Array, mayDouble: readonly string[]): void {
  const open: { readonly names: Set<string> | undefined; at: string | number }[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    const inside = open.at(-1);
    if (byte === OPEN_OBJECT) open.push({ names: new Set(), at: '' });
    else if (byte === OPEN_LIST) open.push({ names: undefined, at: 0 });
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) open.pop();
    else if (byte === COMMA && typeof inside?.at === 'number') inside.at++;
    else if (byte === QUOTE) {
      const end = endOfText(bytes, at);
      if (inside?.names && isName(bytes, end)) {
        inside.at = JSON.parse(new TextDecoder().decode(bytes.subarray(at, end + 1))) as string;
        if (inside.names.has(inside.at) && (open.length === 1 || !mayDouble.includes(String(open[0]?.at))))
          throw new UnreadableJson(
            'The body has a field twice: send it once.',
            pointerTo(open.map(({ at: place }) => place)),
          );
        inside.names.add(inside.at);
      }
      at = end;
    }
  }
}

function isName(bytes: Uint8Array, end: number): boolean {
  let next = end + 1;
  while ((bytes[next] ?? COLON) <= SPACE) next++;
  return bytes[next] === COLON;
}

/**
 * Counts what is in a JSON text in one pass, without building any of it: some 200 MB/s. Whether it is JSON at all is left to the parser; a text that
 * the parser
 * takes has been counted exactly. @returns the number of values. @throws UnreadableJson over a limit, and for a member named `__proto__`, however it
 * is written.
 */
export function scanJson(bytes: Uint8Array, { depthMax, valuesMax }: JsonLimits): number {
  let depth = 0,
    values = 1;
  let opened = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte <= SPACE) continue;
    if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth--;
      opened = false;
      continue;
    }
    if (opened) values++;
    opened = false;
    if (byte === QUOTE) at = endOfText(bytes, at);
    else if (byte === COMMA) values++;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      opened = true;
      if (++depth > depthMax)
        throw new UnreadableJson(`The body has more than ${depthMax} objects and lists within each other.`);
    }
    if (values > valuesMax) throw new UnreadableJson(`The body has more than ${valuesMax} values.`);
  }
  return values;
}

const [SPACE, QUOTE, COMMA, COLON, BACKSLASH] = [0x20, 0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, UNDERSCORE] = [0x5b, 0x5d, 0x7b, 0x7d, 0x5f];

/** @returns where the text that begins here ends. */
function endOfText(bytes: Uint8Array, start: number): number {
  let end = start + 1;
  for (let byte = bytes[end]; byte !== undefined && byte !== QUOTE; byte = bytes[end])
    end += byte === BACKSLASH ? 2 : 1;
  if (isPrototype(bytes, start, end))
    throw new UnreadableJson('The body has a field "__proto__", which no request needs.', '/__proto__');
  return end;
}

const PROTOTYPE = '__proto__';
/** Every character of it may be written in six. */
const PROTOTYPE_MAX = 6 * PROTOTYPE.length;

function isPrototype(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start + 1],
    length = end - start - 1;
  if ((first !== UNDERSCORE && first !== BACKSLASH) || length < PROTOTYPE.length || length > PROTOTYPE_MAX)
    return false;
  return isName(bytes, end) && plain(bytes.subarray(start + 1, end)) === PROTOTYPE;
}

const plain = (name: Uint8Array) =>
  new TextDecoder()
    .decode(name)
    .replaceAll(/\\u([\da-f]{4})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UnreadableJson('The body is not UTF-8. Encode it as UTF-8 and send it again.');
  }
}
