import { page } from './page.ts';

describe('a page of a list', () => {
  const of = (count: number) => page(['a', 'b', 'c', 'd'].slice(0, count), 3, (item) => item);
  it('says where to go on when there is more, and only then', () => {
    expect([of(0), of(2), of(3), of(4)]).toEqual([
      { items: [] },
      { items: ['a', 'b'] },
      { items: ['a', 'b', 'c'] },
      { items: ['a', 'b', 'c'], next: 'c' },
    ]);
  });
});
