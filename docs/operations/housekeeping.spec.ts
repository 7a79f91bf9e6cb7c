import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);
const sources = globSync(['{apps,libs}/**/src/**/*.ts', 'apps/*/migrations/**/*.sql'], {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
}).filter((file) => !/\.(spec|fixture|program)\.ts$/.test(file));
const SERVICES = ['identity', 'organization', 'key-management', 'inactivity-policy', 'job-queue', 'mailer'];

/** The tables of a section: names in the first column. */
const page = new Map(
  read('docs/operations/housekeeping.md')
    .split('\n## ')
    .slice(1)
    .map((section) => {
      const rows = section
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .map((line) => line.split('|').map((cell) => cell.trim()));
      return [
        section.split('\n', 1)[0],
        rows.map(([, tables = '', , fate = '']) => ({ tables: found(tables, /`(\w+)`/g), fate })),
      ] as const;
    }),
);
const told = (section: string) => page.get(section) ?? [];

describe('docs/operations/housekeeping.md', () => {
  it('says of every table what bounds it', () => {
    const made = new Set(sources.flatMap((file) => found(read(file), /CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+) \(/g)));
    // Made anew since, or in a later step dropped.
    for (const gone of ['attempts', 'project_turns']) made.delete(gone);
    const known = new Set([...page.values()].flat().flatMap(({ tables }) => tables));
    expect(made.size).toBeGreaterThan(40);
    expect([...made].filter((table) => !known.has(table))).toEqual([]);
  });

  it.each(SERVICES)('says of %s what its works remove, and no more', (service) => {
    const works = sources
      .filter((file) => file.startsWith(`apps/${service}/src/`) && file.endsWith('.module.ts'))
      .flatMap((file) => found(read(file), /name: '(\w+)', everyMs:/g));
    // What says how often is done by a work.
    const promised = told(service)
      .filter(({ fate }) => /removed|kept; every/.test(fate) && /hourly|every \w+ (hours|minutes)/.test(fate))
      .flatMap(({ tables }) => tables);
    expect(promised.sort()).toEqual(works.sort());
  });
});
