import { existsSync, readFileSync } from 'node:fs';
import { problems } from '#contracts';

describe('problem pages', () => {
  it.each(Object.keys(problems))('has a page that says what happened and what to do: %s', (code) => {
    const file = `docs/problems/${code}.md`;
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toMatch(/## What happened\n\n.{20,}\n\n## What to do\n\n.{10,}/);
  });
});
