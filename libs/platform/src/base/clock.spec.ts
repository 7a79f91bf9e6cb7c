import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevClock } from './clock.ts';

const DAY_MS = 86_400_000;

describe("a developer's clock", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-clock-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const ahead = (clock: DevClock) => Math.round((clock.now().getTime() - Date.now()) / DAY_MS);

  it('is the same for all who are given its file, at once and after a new start', () => {
    const file = join(folder, 'shared');
    const [one, other] = [new DevClock(file), new DevClock(file)];
    expect([ahead(one), ahead(other)]).toEqual([0, 0]);
    one.setOffset(180 * DAY_MS);
    expect([ahead(one), ahead(other), ahead(new DevClock(file))]).toEqual([180, 180, 180]);
    other.setOffset(2 * DAY_MS);
    expect(ahead(one)).toBe(2);
  });

  it('of no file is its own alone', () => {
    const [one, other] = [new DevClock(), new DevClock()];
    one.setOffset(180 * DAY_MS);
    expect([ahead(one), ahead(other)]).toEqual([180, 0]);
  });

  it('may be read by every user of the machine, and be moved by who made it', () => {
    const file = join(folder, 'read');
    const before = process.umask(0o022);
    new DevClock(file).setOffset(DAY_MS);
    process.umask(before);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });
});
