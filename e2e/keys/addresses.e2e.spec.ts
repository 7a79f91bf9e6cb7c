import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { envoy, gateway } from '#contracts';
import { LOADER } from '#platform';
import { type Answer, Product, type SignedUp, Visitor } from '#testing';
import { Client, credentials, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const definition = loadSync(['rollcall/gateway/v1/gateway.proto', 'envoy/service/auth/v3/external_auth.proto'], LOADER);
/** The proxy that is trusted, and a client that is not. */
const PROXY = '127.0.0.1';
const STRANGER = '127.0.0.2';
const OFFICE = '203.0.113.7';

interface HttpAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string | undefined;
}

/** Asks from one of this machine's addresses. */
const ask = (origin: string, path: string, secret: string, from: string, forwardedFor?: string): Promise<HttpAnswer> =>
  new Promise((answered, failed) => {
    const { host, port } = new URL(origin);
    request(
      {
        host: '127.0.0.1',
        port,
        path,
        localAddress: from,
        agent: false,
        headers: {
          host,
          authorization: `apiKey ${secret}`,
          ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
        },
      },
      (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
          })
          .once('end', () => {
            const body = JSON.parse(text || '{}') as Record<string, string | undefined>;
            answered({ status: answer.statusCode ?? 0, code: body.code, detail: body.detail ?? body.message });
          });
      },
    )
      .once('error', failed)
      .end();
  });

