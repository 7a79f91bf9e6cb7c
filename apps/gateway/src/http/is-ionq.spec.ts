import { isIonq } from './is-ionq.ts';

describe('the API of existing clients', () => {
  it.each([
    ['/v0.4/jobs?limit=1', true],
    ['/v0.4', true],
    ['/v1/jobs', false],
    ['/', false],
    ['/v1/v0.4', false],
  ])('is told by the address: %s', (address, is) => {
    expect(isIonq(address)).toBe(is);
  });
});
