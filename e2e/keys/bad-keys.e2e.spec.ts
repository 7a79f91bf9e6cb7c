import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type gateway, ionqRoutes, type Route } from '#contracts';
import { LOADER, newApiKey } from '#platform';
import { Product, type SignedUp, Visitor } from '#testing';
import { Client, credentials, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface HttpAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends lines as they are, bytes that no HTTP client would send included. */
const raw = (origin: string, lines: readonly string[], body = ''): Promise<HttpAnswer> =>
  new Promise((answered, failed) => {
    const { hostname, port, host } = new URL(origin);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        text += chunk;
      })
      .once('error', failed)
      .once('end', () => {
        const [head = '', ...rest] = text.split('\r\n\r\n');
        answered({ status: Number(head.split(' ')[1]), body: JSON.parse(rest.join('') || '{}') as HttpAnswer['body'] });
      });
    socket.write(
      Buffer.from(
        [
          lines[0] ?? '',
          `Host: ${host}`,
          'Connection: close',
          ...lines.slice(1),
          ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
          '',
          body,
        ].join('\r\n'),
      ),
    );
  });

describe('keys that are not quite right', () => {
  let product: Product;
  let ada: SignedUp;
  let secret: string;
  let client: Client;
  const faces = () => [
    { name: '/v0.4/whoami', origin: product.origin, path: '/v0.4/whoami' },
    { name: '/v1/events', origin: product.origin, path: `/v1/events?organizationId=${ada.organizationId}` },
    { name: '/authz', origin: product.origin, path: '/authz' },
    { name: '/authz inside', origin: product.internal.origin, path: '/authz' },
  ];
  /** What each face says of a request with these headers. */
  const everywhere = (...headers: string[]) =>
    Promise.all(
      faces().map(async ({ name, origin, path }) => {
        const { status, body } = await raw(origin, [`GET ${path} HTTP/1.1`, ...headers]);
        return { name, status, code: body.code, detail: body.detail ?? body.message };
      }),
    );
  const verifyKey = (key: string): Promise<gateway.Verified> => {
    const { path, requestSerialize, responseDeserialize } = (
      loadSync('rollcall/gateway/v1/gateway.proto', LOADER)['rollcall.gateway.v1.Verify'] as ServiceDefinition
    ).VerifyKey as MethodDefinition<object, gateway.Verified>;
    return new Promise((answered, failed) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { key },
        { deadline: Date.now() + 10_000 },
        (error, answer) => {
          if (error) failed(error);
          else if (answer) answered(answer);
        },
      );
    });
  };

  /** Texts that look like the key to a reader, and are not it. */
  const lookalikes = (): Record<string, string> => {
    const [prefix = '', id = '', chance = '', check = ''] = secret.split('_');
    return {
      'its own upper case': secret.toUpperCase(),
      'another check': `${prefix}_${id}_${chance}_${check === '000000' ? '111111' : '000000'}`,
      'no check': `${prefix}_${id}_${chance}`,
      'one character more': `${secret}0`,
      'one less': secret.slice(0, -1),
      'another prefix': `sk_${id}_${chance}_${check}`,
      'the key of another installation': newApiKey(randomBytes(32).toString('base64url'), prefix, randomUUID()).secret,
      'its id with another chance': `${prefix}_${id}_${'0'.repeat(chance.length)}_${check}`,
      'a Cyrillic с in its prefix': secret.replace('c', 'с'),
      'full-width letters': secret.replaceAll(/[a-z]/g, (letter) =>
        String.fromCodePoint(letter.charCodeAt(0) + 0xfee0),
      ),
      'a zero-width space within': `${secret.slice(0, 20)}\u200B${secret.slice(20)}`,
      'a zero-width space at its end': `${secret}\u200B`,
      'a byte order mark before it': `\uFEFF${secret}`,
      'a no-break space before it': `\u00A0${secret}`,
      'a no-break space behind it': `${secret}\u00A0`,
      'a combining accent': secret.replace('_', '_\u0301'),
      'another kind of low line': secret.replaceAll('_', '＿'),
      'quotes around it': `"${secret}"`,
      'a comma and another': `${secret},${secret}`,
      'a space within': `${secret.slice(0, 30)} ${secret.slice(30)}`,
      '8 kB': `${prefix}_${id}_${'a'.repeat(8_192)}_${check}`,
      'a tab behind it and more': `${secret}\tx`,
      'nothing of a key': '\u{1F511}',
    };
  };

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    ({
      body: { secret },
    } = await ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId, scopes: ['events:read'] }));
    client = new Client(product.internal.grpc, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await product.dispose();
  });

  it('the scheme may be written in any case, with spaces as people leave them', async () => {
    for (const scheme of ['apiKey', 'apikey', 'APIKEY', 'ApiKey', 'Bearer', 'bearer', 'BEARER'])
      expect(
        (await everywhere(`Authorization: ${scheme} ${secret}`)).map(({ name, status }) => [scheme, name, status]),
      ).toEqual(faces().map(({ name }) => [scheme, name, 200]));
    expect((await everywhere(`AUTHORIZATION:   Bearer   ${secret}   `)).map(({ status }) => status)).toEqual(
      faces().map(() => 200),
    );
  });

  it('a key that lacks the scope of a route is told so, before anything that it sends is looked at', async () => {
    for (const { method, path, scope } of (Object.values(ionqRoutes) as Route[]).filter(
      (route) => route.scope !== undefined,
    )) {
      const { status, body } = await raw(
        product.origin,
        [`${method} ${path.replace(':id', 'no-id')} HTTP/1.1`, `Authorization: apiKey ${secret}`],
        '{',
      );
      expect([method, path, status, JSON.stringify(body)]).toEqual([
        method,
        path,
        403,
        expect.stringContaining(`lacks the scope ${scope ?? ''}`),
      ]);
    }
  });

  it('what looks like the key is not the key, on any face, and all of it is told the same', async () => {
    const details = new Set<unknown>();
    for (const [what, key] of Object.entries(lookalikes())) {
      const said = await everywhere(`Authorization: Bearer ${key}`);
      expect(said.map(({ name, status, code }) => [what, name, status, code])).toEqual(
        faces().map(({ name }) => [what, name, 401, 'key/malformed']),
      );
      const inside = await new Visitor(product.internal.origin).post('/verify', { key });
      expect([what, inside.status, inside.body.valid, inside.body.code]).toEqual([what, 200, false, 'key/malformed']);
      expect([what, await verifyKey(key)]).toEqual([
        what,
        expect.objectContaining({ valid: false, code: 'key/malformed' }),
      ]);
      for (const detail of [...said.map((one) => one.detail), inside.body.detail]) details.add(detail);
    }
    expect(details.size).toBe(1);
  });

  it.each(
    [
      [],
      ['Authorization:'],
      ['Authorization: Bearer'],
      ['Authorization: apiKey '],
      ['Authorization: KEY'],
      ['Authorization: Basic QUtFWTo='],
      ['Authorization: Token KEY'],
      ['Authorization: Bearer\tKEY'],
      ['Authorization: BearerKEY'],
      ['Authorization: Bearer\u00A0KEY'],
      ['Authorization: Веarer KEY'],
      ['Cookie: Authorization=KEY'],
      ['Proxy-Authorization: Bearer KEY'],
      ['Rollcall-Key: KEY'],
    ].map((headers) => [headers]),
  )('%j is no key', async (headers) => {
    const said = await everywhere(...headers.map((header) => header.replace('KEY', secret)));
    // A request to /v1/events without the header is asked to sign in.
    expect(said.map(({ name, status, code }) => [name, status, code])).toEqual(
      faces().map(({ name }) => [
        name,
        401,
        name === '/v1/events' && !headers.some((header) => header.startsWith('Authorization'))
          ? 'session/required'
          : 'key/missing',
      ]),
    );
  });

  it('the key may stand alone in X-API-Key, written in any case', async () => {
    for (const header of ['X-API-Key', 'x-api-key', 'X-Api-Key'])
      expect((await everywhere(`${header}:  ${secret} `)).map(({ status }) => status)).toEqual(faces().map(() => 200));
    expect((await everywhere(`X-API-Key: Bearer ${secret}`)).map(({ code }) => code)).toEqual(
      faces().map(() => 'key/malformed'),
    );
  });

  it('two headers with a key are refused, though both be good, and it is said why', async () => {
    for (const second of [
      `Authorization: Bearer ${secret}`,
      'authorization: Bearer nothing',
      'AUTHORIZATION:',
      `X-API-Key: ${secret}`,
    ]) {
      const said = await everywhere(`Authorization: Bearer ${secret}`, second);
      expect(said.map(({ name, status, code }) => [second, name, status, code])).toEqual(
        faces().map(({ name }) => [second, name, 401, 'authorization/not-accepted']),
      );
      for (const { detail } of said) expect(detail).toMatch(/one header with a key/);
    }
  });

  it('a key in the address is refused even where it would not be needed, with what to do now', async () => {
    const written = [secret, secret.replaceAll('_', '%5F'), secret.replace('rck', '%72%63k')];
    for (const { name, origin, path } of faces()) {
      for (const key of written) {
        const { status, body } = await raw(origin, [
          `GET ${path}${path.includes('?') ? '&' : '?'}api_key=${key} HTTP/1.1`,
          `Authorization: Bearer ${secret}`,
        ]);
        expect([name, status, body.code, body.detail ?? body.message]).toEqual([
          name,
          400,
          'request/key-in-url',
          expect.stringMatching(/Revoke it.*Authorization header/),
        ]);
        expect(JSON.stringify(body)).not.toContain(secret.slice(10));
      }
    }
    expect((await raw(product.internal.origin, [`POST /verify?key=${secret} HTTP/1.1`])).body.code).toBe(
      'request/key-in-url',
    );
    expect(
      (await raw(product.origin, [`GET /v0.4/jobs/${secret} HTTP/1.1`, `Authorization: Bearer ${secret}`])).body.code,
    ).toBe('request/key-in-url');
  });

  it('a key in the body of a GET is not looked at', async () => {
    for (const { name, origin, path } of faces()) {
      const { status } = await raw(
        origin,
        [`GET ${path} HTTP/1.1`, 'Content-Type: application/json'],
        JSON.stringify({ key: secret, authorization: `Bearer ${secret}` }),
      );
      expect([name, status]).toEqual([name, 401]);
    }
  });

  it('a header without end is refused before anybody reads it', async () => {
    for (const { name, origin, path } of faces())
      expect([
        name,
        (await raw(origin, [`GET ${path} HTTP/1.1`, `Authorization: Bearer ${'k'.repeat(40_000)}`])).status,
      ]).toEqual([name, 431]);
  });

  it('the key itself still works', async () => {
    expect((await everywhere(`Authorization: Bearer ${secret}`)).map(({ status }) => status)).toEqual(
      faces().map(() => 200),
    );
  });
});
