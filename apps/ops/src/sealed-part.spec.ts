import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { backupKey, readPart, writePart } from './sealed-part.ts';

const key = randomBytes(32);
// What does not compress makes several pieces.
const content = randomBytes(1 << 20);

describe('a part of a backup', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-part-'));
  });

  const write = (sealedBy: Buffer | undefined, id = 'a', file = 'base') =>
    writePart(folder, file, { key: sealedBy, id }, Readable.from([content.subarray(0, 10), content.subarray(10)]));
  const read = async (part: Awaited<ReturnType<typeof write>>, openedBy: Buffer | undefined, id = 'a') =>
    Buffer.concat(await Array.fromAsync(readPart(folder, part, { key: openedBy, id })));

  it.each([
    ['plain', undefined],
    ['sealed', key],
  ])('is read as it was written, and is for its owner alone (%s)', async (_kind, by) => {
    const part = await write(by);
    expect((await read(part, by)).equals(content)).toBe(true);
    expect(statSync(join(folder, 'base'))).toMatchObject({ size: part.bytes });
    expect(statSync(join(folder, 'base')).mode & 0o777).toBe(0o600);
  });

  it('is refused where a byte was changed or the end is missing, sealed or not', async () => {
    for (const by of [undefined, key]) {
      const part = await write(by, 'a', by ? 'sealed' : 'plain');
      const bytes = readFileSync(join(folder, part.file));
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      for (const wrong of [
        changed,
        bytes.subarray(0, bytes.length - 20),
        Buffer.concat([bytes, Buffer.from('more')]),
      ]) {
        writeFileSync(join(folder, part.file), wrong);
        await expect(read(part, by)).rejects.toMatchObject({ name: 'Ended', code: 4 });
      }
    }
  });

  it('is opened by its own key alone, and as a part of its own backup', async () => {
    const part = await write(key);
    await expect(read(part, randomBytes(32))).rejects.toThrow('another key');
    await expect(read(part, key, 'b')).rejects.toThrow('another key');
  });
});

describe('the key for backups', () => {
  const text = key.toString('base64url');
  it('is read from the environment or the file that it names; without either nothing is sealed', () => {
    expect(backupKey({}, () => '')).toBeUndefined();
    expect(backupKey({ BACKUP_KEY: text }, () => '')).toEqual(key);
    expect(backupKey({ BACKUP_KEY_FILE: 'a' }, () => `${text}\n`)).toEqual(key);
  });

  it('is refused where it is none, so that nothing is left unsealed by an empty file', () => {
    expect(() => backupKey({ BACKUP_KEY: 'short' }, () => '')).toThrow('32 bytes');
    expect(() => backupKey({ BACKUP_KEY_FILE: 'a' }, () => '')).toThrow('32 bytes');
  });
});
