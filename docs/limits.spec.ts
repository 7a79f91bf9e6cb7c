import { readFileSync } from 'node:fs';
import { isProblemCode, problems } from '#contracts';
import { readSettings } from '../apps/rollcall/src/settings.ts';

const page = readFileSync('docs/limits.md', 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/limits.md', () => {
  it('names problems that there are, with their status', () => {
    const named = [...page.matchAll(/(\d{3}) `(\w[\w-]*\/[\w-]+)`/g)];
    expect(named.length).toBeGreaterThan(8);
    for (const [, status, code = ''] of named)
      expect([code, isProblemCode(code) && problems[code].status]).toEqual([code, Number(status)]);
  });

  it('names the default of each setting that an installation has', () => {
    const settings: Readonly<Record<string, unknown>> = { ...readSettings({}) };
    const nameOf = (variable: string) =>
      variable.toLowerCase().replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
    const told = rows.flatMap(([, , most = '', setting = '']) => {
      const [, variable] = /^`(\w+)`$/.exec(setting) ?? [];
      const value = variable === undefined ? undefined : settings[nameOf(variable)];
      return value === undefined ? [] : [[variable, Number(/^[\d,]+/.exec(most)?.[0].replaceAll(',', '')), value]];
    });
    expect(told.length).toBeGreaterThan(5);
    for (const [variable, said, is] of told) expect([variable, said]).toEqual([variable, is]);
  });
});
