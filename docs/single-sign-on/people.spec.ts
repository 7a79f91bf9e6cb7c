import { readFileSync } from 'node:fs';
import { PERSON_CHECKS } from '../../apps/identity/src/single-sign-on/checks.ts';

describe('docs/single-sign-on/people.md', () => {
  it('says of each check what to do', () => {
    const [, rows = ''] = readFileSync('docs/single-sign-on/people.md', 'utf8').split('| check | what to do |');
    const told = rows.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)]);
    expect(told.map(([, check]) => check).toSorted()).toEqual(Object.keys(PERSON_CHECKS).toSorted());
  });
});
