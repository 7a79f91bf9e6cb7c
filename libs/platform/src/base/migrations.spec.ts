import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stepsIn } from '#platform';

const folders = [...new Set(globSync('apps/*/migrations/**/*.sql').map(dirname))].sort();

describe('the steps of a schema', () => {
  it.each(folders)('are as they were written down when they were made: %s', (folder) => {
    const lines = stepsIn(folder)
      .map(({ sha256, name }) => `${sha256}  ${name}.sql\n`)
      .join('');
    // A step that was changed is put back. A new one gets its line: docs/migrations.md.
    expect(lines).toBe(readFileSync(join(folder, 'SHA256SUMS'), 'utf8'));
  });

  it('are there for every database', () => {
    expect(folders).toHaveLength(8);
  });

  it.each([
    ['has a gap', ['0001-a.sql', '0003-b.sql']],
    ['begins elsewhere', ['0000-a.sql']],
    ['has a number twice', ['0001-a.sql', '0001-b.sql']],
    ['has one without a number', ['0001-a.sql', 'b.sql']],
  ])('are refused, by name, where their order %s', (_, files) => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-steps-'));
    for (const file of files) writeFileSync(join(folder, file), 'SELECT 1;');
    expect(() => stepsIn(folder)).toThrow(files.at(-1));
    rmSync(folder, { recursive: true });
  });
});
