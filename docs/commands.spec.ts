import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const pages = globSync(['*.md', 'docs/**/*.md', '{apps,libs}/*/README.md'], {
  cwd: root,
  exclude: (name) => name === 'node_modules',
});

describe('commands in the documents', () => {
  it('are scripts that package.json has', () => {
    const named = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(
        ([, script = '']) => ({ page, script }),
      ),
    );
    expect(named.map(({ script }) => script)).toEqual(expect.arrayContaining(['dev', 'check', 'coverage']));
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
  });
});
