import { personOf, subjectsOf } from './person.ts';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

describe("a person's name at the provider", () => {
  it.each([
    ['a sub', '00u1', '00u1'],
    ['a sub that looks like JSON', '{"sub":"x"}', '{"sub":"x"}'],
    ['a NameID', JSON.stringify(['name-id', PERSISTENT, '', '', 'carol']), 'carol'],
    ['an attribute', JSON.stringify(['attribute', 'uid', 'car"ol']), 'car"ol'],
  ])('is the value of %s', (_, subject, person) => {
    expect(personOf(subject)).toBe(person);
  });

  it('leads back to the subject that it is of, and to no other attribute or qualifier', () => {
    const nameId = JSON.stringify(['name-id', PERSISTENT, '', '', 'carol']);
    expect(subjectsOf('carol', undefined)).toEqual(expect.arrayContaining(['carol', nameId]));
    expect(subjectsOf('carol', 'uid')).toEqual(['carol', JSON.stringify(['attribute', 'uid', 'carol'])]);
    expect(subjectsOf('carol', undefined)).not.toContain(JSON.stringify(['name-id', PERSISTENT, 'x', '', 'carol']));
  });
});
