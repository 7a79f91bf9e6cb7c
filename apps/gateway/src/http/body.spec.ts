import fastify, { type FastifyRequest } from 'fastify';
import { bytesOf, keepBytes, readBody } from './body.ts';

const sent = (body: unknown, type?: string) =>
  ({ body, headers: type === undefined ? {} : { 'content-type': type } }) as unknown as FastifyRequest;
const read = (body: string, type?: string, anyType = false) => readBody(sent(Buffer.from(body), type), { anyType });
const refused = (body: string, type?: string) => {
  try {
    return read(body, type);
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('a body', () => {
  it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json ;x=1'])(
    'is read as JSON that says so: %j',
    (type) => {
      expect(read('{"a":[1]}', type)).toEqual({ a: [1] });
    },
  );

  it.each([undefined, '', 'text/plain', 'application/jsonp', 'text/plain; application/json'])(
    'is refused where it says that it is something else: %j',
    (type) => {
      expect(refused('{}', type)).toBe('request/unsupported-media-type');
    },
  );

  it('is read whatever it says where that is asked for', () => {
    expect(read('{"a":1}', 'text/plain', true)).toEqual({ a: 1 });
  });

  it('counts as an empty object where there is none, whatever was said of it', () => {
    expect([read(''), read('', 'text/plain'), readBody(sent(undefined), { anyType: false })]).toEqual([{}, {}, {}]);
    expect(bytesOf(sent({ parsed: 'by somebody' }))).toHaveLength(0);
  });

  it('has 64 objects within each other at most, and 10,000 values', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const many = (values: number) =>
      `[${Array<number>(values - 1)
        .fill(1)
        .join()}]`;
    expect([refused(nested(65), 'application/json'), refused(many(10_001), 'application/json')]).toEqual([
      'request/invalid',
      'request/invalid',
    ]);
    expect(read(many(10_000), 'application/json')).toHaveLength(9_999);
    expect(read(nested(64), 'application/json')).toHaveLength(1);
  });

  it('stays bytes until somebody wants it, whatever it says that it is', async () => {
    const server = fastify();
    keepBytes(server);
    server.post('/', (request) => bytesOf(request).toString('hex'));
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'made/up'])
      expect([
        type,
        (await server.inject({ method: 'POST', url: '/', headers: { 'content-type': type }, payload: '{"a' })).body,
      ]).toEqual([type, Buffer.from('{"a').toString('hex')]);
  });

  it('is refused when it is no JSON', () => {
    expect(refused('{', 'application/json')).toBe('request/invalid');
  });
});
