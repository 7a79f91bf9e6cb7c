import { z } from 'zod';
import { fieldProblem } from './field-problem.ts';

const said = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: fieldProblem }).error?.issues[0]?.message;

describe('what is wrong with a field', () => {
  it.each([
    [z.string(), undefined, 'is missing'],
    [z.string(), 1, 'must be text'],
    [z.boolean(), 'x', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.union([z.int(), z.literal('all')]), 'x', 'has none of the forms that it may have'],
    [z.union([z.int(), z.literal('all')]), undefined, 'is missing'],
    [z.string().regex(/^a$/), 'b', 'does not have the form that it must have'],
    [z.string().regex(/^a$/, 'must be a'), 'b', 'must be a'],
    [z.number().multipleOf(5), 7, 'must be a multiple of 5'],
    [z.object({}), [], 'must be an object'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(2), 'a', 'must have at least 2 characters'],
    [z.string().max(1), 'ab', 'must have at most 1 character'],
    [z.array(z.string()).min(1), [], 'must have at least 1 entry'],
    [z.array(z.string()).max(2), ['a', 'b', 'c'], 'must have at most 2 entries'],
    [z.number().min(3), 2, 'must be at least 3'],
    [z.number().max(3), 4, 'must be at most 3'],
    [z.uuid(), 'x', 'must be an id such as 01890a5d-ac96-774b-bcce-b302099a8057'],
    [z.enum(['a', 'b']), 'c', 'must be one of a, b'],
    [z.literal('a'), 'b', 'must be a'],
    [z.string().regex(/^a$/, 'must be one a'), 'b', 'must be one a'],
    [z.string().refine(() => false, 'says it better'), 'b', 'says it better'],
  ])('is said in words for whoever sent it', (schema, value, words) => {
    expect(said(schema, value)).toBe(words);
  });

  it('does not grow with what might have been sent', () => {
    const many = Array.from({ length: 30 }, (_, n) => `w${n}`) as [string, ...string[]];
    expect(said(z.enum(many), 'x')).toBe(`must be one of ${many.slice(0, 20).join(', ')}`);
  });
});
