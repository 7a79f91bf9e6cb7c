import { requireScope } from './scopes.ts';

describe('the scopes of a key', () => {
  const may = (scopes: readonly string[], scope: string) => {
    try {
      requireScope({ scopes }, scope);
      return true;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  it("are what it may do; * stands for all but the organization's record, which is always named", () => {
    expect([may(['*'], 'jobs:write'), may(['*'], 'invented:later')]).toEqual([true, true]);
    expect([may(['*'], 'events:read'), may([], 'jobs:write')]).toEqual(['key/scope-required', 'key/scope-required']);
    expect(may(['*', 'events:read'], 'events:read')).toBe(true);
    expect(may(['jobs:read', 'jobs:write'], 'jobs:write')).toBe(true);
  });

  it('are refused whole words for parts of them, and named', () => {
    expect(may(['jobs:write'], 'jobs:read')).toBe('key/scope-required');
    expect(may(['jobs:writer', 'jobs'], 'jobs:write')).toBe('key/scope-required');
    expect(() => {
      requireScope({ scopes: ['a:b'] }, 'jobs:read');
    }).toThrow('jobs:read');
  });
});
