import { pointerTo } from './pointer.ts';

describe('a pointer', () => {
  it.each([
    [[], ''],
    [['input', 'circuit', 0], '/input/circuit/0'],
    [['a/b', 'c~d', '~1'], '/a~1b/c~0d/~01'],
    [[''], '/'],
  ])('to %j is %j', (path, pointer) => {
    expect(pointerTo(path)).toBe(pointer);
  });
});
