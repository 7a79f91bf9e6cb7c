import { z } from 'zod';
import { read } from './read.ts';

const schema = z.strictObject({ 'name': z.string().max(3), 'a/b': z.strictObject({ 'c~d': z.int() }).optional() });
const fields = (value: unknown, of: z.ZodType = schema) => {
  try {
    return read(of, value, 'body');
  } catch (error) {
    return (error as { facts: { fields: readonly { pointer: string; detail: string }[] } }).facts.fields;
  }
};

describe('a part of a request', () => {
  it('is answered as its schema reads it, and is nothing where there is none', () => {
    expect(read(schema, { name: 'ada' }, 'body')).toEqual({ name: 'ada' });
    expect(read(undefined, { name: 'ada' }, 'body')).toBeUndefined();
  });

  it('is refused with a pointer for each field that is wrong', () => {
    expect(fields({ 'name': 'adas', 'a/b': { 'c~d': 'x' } })).toEqual([
      { pointer: '/name', detail: 'must have at most 3 characters' },
      { pointer: '/a~1b/c~0d', detail: 'must be a number' },
    ]);
    expect(fields('text')).toEqual([{ pointer: '', detail: 'must be an object' }]);
  });

  it('is refused with a pointer for each field that nobody knows', () => {
    expect(fields({ 'name': 'ada', 'x/y': 1, 'a/b': { 'c~d': 1, 'e': 2 } })).toEqual([
      { pointer: '/a~1b/e', detail: 'is not known here' },
      { pointer: '/x~1y', detail: 'is not known here' },
    ]);
  });

  it('is answered by a refusal that does not grow with what was sent', () => {
    const found = fields(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`.padStart(900, 'x'), n])));
    expect(found).toHaveLength(20);
    expect(Math.max(...(found as { pointer: string }[]).map(({ pointer }) => pointer.length))).toBe(200);
    const long = z.strictObject({ a: z.string().refine(() => false, 'x'.repeat(999)) });
    expect((fields({ a: 'b' }, long) as { detail: string }[])[0]?.detail).toHaveLength(300);
  });

  it('is named in the refusal', () => {
    expect(() => read(schema, {}, 'body')).toThrow('request/invalid: ');
    expect(() => read(schema, {}, 'query')).toThrow('query parameters');
    expect(() => read(schema, {}, 'body')).toThrow('fields of the body');
  });
});
