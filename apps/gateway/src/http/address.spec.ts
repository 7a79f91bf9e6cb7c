import { isIonqPath, pathOf } from './address.ts';

describe('an address', () => {
  it.each([
    ['/v0.4/jobs', true],
    ['/v0.4', true],
    ['/v0.45/jobs', false],
    ['/v1/jobs', false],
    ['/', false],
    ['/v1/v0.4', false],
  ])('says whether clients of /v0.4 ask: %s', (path, is) => {
    expect(isIonqPath(path)).toBe(is);
  });

  it.each([
    ['/v1/account?x=/v0.4', '/v1/account'],
    ['/%761/organizations', '/v1/organizations'],
    ['/v1%2faccount', '/v1%2faccount'],
    ['/v1/account%3Fx', '/v1/account%3Fx'],
    ['/v1/%zz', '/v1/%zz'],
  ])('is read as the router reads it: %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });
});