describe('a key that is bound to addresses', () => {
  let product: Product;
  let ada: SignedUp;
  let client: Client;
  const newKey = async (addresses: readonly string[], more: object = {}) => {
    const { status, body } = await ada.visitor.post('/v1/keys', {
      name: 'bound',
      projectId: ada.projectId,
      addresses,
      ...more,
    });
    expect(status).toBe(201);
    return { id: body.key.id as string, secret: body.secret as string, addresses: body.key.addresses as string[] };
  };
  const faces = () => [
    { origin: product.origin, path: '/v0.4/whoami' },
    { origin: product.origin, path: `/v1/events?organizationId=${ada.organizationId}` },
    { origin: product.origin, path: '/authz' },
    { origin: product.internal.origin, path: '/authz' },
  ];
  const everywhere = async (secret: string, from: string, forwardedFor?: string) =>
    Promise.all(faces().map(async ({ origin, path }) => (await ask(origin, path, secret, from, forwardedFor)).status));
  const all = (status: number) => faces().map(() => status);
  const verify = async (key: string, address?: string) =>
    (await new Visitor(product.internal.origin).post('/verify', { key, ...(address === undefined ? {} : { address }) }))
      .body as Record<string, unknown>;
  const call = <A>(service: string, method: string, message: object): Promise<A> => {
    const { path, requestSerialize, responseDeserialize } = (definition[service] as ServiceDefinition)[
      method
    ] as MethodDefinition<object, A>;
    return new Promise((answered, failed) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        { deadline: Date.now() + 10_000 },
        (error, answer) => {
          if (error) failed(error);
          else answered(answer as A);
        },
      );
    });
  };
  const verifyKey = (key: string, address?: string) =>
    call<gateway.Verified>('rollcall.gateway.v1.Verify', 'VerifyKey', {
      key,
      ...(address === undefined ? {} : { address }),
    });
  /** What Envoy hears; `address` is that of its client. */
  const check = (secret: string, address?: string) =>
    call<envoy.CheckResponse>('envoy.service.auth.v3.Authorization', 'Check', {
      attributes: {
        ...(address === undefined ? {} : { source: { address: { socketAddress: { address } } } }),
        request: { http: { method: 'GET', path: '/', headers: { authorization: `Bearer ${secret}` } } },
      },
    });

  beforeAll(async () => {
    product = await Product.start({ TRUSTED_PROXIES: PROXY });
    ada = await product.signUp('ada@example.com');
    client = new Client(product.internal.grpc, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await product.dispose();
  });

  it('works from there and from nowhere else, on every face', async () => {
    const here = await newKey(['127.0.0.1'], { scopes: ['events:read'] });
    const elsewhere = await newKey(['203.0.113.0/24', '2001:db8::/32'], { scopes: ['events:read'] });
    const anywhere = await newKey([], { scopes: ['events:read'] });
    expect([await everywhere(here.secret, '127.0.0.1'), await everywhere(here.secret, STRANGER)]).toEqual([
      all(200),
      all(401),
    ]);
    expect([await everywhere(elsewhere.secret, '127.0.0.1'), await everywhere(elsewhere.secret, STRANGER)]).toEqual([
      all(401),
      all(401),
    ]);
    expect([await everywhere(anywhere.secret, '127.0.0.1'), await everywhere(anywhere.secret, STRANGER)]).toEqual([
      all(200),
      all(200),
    ]);
  });

  it("is judged by what a trusted proxy says of its caller, and by nobody else's word", async () => {
    const { secret } = await newKey([OFFICE, '2001:db8::/32'], { scopes: ['events:read'] });
    for (const address of [OFFICE, `::ffff:${OFFICE}`, '2001:DB8::7'])
      expect([address, await everywhere(secret, PROXY, address)]).toEqual([address, all(200)]);
    for (const address of ['203.0.113.8', '2001:db9::7', 'unknown', `${OFFICE}:443`, '', `${OFFICE}, 198.51.100.1`])
      expect([address, await everywhere(secret, PROXY, address)]).toEqual([address, all(401)]);
    // The proxy's client had sent the header itself, before the proxy added the client's address.
    expect(await everywhere(secret, PROXY, `198.51.100.1, ${OFFICE}`)).toEqual(all(200));
    expect(await everywhere(secret, STRANGER, OFFICE)).toEqual(all(401));
  });

  it('is judged by the address that a service tells, and refused where none is told', async () => {
    const { id, secret } = await newKey(['127.0.0.0/8', OFFICE]);
    const refused = { valid: false, code: 'key/refused' };
    expect(await verify(secret, OFFICE)).toMatchObject({ valid: true, keyId: id });
    expect(await verify(secret, `::ffff:${OFFICE}`)).toMatchObject({ valid: true });
    expect(await verify(secret, '203.0.113.8')).toMatchObject(refused);
    // The service asks from 127.0.0.1, which is not where the key was presented.
    expect(await verify(secret)).toMatchObject(refused);
    expect([await verifyKey(secret, OFFICE), await verifyKey(secret, '203.0.113.8'), await verifyKey(secret)]).toEqual([
      expect.objectContaining({ valid: true }),
      expect.objectContaining(refused),
      expect.objectContaining(refused),
    ]);
    const outcomes = await Promise.all([check(secret, OFFICE), check(secret, '203.0.113.8'), check(secret)]);
    expect(outcomes.map(({ deniedResponse }) => deniedResponse?.status?.code)).toEqual([undefined, 401, 401]);
  });

  it('is refused elsewhere in the words for an unknown key, also when its project is archived, and that is no use of it', async () => {
    const grace = await product.signUp('grace@example.com', 'Grace');
    const { body: project } = await grace.visitor.post(`/v1/organizations/${grace.organizationId}/projects`, {
      name: 'Second',
    });
    const {
      body: {
        key: { id },
        secret,
      },
    } = await grace.visitor.post('/v1/keys', { name: 'bound', projectId: project.id as string, addresses: [OFFICE] });
    const { body: gone } = await grace.visitor.post('/v1/keys', { name: 'gone', projectId: project.id as string });
    await grace.visitor.post(`/v1/keys/${gone.key.id as string}/revoke`);
    const told = async () =>
      Promise.all(
        faces().map(async ({ origin, path }) => [
          await ask(origin, path, secret as string, STRANGER),
          await ask(origin, path, gone.secret as string, STRANGER),
        ]),
      );
    for (const [bound, unknown] of await told()) expect(bound).toEqual(unknown);
    expect([
      (await grace.visitor.get(`/v1/keys/${id as string}`)).body.lastUsedAt,
      (await grace.visitor.get('/v1/account/inactivity')).body.lastActivity.api,
    ]).toEqual([null, null]);
    expect((await grace.visitor.post(`/v1/projects/${project.id as string}/archive`)).status).toBe(200);
    expect((await ask(product.origin, '/authz', secret as string, PROXY, OFFICE)).code).toBe('key/project-archived');
    for (const [bound, unknown] of await told()) expect(bound).toEqual(unknown);
  });

  it('shows where it works from, in one spelling, and leaves it to its successor', async () => {
    const { id, addresses } = await newKey([
      ' 2001:0DB8:0::7 ',
      '::ffff:203.0.113.7',
      '203.0.113.7/32',
      '198.51.100.0/24',
    ]);
    expect(addresses).toEqual(['2001:db8::7', '203.0.113.7', '198.51.100.0/24']);
    const { body: rotated } = await ada.visitor.post(`/v1/keys/${id}/rotate`, { overlapSeconds: 0 });
    const [one, many, revoked] = [
      await ada.visitor.get(`/v1/keys/${id}`),
      await ada.visitor.get('/v1/keys?status=all&limit=200'),
      await ada.visitor.post(`/v1/keys/${id}/revoke`),
    ];
    const listed = (many.body.items as { id: string; addresses: string[] }[]).find((each) => each.id === id);
    expect([one.body.addresses, listed?.addresses, revoked.body.key.addresses, rotated.key.addresses]).toEqual(
      Array.from({ length: 4 }, () => addresses),
    );
    expect(await verify(rotated.secret as string, '198.51.100.9')).toMatchObject({ valid: true });
    expect(await verify(rotated.secret as string, '198.51.101.9')).toMatchObject({ valid: false });
  });

  it('is not made with what is no address, and it is said what to write', async () => {
    const bad: [addresses: unknown, pointer: string, detail: RegExp][] = [
      [['localhost'], '/addresses/0', /must be an IPv4 or IPv6 address, or a range such as/],
      [
        [OFFICE, '203.0.113.7/24'],
        '/addresses/1',
        /write 203\.0\.113\.0\/24 for the range, or 203\.0\.113\.7 for the one address/,
      ],
      [['203.0.113.0/33'], '/addresses/0', /\/0 to \/32/],
      [['2001:db8::/129'], '/addresses/0', /\/0 to \/128/],
      [OFFICE, '/addresses', /./],
      [[null], '/addresses/0', /./],
      [Array.from({ length: 33 }, (_, i) => `203.0.113.${i}`), '/addresses', /32/],
      [['1'.repeat(65)], '/addresses/0', /64/],
    ];
    for (const [addresses, pointer, detail] of bad) {
      const { status, body }: Answer = await ada.visitor.post('/v1/keys', {
        name: 'bad',
        projectId: ada.projectId,
        addresses,
      });
      expect([addresses, status, body.code, body.errors]).toEqual([
        addresses,
        400,
        'request/invalid',
        [{ pointer, detail: expect.stringMatching(detail) }],
      ]);
    }
  });

  it('leaves its addresses in no log and in no record', async () => {
    const { body } = await ada.visitor.get(`/v1/events?organizationId=${ada.organizationId}`);
    const logs = readdirSync(join(product.dataFolder, 'data'))
      .filter((name) => name.endsWith('.log'))
      .map((name) => readFileSync(join(product.dataFolder, 'data', name), 'utf8'));
    expect([JSON.stringify(body).includes('KeyIssued'), logs.length > 0]).toEqual([true, true]);
    for (const text of [JSON.stringify(body), ...logs, product.printed])
      expect(text).not.toMatch(/203\.0\.113|2001:db8|198\.51\.100/);
  });
});
