import { Methods } from './methods.ts';

describe('the methods of an address', () => {
  const methods = new Methods();
  for (const [url, method] of [
    ['/v1/keys', 'GET'],
    ['/v1/keys', ['POST', 'GET']],
    ['/v1/keys/:id', 'DELETE'],
    ['/v1/keys/:id/revoke', 'POST'],
    ['/v0.4/jobs', 'GET'],
    ['/docs/*', 'GET'],
  ] as const)
    methods.add({ url, method });

  it.each([
    ['/v1/keys', ['GET', 'POST']],
    ['/v1/keys/7', ['DELETE']],
    ['/v1/keys/7/revoke', ['POST']],
    ['/docs/a/b', ['GET']],
    ['/v0.4/jobs', ['GET']],
    ['/v1/keys/', []],
    ['/v1/keys/7/8', []],
    ['/v0x4/jobs', []],
    ['/x/v1/keys', []],
    ['/v1/keysx', []],
  ])('%s answers %j', (path, expected) => {
    expect(methods.of(path)).toEqual(expected);
  });
});
