/** One entry of a tar: a file, a folder or a link. */
export interface TarEntry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link';
  /** Access, as `chmod` takes it. */
  readonly mode: number;
  readonly size: number;
  /** Of a link: where it leads. */
  readonly target: string;
  /** The header as it stands in the tar. */
  readonly header: Buffer;
  /** What is in it, a piece at a time; what nobody reads is passed over. */
  readonly body: AsyncIterable<Buffer>;
}

const BLOCK = 512;
const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/**
 * Reads a tar as it arrives, an entry at a time.
 * @throws Error where it is cut off, or is no tar as PostgreSQL writes them
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(source);
  for (;;) {
    const header = await bytes.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const entry = parse(header);
    let left = entry.size;
    const body = async function* () {
      while (left > 0) {
        const piece = await bytes.atMost(left);
        left -= piece.length;
        yield piece;
      }
    };
    yield { ...entry, body: body() };
    while (left > 0) left -= (await bytes.atMost(left)).length;
    await bytes.exactly(padded(entry.size) - entry.size);
  }
  await bytes.drain();
}

/** The same tar without some of its entries. */
export async function* withoutEntries(
  source: AsyncIterable<Buffer>,
  isLeftOut: (name: string) => boolean,
): AsyncGenerator<Buffer> {
  for await (const { name, size, header, body } of readTar(source)) {
    if (isLeftOut(name)) continue;
    yield header;
    yield* body;
    if (padded(size) > size) yield Buffer.alloc(padded(size) - size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

const TYPES: Readonly<Record<string, TarEntry['type']>> = { '0': 'file', '\0': 'file', '5': 'folder', '2': 'link' };

function parse(header: Buffer): Omit<TarEntry, 'body'> {
  const text = (from: number, to: number) => (header.toString('utf8', from, to).split('\0')[0] ?? '').trim();
  const sum = header.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  const size = text(124, 136);
  const type = TYPES[String.fromCharCode(header[156] ?? 0)];
  if (sum !== Number.parseInt(text(148, 156), 8) || type === undefined || !/^[0-7]+$/.test(size))
    throw new Error('the copy is damaged: it is no tar as PostgreSQL writes them');
  const name = [text(345, 500), text(0, 100)].filter((part) => part !== '').join('/');
  return {
    name,
    type,
    mode: Number.parseInt(text(100, 108), 8) & 0o777,
    size: type === 'file' ? Number.parseInt(size, 8) : 0,
    target: text(157, 257),
    header,
  };
}

/** Pieces of any size, taken by number. */
class Bytes {
  private readonly pieces: AsyncIterator<Buffer>;
  private piece: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.pieces = source[Symbol.asyncIterator]();
  }

  /** A piece as it arrived, or the first of it. */
  async atMost(count: number): Promise<Buffer> {
    while (this.piece.length === 0) {
      const next = await this.pieces.next();
      if (next.done === true) throw new Error('the copy is cut off');
      this.piece = next.value;
    }
    const taken = this.piece.subarray(0, count);
    this.piece = this.piece.subarray(taken.length);
    return taken;
  }

  async exactly(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0;) {
      const part = await this.atMost(left);
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
  }

  /** What stands behind the last entry. */
  async drain(): Promise<void> {
    while ((await this.pieces.next()).done !== true);
  }
}
