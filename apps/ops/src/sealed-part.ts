import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { EXIT, Ended } from './exit.ts';

/** A file of a backup. */
export interface Part {
  readonly file: string;
  readonly bytes: number;
  /** Of the file as it lies there, hexadecimal. */
  readonly sha256: string;
}

/** What seals the parts of one backup: none, or 32 bytes. */
export interface PartKey {
  readonly key: Buffer | undefined;
  /** Of the backup: no two have a key of a part in common, and no part fits into another backup. */
  readonly id: string;
}

/** The key for backups that the environment names. @throws Ended where it names none that fits */
export function backupKey(env: NodeJS.ProcessEnv, read: (file: string) => string): Buffer | undefined {
  const file = env.BACKUP_KEY_FILE ?? '';
  const text = file === '' ? (env.BACKUP_KEY ?? '') : read(file).trim();
  if (text === '' && file === '') return undefined;
  const key = Buffer.from(text, 'base64url');
  if (key.length !== 32 || key.toString('base64url') !== text)
    throw new Ended(
      EXIT.config,
      'BACKUP_KEY (or the file that BACKUP_KEY_FILE names) must be 32 bytes in base64url. Make one: node -p "crypto.randomBytes(32).toString(\'base64url\')"',
    );
  return key;
}

const TAG = 16;
/** Of one piece; no more is ever held before it is known to be genuine. */
const PIECE_MAX = 16 << 20;

/** Compresses and seals what arrives into a file that is on the disk when this resolves. */
export async function writePart(
  folder: string,
  file: string,
  { key, id }: PartKey,
  content: AsyncIterable<Buffer>,
): Promise<Part> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  };
  const path = `${folder}/${file}`;
  await pipeline(
    Readable.from(content, { objectMode: false, highWaterMark: 4 << 20 }),
    createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
    async function* (pieces: AsyncIterable<Buffer>) {
      yield* counted(key === undefined ? pieces : sealed(pieces, partKey(key, id, file)));
    },
    createWriteStream(path, { mode: 0o600, flags: 'wx' }),
  );
  const written = await open(path, 'r');
  await written.sync();
  await written.close();
  return { file, bytes, sha256: hash.digest('hex') };
}

/**
 * What was written into a part. That it is whole is known behind its last byte.
 * @throws Ended where it is not what was written, or is sealed by another key
 */
export async function* readPart(folder: string, { file, sha256 }: Part, { key, id }: PartKey): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const hashed = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  };
  const source = hashed(createReadStream(`${folder}/${file}`, { highWaterMark: 1 << 20 }));
  const plain = Readable.from(key === undefined ? source : unsealed(source, partKey(key, id, file)));
  const whole = plain.pipe(createZstdDecompress());
  plain.on('error', (error) => whole.destroy(error));
  try {
    yield* whole as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof Ended
      ? error
      : new Ended(EXIT.refused, `${file} is damaged: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (hash.digest('hex') !== sha256)
    throw new Ended(EXIT.refused, `${file} is not what the backup wrote: its checksum is another one.`);
}

const partKey = (key: Buffer, id: string, file: string) =>
  Buffer.from(hkdfSync('sha256', key, id, `rollcall backup ${file}`, 32));

/** A length, the sealed piece, its tag; an empty piece is the last. The number of a piece is its nonce, so none can be left out, moved or cut off. */
async function* sealed(pieces: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  let n = 0;
  const seal = (piece: Buffer) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(n++));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(piece.length);
    return Buffer.concat([length, cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  };
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += PIECE_MAX) yield seal(piece.subarray(at, at + PIECE_MAX));
  yield seal(Buffer.alloc(0));
}

async function* unsealed(source: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let n = 0;
  let ended = false;
  for await (const more of source) {
    held = held.length === 0 ? more : Buffer.concat([held, more]);
    for (;;) {
      if (held.length < 4) break;
      const length = held.readUInt32BE();
      if (length > PIECE_MAX) throw wrongKey();
      if (held.length < 4 + length + TAG) break;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce(n++));
      decipher.setAuthTag(held.subarray(4 + length, 4 + length + TAG));
      let piece: Buffer;
      try {
        piece = Buffer.concat([decipher.update(held.subarray(4, 4 + length)), decipher.final()]);
      } catch {
        throw wrongKey();
      }
      held = held.subarray(4 + length + TAG);
      if (length === 0) ended = true;
      else yield piece;
    }
  }
  if (!ended || held.length > 0) throw new Ended(EXIT.refused, 'The backup is cut off.');
}

const wrongKey = () =>
  new Ended(EXIT.refused, 'The backup is sealed by another key than the one given (BACKUP_KEY_FILE), or was changed.');

function nonce(n: number): Buffer {
  const made = Buffer.alloc(12);
  made.writeBigUInt64BE(BigInt(n), 4);
  return made;
}
