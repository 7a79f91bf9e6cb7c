import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RuleName, RULES } from './rules.ts';

const source = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

describe('the rules of the fence', () => {
  it.each(Object.keys(RULES) as RuleName[])('quotes %s where the code keeps it, in a place of its own', (rule) => {
    expect(RULES[rule].edits.map(({ file }) => source(file)).join('\n')).toContain(rule);
    for (const { file, from } of RULES[rule].edits) expect(source(file).split(from)).toHaveLength(2);
  });
});
