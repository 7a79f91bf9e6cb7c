import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type FactKind, factKind, factKinds, readFact } from '../index.ts';
import type { Topic } from '../facts/fact.ts';
import { breaks } from './breaks.ts';
import { releasedFact } from './released-fact.ts';
import { releasedFacts } from './released.ts';

const released = releasedFacts();
const kept = (schema: z.ZodType, topic: Topic = 'mailer.mails') =>
  releasedFact({ name: 'LetterSent.v1', topic, says: '', schema, example: {} });
const base = {
  letterId: z.uuid(),
  size: z.int(),
  method: z.enum(['post', 'pigeon']),
  copies: z.array(z.object({ to: z.uuid() })),
  note: z.string().nullable(),
  at: z.iso.datetime(),
};
const against = (changed: Record<string, z.ZodType>) => breaks(kept(z.object(base)), kept(z.object(changed)));

describe('facts that were released', () => {
  it('are kept; a kind that no release has sent stands in the changes of the next', () => {
    const names = new Set<string>(released.map(({ fact }) => fact.name));
    expect([...names].filter((name) => !Object.hasOwn(factKinds, name))).toEqual([]);
    const [, next = ''] = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
    expect(Object.keys(factKinds).filter((name) => !names.has(name) && !next.includes(name))).toEqual([]);
  });

  it.each(released)('T-SCH-1 $file decodes to a type of today', ({ fact }) => {
    expect(readFact(fact.name, fact.golden, factKind)).toMatchObject({ data: expect.anything() as unknown });
  });

  it.each(released)('T-SCH-2 $file is not broken: a new shape is a new version beside the old', ({ fact }) => {
    const kind: FactKind | undefined = factKind(fact.name);
    expect(breaks(fact, kind && releasedFact(kind))).toEqual([]);
  });
});

describe('breaks', () => {
  it('lets a fact be, and grow by optional fields', () => {
    expect(against(base)).toEqual([]);
    expect(
      against({
        ...base,
        weight: z.number().optional(),
        stamps: z.int().default(1),
        copies: z.array(z.object({ to: z.uuid(), via: z.string().optional() })),
      }),
    ).toEqual([]);
  });

  const { note: _, ...withoutNote } = base;
  it.each([
    ['a removed field', withoutNote, 'LetterSent.v1: /note is gone'],
    ['a retyped field', { ...base, size: z.string() }, 'LetterSent.v1: /size was "integer" and is "string"'],
    [
      'a field that may now be null',
      { ...base, letterId: z.uuid().nullable() },
      'LetterSent.v1: /letterId was "string" and is "one of several"',
    ],
    [
      'a new required field',
      { ...base, weight: z.number() },
      'LetterSent.v1: /weight is new and required: facts that were sent do not have it',
    ],
    [
      'a field that is now optional',
      { ...base, size: z.int().optional() },
      'LetterSent.v1: /size was required and is optional',
    ],
    [
      'a narrower enum',
      { ...base, method: z.enum(['post']) },
      'LetterSent.v1: the values of /method were ["post","pigeon"] and are ["post"]',
    ],
    [
      'a wider enum',
      { ...base, method: z.enum(['post', 'pigeon', 'bottle']) },
      'LetterSent.v1: the values of /method were ["post","pigeon"] and are ["post","pigeon","bottle"]',
    ],
    ['another format', { ...base, at: z.iso.date() }, 'LetterSent.v1: format of /at was "date-time" and is "date"'],
    [
      'a format where there was none',
      { ...base, note: z.string().max(10).nullable() },
      'LetterSent.v1: /note was ["string","null"] and is "one of several"',
    ],
    ['a bound', { ...base, size: z.int().max(10) }, 'LetterSent.v1: maximum of /size was 9007199254740991 and is 10'],
    [
      'a change inside a list',
      { ...base, copies: z.array(z.object({ to: z.int() })) },
      'LetterSent.v1: /copies/*/to was "string" and is "integer"',
    ],
  ])('T-SCH-2 refuses %s', (_name, changed, said) => {
    expect(against(changed)).toEqual([said]);
  });

  it('T-SCH-2 refuses another topic, and a fact that is gone', () => {
    expect(breaks(kept(z.object(base)), kept(z.object(base), 'job-queue.jobs'))).toEqual([
      'LetterSent.v1: its topic changed from mailer.mails to job-queue.jobs',
    ]);
    expect(breaks(kept(z.object(base)), undefined)).toEqual([
      'LetterSent.v1 is gone: facts that were sent stay for ever',
    ]);
  });
});

describe('readFact', () => {
  const kind = (name: string, schema: z.ZodType, next?: FactKind['next']): [string, FactKind] => [
    name,
    { name, topic: 'mailer.mails', says: '', schema, example: {}, ...(next ? { next } : {}) },
  ];
  const kinds = new Map([
    kind('LetterSent.v1', z.object({ grams: z.number() }), {
      name: 'LetterSent.v2',
      upcast: (data) => ({ kilograms: (data as { grams: number }).grams / 1000 }),
    }),
    kind('LetterSent.v2', z.object({ kilograms: z.number() }), {
      name: 'LetterSent.v3',
      upcast: (data) => ({ ...(data as object), by: 'post' }),
    }),
    kind('LetterSent.v3', z.object({ kilograms: z.number(), by: z.string() })),
  ]);
  const read = (name: string, data: object) => readFact(name, data, (of) => kinds.get(of));

  it("T-SCH-1 brings an old version to today's, one step after the other", () => {
    expect(read('LetterSent.v1', { grams: 20 })).toEqual({
      name: 'LetterSent.v3',
      data: { kilograms: 0.02, by: 'post' },
    });
    expect(read('LetterSent.v2', { kilograms: 1 })).toEqual({
      name: 'LetterSent.v3',
      data: { kilograms: 1, by: 'post' },
    });
  });

  it('T-SCH-3 leaves out fields it does not know, and knows nothing of newer versions', () => {
    expect(read('LetterSent.v3', { kilograms: 1, by: 'post', stamps: 2 })).toEqual({
      name: 'LetterSent.v3',
      data: { kilograms: 1, by: 'post' },
    });
    expect(read('LetterSent.v4', { tons: 1 })).toBeUndefined();
  });

  it('names the fields that are not as they must be', () => {
    expect(read('LetterSent.v1', { grams: 'twenty' })).toEqual({ malformed: ['grams'] });
  });
});
