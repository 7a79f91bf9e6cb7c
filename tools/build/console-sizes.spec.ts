import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { BUDGET, consoleSizes, overBudget } from './console-sizes.ts';

describe('the size of the console', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-sizes-'));
  const write = (name: string, bytes: number) => {
    writeFileSync(join(folder, 'assets', name), randomBytes(bytes));
  };
  beforeAll(() => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<script src="/assets/first-12345678.js"></script>');
    write('first-12345678.js', BUDGET.first + 1);
    write('reveal-12345678.js', BUDGET.later + 1);
    write('small-12345678.js', 10);
    write('geist-latin-wght-normal-12345678.woff2', 10);
  });

  it('is kept by the build: one byte too many of the first page or of a later one is an error that says so', () => {
    expect(overBudget(consoleSizes(folder))).toEqual([
      expect.stringMatching(/^the first page has \d+ bytes, and may have 130000$/),
      expect.stringMatching(/^reveal\.js has \d+ bytes, and may have 30000$/),
    ]);
    write('first-12345678.js', 100);
    write('reveal-12345678.js', 100);
    expect(overBudget(consoleSizes(folder))).toEqual([]);
  });
});
