import { shapes } from '#contracts';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const FIVE = ['rollcall-account', 'rollcall-organization', 'rollcall-project', 'rollcall-key', 'rollcall-scopes'];

describe('/authz', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
    gateway.away.clear();
  });

  /** As a proxy asks: with the Host of its caller. */
  const authz = (
    secret: string,
    query = '',
    { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string | string[]> } = {},
  ) =>
    gateway.ask(method, `/authz${query}`, {
      headers: {
        'host': 'some.platform.example',
        'rollcall-client': '',
        'authorization': `Bearer ${secret}`,
        ...headers,
      },
    });

  it('says whose key it is in five headers and no body, by every method and for any Host', async () => {
    const key = gateway.key({ scopes: ['billing:read', 'jobs:read'] });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT']) {
      const { status, text, headers } = await authz(key.secret, '', { method });
      expect([method, status, text, ...FIVE.map((name) => headers[name])]).toEqual([
        method,
        200,
        '',
        key.accountId,
        key.organizationId,
        key.projectId,
        key.keyId,
        'billing:read jobs:read',
      ]);
      expect([headers['cache-control'], headers['x-request-id']]).toEqual([
        'no-store',
        expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/),
      ]);
    }
  });

  it('says all five of a key that may do all, too, and none of them when it refuses, whatever its caller sent', async () => {
    const spoofed = Object.fromEntries([...FIVE, 'rollcall-else'].map((name) => [name, 'spoofed']));
    const good = await authz(gateway.key().secret, '', { headers: spoofed });
    expect(good.headers['rollcall-scopes']).toBe('*');
    const refused = await authz('nothing', '', { headers: spoofed });
    expect(FIVE.filter((name) => refused.headers[name] !== undefined)).toEqual([]);
    expect(JSON.stringify([good, refused])).not.toContain('spoofed');
  });

  it('asks for every scope that is wanted, each time anew, also of an address that it knows', async () => {
    const [limited, whole] = [gateway.key({ scopes: ['billing:read', 'jobs:read'] }), gateway.key()];
    for (let repeated = 0; repeated < 2; repeated++) {
      const said = async (secret: string, query: string) => {
        const { status, code } = await authz(secret, query);
        return [query, status, code];
      };
      expect(await said(limited.secret, '?scope=jobs:read')).toEqual(['?scope=jobs:read', 200, undefined]);
      expect(await said(limited.secret, '?scope=jobs:read&scope=billing:read')).toEqual([
        '?scope=jobs:read&scope=billing:read',
        200,
        undefined,
      ]);
      expect(await said(limited.secret, '?scope=jobs:read&scope=jobs:write')).toEqual([
        '?scope=jobs:read&scope=jobs:write',
        403,
        'key/scope-required',
      ]);
      expect(await said(whole.secret, '?scope=jobs:write')).toEqual(['?scope=jobs:write', 200, undefined]);
    }
  });

  it.each(['?scopes=jobs:write', '?scope=', '?scope=JOBS', '?scope=jobs:read&x=1', '?x', '?scope=jobs%3Awrite%20'])(
    'refuses the question %s: passed over, what is misspelt would open the gate',
    async (query) => {
      const { secret } = gateway.key({ scopes: ['jobs:read'] });
      for (let repeated = 0; repeated < 2; repeated++)
        expect(await authz(secret, query)).toMatchObject({ status: 400, code: 'request/invalid' });
      expect(gateway.asked('key-management.Gate.verifyKeys')).toEqual([]);
    },
  );

  it('takes a key alone in X-API-Key, too', async () => {
    const { secret, keyId } = gateway.key();
    expect(await authz('', '', { headers: { 'authorization': '', 'x-api-key': secret } })).toMatchObject({
      status: 200,
      headers: { 'rollcall-key': keyId },
    });
    expect(await authz('', '', { headers: { 'authorization': '', 'x-api-key': 'nothing' } })).toMatchObject({
      status: 401,
      code: 'key/malformed',
    });
    for (const authorization of ['', 'Bearer', `Basic ${secret}`, secret])
      expect(await authz('', '', { headers: { authorization } })).toMatchObject({ status: 401, code: 'key/missing' });
  });

  it('refuses two credentials, and a key in the address', async () => {
    const [one, two] = [gateway.key(), gateway.key()];
    for (const second of [one.secret, 'nothing', ''])
      expect(
        await authz('', '', { headers: { 'authorization': `Bearer ${one.secret}`, 'x-api-key': [second, second] } }),
      ).toMatchObject({ status: 401, code: 'authorization/not-accepted' });
    expect(
      await authz('', '', { headers: { authorization: [`Bearer ${one.secret}`, `Bearer ${two.secret}`] } }),
    ).toMatchObject({ status: 401, code: 'authorization/not-accepted' });
    expect(await authz(one.secret, `?key=${two.secret}`)).toMatchObject({ status: 400, code: 'request/key-in-url' });
  });

  it('refuses with a problem, whose code is a header for proxies that drop the body', async () => {
    const key = gateway.key();
    for (const [code, ...secrets] of [
      [
        'key/malformed',
        'nothing',
        `${key.secret.slice(0, -1)}${key.secret.endsWith('0') ? '1' : '0'}`,
        `${key.secret} `.repeat(2),
        'a'.repeat(9_000),
      ],
      [
        'key/refused',
        gateway.key({ outcome: 'unknown' }).secret,
        gateway.key({ outcome: 'expired' }).secret,
        gateway.key({ addresses: ['203.0.113.7'] }).secret,
      ],
    ] as const)
      for (const secret of secrets) {
        const said = await authz(secret);
        expect(said).toMatchObject({
          status: 401,
          headers: {
            'rollcall-problem': code,
            'content-type': 'application/problem+json; charset=utf-8',
            'cache-control': 'no-store',
          },
        });
        expect(shapes.problem.parse(said.json)).toMatchObject({ code, requestId: said.headers['x-request-id'] });
        expect(Number(said.headers['content-length'])).toBe(Buffer.byteLength(said.text));
      }
    expect(await authz('nothing', '', { method: 'HEAD' })).toMatchObject({
      status: 401,
      text: '',
      headers: { 'rollcall-problem': 'key/malformed' },
    });
    expect((await authz(gateway.key({ outcome: 'suspended' }).secret)).code).toBe('account/suspended');
    expect((await authz(gateway.key({ outcome: 'archived' }).secret)).code).toBe('key/project-archived');
  });

  it('asks for each request while no lease is held: a revoked key works no more with the next', async () => {
    const key = gateway.key();
    expect((await authz(key.secret)).status).toBe(200);
    gateway.keys.set(key.digest, { ...key, outcome: 'unknown' });
    expect((await authz(key.secret)).status).toBe(401);
  });

  it('never takes for wrong what cannot be looked up: 503, and when to ask again', async () => {
    const { secret } = gateway.key();
    gateway.away.add('key-management');
    expect(await authz(secret)).toMatchObject({
      status: 503,
      code: 'service/unavailable',
      headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as string },
    });
    gateway.away.clear();
    expect(await authz(gateway.key({ outcome: 'undecided' }).secret)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    });
    expect((await authz(secret)).status).toBe(200);
  });

  it('takes a key that expires until its instant', async () => {
    expect((await authz(gateway.key({ expiresAt: '2999-01-01T00:00:00.000Z' }).secret)).status).toBe(200);
    expect((await authz(gateway.key({ expiresAt: '2026-01-01T00:00:00.000Z' }).secret)).status).toBe(401);
  });

  it('is use of the API, on record before the first answer of a day, and asks no more on that day', async () => {
    const key = gateway.key();
    await authz(key.secret);
    expect(gateway.asked('inactivity-policy.Inactivity.recordActivity').map(({ request }) => request)).toEqual([
      { activities: [expect.objectContaining({ accountId: key.accountId, kind: 'api' })] },
    ]);
    await authz(key.secret);
    expect(gateway.asked('inactivity-policy.Inactivity.recordActivity')).toHaveLength(1);
  });

  it('is at this address alone', async () => {
    const { secret } = gateway.key();
    for (const path of ['/authz/', '/authzx', '/Authz', '//authz'])
      expect([
        path,
        (await gateway.ask('GET', path, { headers: { authorization: `Bearer ${secret}` } })).status,
      ]).toEqual([path, 404]);
  });
});
