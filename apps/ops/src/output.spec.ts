import { table } from './output.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const rows = [
  {
    service: 'identity',
    outcome: 'fail',
    says: 'the database does not answer, and nobody knows since when that is so',
    id,
  },
  { service: 'key-management', outcome: 'ok', says: 'nothing is behind', id },
];
const plain = (lines: readonly string[]) => lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));

describe('a table', () => {
  it('fits even where not one word fits beside another', () => {
    expect(plain(table(rows, 20)).filter((line) => line.length > 20)).toEqual([]);
  });

  it.each([40, 60, 80, 100, 132])('fits a terminal of %i columns, and leaves nothing out', (columns) => {
    const lines = plain(table(rows, columns));
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    const words = rows
      .flatMap((row) => Object.values(row))
      .filter((cell) => cell !== id)
      .join(' ')
      .split(' ');
    const written = lines.join(' ').split(/\s+/);
    expect(words.filter((word) => !written.includes(word))).toEqual([]);
  });

  it('keeps an id whole where there is room for it', () => {
    for (const columns of [80, 100, 132]) expect(plain(table(rows, columns)).join('\n')).toContain(id);
  });

  it('is a line a row where there is no end', () => {
    expect(table(rows, Infinity)).toHaveLength(3);
  });

  it('writes nothing of control to the terminal, whatever a cell holds', () => {
    expect(plain(table([{ name: 'a\u001b[2Jb\u0007\n' }], 80)).join('')).not.toMatch(/[\u0000-\u001f]/);
  });
});
