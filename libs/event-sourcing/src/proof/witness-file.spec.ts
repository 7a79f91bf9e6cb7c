import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WitnessFile } from './witness-file.ts';

const INCARNATION = '018f0000-0000-7000-8000-000000000000';
const BRANCH = { incarnation: INCARNATION, epoch: 1 };
const event = (version: number) => ({
  streamId: 'key-1',
  version,
  eventId: `018f0000-0000-7000-8000-${String(version).padStart(12, '0')}`,
});

describe('a file that names what was acknowledged last', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-witness-'));
    path = join(folder, 'identity.log');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has them when the word is given, for whoever reads it next, and for no other user', async () => {
    const file = new WitnessFile(path);
    expect(await file.read()).toBeUndefined();
    await file.keep(BRANCH, [event(1), event(2)]);
    await Promise.all([3, 4, 5].map((n) => file.keep(BRANCH, [event(n)])));
    const named = await new WitnessFile(path).read();
    expect(named?.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(named?.[0]).toEqual({ ...BRANCH, ...event(1) });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('says of a log that nothing was written to that it knows it', async () => {
    const file = new WitnessFile(path);
    file.begin(BRANCH);
    await file.keep(BRANCH, []);
    expect(await file.read()).toMatchObject([{ incarnation: INCARNATION, version: 0 }]);
  });

  it('takes a line that a crash cut off, or that is none, for nothing', async () => {
    const file = new WitnessFile(path);
    await file.keep(BRANCH, [event(1)]);
    appendFileSync(path, 'nonsense\n\n018f cut off');
    expect((await file.read())?.map(({ version }) => version)).toEqual([1]);
  });

  it('stays small: it is shortened when it is opened, and its end stays', async () => {
    writeFileSync(path, `${INCARNATION} 1 ${event(1).eventId} 1 key-1\n`.repeat(20_000));
    const file = new WitnessFile(path);
    await file.keep(BRANCH, [event(2)]);
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(200);
    expect((await file.read())?.at(-1)?.version).toBe(2);
  });

  it('says that it failed to whoever must know', async () => {
    const file = new WitnessFile(join(folder, 'nowhere', 'identity.log'));
    await expect(file.keep(BRANCH, [event(1)])).rejects.toThrow('ENOENT');
    file.remember(BRANCH, event(2));
    expect(await file.read()).toBeUndefined();
  });
});
