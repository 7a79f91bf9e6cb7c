import { readFileSync } from 'node:fs';
import { SAML_CHECKS } from '../../apps/identity/src/single-sign-on/saml/checks.ts';

describe('docs/single-sign-on/saml.md', () => {
  it('says of each check what to do', () => {
    const [, rows = ''] = readFileSync('docs/single-sign-on/saml.md', 'utf8').split('| check | what to do |');
    const told = rows.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z\d-]+)`/g)]);
    expect(told.map(([, check]) => check).toSorted()).toEqual(Object.keys(SAML_CHECKS).toSorted());
  });
});
