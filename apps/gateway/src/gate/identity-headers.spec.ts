import { identityOf } from './identity-headers.ts';

const holder = {
  keyId: 'k',
  keyName: 'laptop',
  projectId: 'p',
  organizationId: 'o',
  accountId: 'a',
  scopes: ['jobs:read', 'jobs:write'],
};

describe('whose key it is, as a proxy passes it on', () => {
  it('is all five, always: one that is left out would let pass what the caller sent under its name', () => {
    const names = ['Rollcall-Account', 'Rollcall-Organization', 'Rollcall-Project', 'Rollcall-Key', 'Rollcall-Scopes'];
    const told = (scopes: readonly string[], words: string) =>
      expect(identityOf({ ...holder, scopes })).toEqual(
        names.flatMap((name, i) => [name, ['a', 'o', 'p', 'k', words][i]]),
      );
    told(holder.scopes, 'jobs:read jobs:write');
    told(['jobs:read'], 'jobs:read');
    told([], '');
  });
});
