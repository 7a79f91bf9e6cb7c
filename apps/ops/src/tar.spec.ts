import { Readable } from 'node:stream';
import { readTar, withoutEntries } from './tar.ts';

/** As PostgreSQL writes it. */
function entry(name: string, content = '', type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000600\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')} `, 124);
  header.write(type, 156);
  header.write('        ', 148);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

const END = Buffer.alloc(1024);
const TAR = Buffer.concat([entry('base', '', '5'), entry('base/1', 'one'), entry('base/2', 'x'.repeat(1500)), END]);

const inPieces = (bytes: Buffer, size: number): AsyncIterable<Buffer> =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size)),
  );

const read = async (source: AsyncIterable<Buffer>) => {
  const entries: string[] = [];
  for await (const { name, type, body } of readTar(source))
    entries.push(`${type} ${name} ${Buffer.concat(await Array.fromAsync(body)).length}`);
  return entries;
};

describe('a tar as it arrives', () => {
  it.each([1, 7, 512, 4096])('is read an entry at a time, whatever its pieces (%i bytes)', async (size) => {
    expect(await read(inPieces(TAR, size))).toEqual(['folder base 0', 'file base/1 3', 'file base/2 1500']);
  });

  it('is passed on without what is left out', async () => {
    const rest = Buffer.concat(await Array.fromAsync(withoutEntries(inPieces(TAR, 100), (name) => name === 'base/2')));
    expect(await read(inPieces(rest, 100))).toEqual(['folder base 0', 'file base/1 3']);
  });

  it('is refused where it is cut off, also behind its last entry, and where it is none', async () => {
    for (const length of [100, 600, 1_300, TAR.length - END.length])
      await expect(read(inPieces(TAR.subarray(0, length), 64))).rejects.toThrow('cut off');
    await expect(read(inPieces(Buffer.alloc(1024, 'x'), 64))).rejects.toThrow('damaged');
  });
});
