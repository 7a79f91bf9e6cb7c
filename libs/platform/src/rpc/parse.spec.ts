import { z } from 'zod';
import { parse } from './parse.ts';

describe('a gRPC request that its type does not say enough of', () => {
  const schema = z.object({ 'limit': z.int().max(9), 'a/b': z.string() });

  it('is answered as it was read', () => {
    expect(parse(schema, { 'limit': 9, 'a/b': 'c', 'more': 1 })).toEqual({ 'limit': 9, 'a/b': 'c' });
  });

  it('is refused with a pointer for each field that is wrong', () => {
    expect(() => parse(schema, { 'limit': 10, 'a/b': 1 })).toThrow(
      expect.objectContaining({
        code: 'request/invalid',
        facts: {
          fields: [expect.objectContaining({ pointer: '/limit' }), expect.objectContaining({ pointer: '/a~1b' })],
        },
      }) as Error,
    );
  });
});
