import fc from 'fast-check';
import { type JsonLimits, readJson, scanJson, UnreadableJson } from './scan-json.ts';

const LIMITS = { depthMax: 64, valuesMax: 1_000_000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const countOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, one) => sum + countOf(one), 1)
    : 1;
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((most: number, one) => Math.max(most, 1 + depthOf(one)), 1)
    : 0;
const json = fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
const refused = (text: string, limits: JsonLimits) => {
  try {
    readJson(bytes(text), limits);
    return undefined;
  } catch (error) {
    return error;
  }
};

const refusal = (text: string, limits = LIMITS) => {
  try {
    readJson(bytes(text), limits);
    return undefined;
  } catch (error) {
    return error instanceof UnreadableJson ? error.message : error;
  }
};

describe('scanning JSON', () => {
  it('counts exactly what the parser builds, however it is spaced', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        expect(scanJson(bytes(JSON.stringify(value, null, space)), LIMITS)).toBe(countOf(value));
      }),
    );
  });

  it('reads what the parser reads', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(readJson(bytes(JSON.stringify(value)), LIMITS)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses one value and one level more than it takes', () => {
    fc.assert(
      fc.property(json, (value) => {
        const [text, count, depth] = [JSON.stringify(value), countOf(value), depthOf(value)];
        expect(refusal(text, { depthMax: depth, valuesMax: count })).toBeUndefined();
        expect(refusal(text, { depthMax: depth, valuesMax: count - 1 })).toMatch(/more than \d+ values/);
        if (depth > 0) expect(refusal(text, { depthMax: depth - 1, valuesMax: count })).toMatch(/within each other/);
      }),
    );
  });

  it('throws nothing else, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map(bytes),
          json.map((value) => bytes(JSON.stringify(value).slice(0, -1))),
        ),
        (sent) => {
          try {
            readJson(sent, LIMITS);
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableJson);
          }
        },
      ),
    );
  });

  it.each([
    '{"__proto__":1}',
    '{"a":[{"__proto__" \n:{}}]}',
    '{"\\u005f_proto__":1}',
    '{"__pr\\u006Fto__":1}',
    '{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":1}',
  ])('refuses the member name in %s', (text) => {
    expect(refusal(text)).toMatch(/__proto__/);
  });
  it.each(['{"a":"__proto__"}', '["__proto__"]', '{"__proto":1,"_":2,"\\"__proto__":3}'])('takes %s', (text) => {
    expect(refusal(text)).toBeUndefined();
  });

  it.each([
    ['{"name":"a","name":"b"}', '/name'],
    ['{"a":{"b":[1,{"c":1,"\\u0063":2}]}}', '/a/b/1/c'],
    ['[{"a":1},{"a":1,"b":{},"a":1}]', '/1/a'],
    ['{"metadata":{"a":1,"a":2},"x/y":{"a":1,"a":2}}', '/x~1y/a'],
    ['{"metadata":1,"metadata":2}', '/metadata'],
    ['{"a":{"":1,"":1}}', '/a/'],
  ])('refuses a field that is sent twice, and says where: %s', (text, pointer) => {
    expect(refused(text, { ...LIMITS, mayDouble: ['metadata'] })).toMatchObject({
      message: 'The body has a field twice: send it once.',
      pointer,
    });
  });
  it.each([
    '{"metadata":{"a":1,"a":2,"b":[{"c":1,"c":2}]}}',
    '{"a":{"b":1},"b":{"a":"a"}}',
    '[{"a":1},{"a":1}]',
    '{"a":"\\"a\\":1","b":"{\\"c\\":1,\\"c\\":2}"}',
  ])('takes %s', (text) => {
    expect(refused(text, { ...LIMITS, mayDouble: ['metadata'] })).toBeUndefined();
  });

  it('ends in time and memory that the bytes bound', () => {
    const began = performance.now();
    for (const text of ['['.repeat(5_000_000), `[${'[],'.repeat(3_000_000)}1]`, ','.repeat(9_000_000)])
      expect(refusal(text)).toMatch(/more than/);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
