import { Problem } from '#platform';
import { readScimFilter } from './scim-filter.ts';
import { patchScimUser, readScimUser, type ScimAttributes } from './scim-user.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const carol: ScimAttributes = {
  userName: 'carol@acme.example',
  externalId: '00u1',
  emails: [{ value: 'carol@acme.example', type: 'work', primary: true }],
  active: true,
};
const patched = (...Operations: object[]) => patchScimUser(carol, JSON.stringify({ schemas: [PATCH], Operations }));
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error instanceof Problem ? [error.code, error.facts.scimType] : error;
  }
  return 'done';
};

describe('a user as providers describe them', () => {
  it('is read as Entra writes it: extensions and what is not kept are accepted, and left out', () => {
    expect(
      readScimUser(
        JSON.stringify({
          schemas: [USER, ENTERPRISE],
          externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
          userName: 'Test_User_ab6490ee@acme.example',
          active: true,
          addresses: [{ type: 'work', country: 'Sweden', primary: true }],
          displayName: 'Test User',
          emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@acme.example' }],
          meta: { resourceType: 'User' },
          name: { formatted: 'Test User', familyName: 'User', givenName: 'Test' },
          roles: [],
          [ENTERPRISE]: { department: 'Sales' },
        }),
      ),
    ).toEqual({
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee@acme.example',
      active: true,
      displayName: 'Test User',
      emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@acme.example' }],
      name: { formatted: 'Test User', familyName: 'User', givenName: 'Test' },
    });
  });

  it('is read as Okta writes it, and is active unless it is said otherwise', () => {
    expect(
      readScimUser(
        JSON.stringify({
          schemas: [USER],
          userName: 'carol@acme.example',
          name: { givenName: 'Carol', familyName: 'Shaw' },
          emails: [{ primary: true, value: 'carol@acme.example', type: 'work' }],
          displayName: 'Carol Shaw',
          locale: 'en-US',
          externalId: '00ujl29u0le5T6Aj10h7',
          groups: [],
          password: '1mz050nq',
        }),
      ),
    ).toMatchObject({ userName: 'carol@acme.example', externalId: '00ujl29u0le5T6Aj10h7', active: true });
  });

  it.each([
    ['no JSON', 'nonsense', 'invalidSyntax'],
    ['no object', '[]', 'invalidValue'],
    ['nobody', '{}', 'invalidValue'],
    ['a userName that is none', '{"userName":7}', 'invalidValue'],
    ['an empty userName', '{"userName":""}', 'invalidValue'],
    ['a userName without end', JSON.stringify({ userName: 'x'.repeat(1_001) }), 'invalidValue'],
    ['neither true nor false', '{"userName":"carol","active":"maybe"}', 'invalidValue'],
    [
      'addresses without end',
      JSON.stringify({ userName: 'c', emails: Array(21).fill({ value: 'x' }) }),
      'invalidValue',
    ],
  ])('is refused as %s', (_, body, scimType) => {
    expect(refusal(() => readScimUser(body))).toEqual(['request/invalid', scimType]);
  });

  it('has no other properties than those that are kept, whatever they are called', () => {
    const read = readScimUser('{"userName":"carol","__proto__":{"active":false},"constructor":1,"toString":"x"}');
    expect(Object.keys(read).sort()).toEqual(['active', 'userName']);
    expect(read.active).toBe(true);
  });
});

describe('changes of a user', () => {
  it.each([
    ['Okta: an object', { op: 'replace', value: { active: false } }],
    ['Entra: a path, and truth as a text', { op: 'Replace', path: 'active', value: 'False' }],
    ['Entra: a text in an object', { op: 'Replace', value: { active: 'false' } }],
    ['a path with the name of its schema', { op: 'replace', path: `${USER}:active`, value: false }],
    ['another case', { op: 'REPLACE', path: 'Active', value: false }],
  ])('deactivate as %s', (_, operation) => {
    expect(patched(operation)).toEqual({ ...carol, active: false });
  });

  it('keep what they do not name, in their order', () => {
    expect(
      patched(
        { op: 'Add', path: 'name.givenName', value: 'Carol' },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'shaw@acme.example' },
        { op: 'Add', path: 'emails[type eq "home"].value', value: 'carol@home.example' },
        { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
        { op: 'Add', path: 'addresses[type eq "work"].formatted', value: 'Street 1' },
        { op: 'Add', path: 'roles[primary eq "True"].value', value: 'x' },
        { op: 'Replace', value: { 'name.familyName': 'Shaw', 'displayName': 'Carol Shaw' } },
        { op: 'Remove', path: 'externalId' },
      ),
    ).toEqual({
      userName: carol.userName,
      externalId: undefined,
      active: true,
      displayName: 'Carol Shaw',
      name: { givenName: 'Carol', familyName: 'Shaw' },
      emails: [
        { value: 'shaw@acme.example', type: 'work', primary: true },
        { value: 'carol@home.example', type: 'home' },
      ],
    });
  });

  it('take an address away', () => {
    expect(patched({ op: 'remove', path: 'emails[type eq "work"]' }).emails).toEqual([]);
    expect(patched({ op: 'remove', path: 'emails' }).emails).toEqual([]);
  });

  it.each([
    ['without operations', [], 'invalidValue'],
    ['of another kind', [{ op: 'move', path: 'active', value: false }], 'invalidValue'],
    ['of a path that is none', [{ op: 'replace', path: 'active or true', value: false }], 'invalidPath'],
    ['that take the userName away', [{ op: 'remove', path: 'userName' }], 'invalidValue'],
    ['that remove nothing in particular', [{ op: 'remove' }], 'noTarget'],
    ['without end', Array(1_001).fill({ op: 'replace', path: 'active', value: false }), 'invalidValue'],
  ])('are refused %s', (_, operations, scimType) => {
    expect(refusal(() => patched(...(operations as object[])))).toEqual(['request/invalid', scimType]);
  });
});

describe('a filter', () => {
  it.each([
    ['userName eq "carol@acme.example"', 'userName', 'carol@acme.example'],
    ['externalId eq "00u1"', 'externalId', '00u1'],
    ['username EQ "a\\"b"', 'userName', 'a"b'],
  ])('is read: %s', (filter, attribute, value) => {
    expect(readScimFilter(filter)).toEqual({ attribute, value });
  });

  it.each([
    'userName eq "a" or userName sw ""',
    'userName sw "c"',
    'userName eq "a" -- ',
    'userName eq carol',
    'userName eq "\\x"',
    'password eq "x"',
    '',
    `userName eq "${'x'.repeat(3_000)}"`,
  ])('is refused, whatever it tries: %s', (filter) => {
    expect(refusal(() => readScimFilter(filter))).toEqual(['scim-user/filter-unsupported', undefined]);
  });
});
