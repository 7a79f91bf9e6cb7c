import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** A title that begins with ids, of a test or of a table of tests: `it('T-…`, `it.each([…])('T-…`. What is skipped shows nothing. */
const TITLE = /(?<!\.(?:skip|todo|failing)|\b(?:xit|xtest|expect|describe))\(\s*['"`]((?:T-[A-Z]+-\d+,? )+)/g;

const table = readFileSync(join(root, 'docs', 'proof.md'), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, id = '']) => /^T-[A-Z]+-\d+$/.test(id))
  .map(([, id = '', guarantee = '', shownBy = '']) => ({
    id,
    guarantee,
    shownBy,
    due: shownBy.startsWith('`'),
    file: /`([^`]+)`/.exec(shownBy)?.[1],
  }));

/** Which files show which id. Suites that several specs share are files of tests, too. */
const shown = new Map<string, string[]>();
for (const file of globSync('{apps,libs,bench,tools,e2e}/**/*.ts', {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
})) {
  const text = readFileSync(join(root, file), 'utf8');
  for (const id of idsInTitles(text)) shown.set(id, [...(shown.get(id) ?? []), file]);
}

function idsInTitles(text: string): Set<string> {
  return new Set([...text.matchAll(TITLE)].flatMap(([, ids = '']) => ids.match(/T-[A-Z]+-\d+/g) ?? []));
}

describe('docs/proof.md', () => {
  it('names every guarantee once', () => {
    const ids = table.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const expected = { ES: 5, ORD: 5, BUS: 7, CON: 7, RB: 4, ASOF: 1, LS: 4, SCH: 3, PII: 5, REV: 5, MOV: 13 };
    expect(ids).toEqual(
      Object.entries(expected).flatMap(([area, count]) =>
        Array.from({ length: count }, (_, i) => `T-${area}-${i + 1}`),
      ),
    );
  });

  it.each(table)(
    '$id is shown by the test it names, or names the issue that brings it',
    ({ id, guarantee, shownBy, due, file }) => {
      expect(guarantee).not.toBe('');
      if (due) expect(shown.get(id) ?? []).toContain(file);
      else expect(shownBy).toMatch(/^issue "[^"]+"$/);
    },
  );

  it('points at files that exist', () => {
    expect(table.filter(({ file, due }) => due && !existsSync(join(root, file ?? ''))).map(({ file }) => file)).toEqual(
      [],
    );
  });

  it('knows every id that a test claims to show', () => {
    expect([...shown.keys()].filter((id) => !table.some((row) => row.id === id))).toEqual([]);
  });

  it('sees ids in titles only, of plain tests and of tables', () => {
    // Put together here, so that this file does not claim to show them.
    const id = (n: number) => ['T', 'ES', n].join('-');
    expect(
      idsInTitles(
        `it('${id(1)} holds', f); it.each(['a(b)', "c"])("${id(2)} %s", f); it.each([1])(\n  '${id(3)} x', f)`,
      ),
    ).toEqual(new Set([id(1), id(2), id(3)]));
    expect(idsInTitles(`it.skip('${id(4)} x', f); describe('${id(5)} x', f); const x = '${id(5)} x'`)).toEqual(
      new Set(),
    );
  });
});
