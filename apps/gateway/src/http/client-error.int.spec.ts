import { connect } from 'node:net';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

describe('what the HTTP parser refuses', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness();
  });
  afterAll(() => gateway.stop());

  /** All that is said until the connection ends. */
  const say = (port: number, text: string) =>
    new Promise<string>((heard, failed) => {
      let all = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(text);
      });
      socket
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          all += chunk;
        })
        .once('end', () => {
          heard(all);
        })
        .once('error', failed);
    });
  const read = (text: string) => {
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return {
      line: head.split('\r\n')[0],
      head: head.toLowerCase(),
      problem: JSON.parse(body) as { code: string; requestId: string },
      length: Buffer.byteLength(body),
    };
  };

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'request/invalid'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400, 'request/invalid'],
    [
      'two lengths of one body',
      'POST /v1/sessions HTTP/1.1\r\nHost: id.example.com\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      400,
      'request/invalid',
    ],
    [
      'a length beside pieces, as smugglers send',
      'POST /v1/sessions HTTP/1.1\r\nHost: id.example.com\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'request/invalid',
    ],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: id.example.com\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      431,
      'request/headers-too-long',
    ],
  ])('is a problem as any other, and the end of the connection: %s', async (_what, text, status, code) => {
    for (const port of [gateway.port, gateway.internalPort]) {
      const { line, head, problem, length } = read(await say(port, text));
      expect(line).toMatch(new RegExp(`^HTTP/1.1 ${status} \\w`));
      expect(problem).toMatchObject({ code, status });
      expect(head).toContain(`content-length: ${length}`);
      for (const each of [
        'content-type: application/problem+json',
        'cache-control: no-store',
        'connection: close',
        `x-request-id: ${problem.requestId}`,
      ])
        expect(head).toContain(each);
    }
  });

  it('tells those who send too slowly so, by 408, and ends their connection: in the headers and in the body', async () => {
    const slow = await gatewayHarness(
      {},
      {},
      { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 5_000, connectionsCheckingInterval: 50 },
    );
    try {
      const post = 'POST /v1/sessions HTTP/1.1\r\nHost: id.example.com\r\n';
      for (const text of [
        'POST /v1/sessions HTTP/1.1\r\nHost: id.exam',
        `${post}Rollcall-Client: test\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"email":`,
      ])
        for (const port of [slow.port, slow.internalPort]) {
          const { line, head, problem } = read(await say(port, text));
          expect([line, problem.code]).toEqual(['HTTP/1.1 408 Request Timeout', 'request/too-slow']);
          expect(head).toContain('connection: close');
        }
    } finally {
      await slow.stop();
    }
  });

  it('says nothing more to a request that was answered before it ended, as an answer too many is taken for the next one', async () => {
    const slow = await gatewayHarness(
      {},
      {},
      { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 5_000, connectionsCheckingInterval: 50 },
    );
    try {
      const elsewhere = 'POST /v1/sessions HTTP/1.1\r\nHost: elsewhere.example.com\r\n';
      for (const [text, answered] of [
        [`${elsewhere}Content-Length: 90\r\n\r\n{`, ['421']],
        [`${elsewhere}Transfer-Encoding: chunked\r\n\r\nno length`, ['400']],
        // The first is still being answered when the second is found to be none.
        ['GET / HTTP/1.1\r\nHost: elsewhere.example.com\r\n\r\nhello\r\n\r\n', []],
      ] as const)
        expect([...(await say(slow.port, text)).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(
          answered,
        );
    } finally {
      await slow.stop();
    }
  });

  it('ends no connection of others', async () => {
    await say(gateway.port, 'hello\r\n\r\n');
    expect((await gateway.ask('GET', '/livez')).status).toBe(200);
  });
});
