import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

describe('the edge', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      identity: {
        SignIns: {
          signIn: async () => {
            throw new Error('nobody signs in here');
          },
        },
      },
      organization: {
        Organizations: {
          createOrganization: async ({ name }) => ({ organizationId: 'made', name, role: 'owner' }),
          listOrganizations: async () => ({ items: [] }),
        },
        Record: { listRecord: async () => ({ items: [], next: 0, memberIds: [], projects: [] }) },
      },
    });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
  });

  it.each(['evil.example.com', 'id.example.com:8443', 'id.example.com.evil.example', 'localhost', '127.0.0.1'])(
    'answers under its own name alone, not as %s',
    async (host) => {
      for (const path of ['/', '/v1/organizations', '/v0.4/whoami', '/docs'])
        expect([path, await gateway.ask('GET', path, { headers: { host } })]).toEqual([
          path,
          expect.objectContaining({ status: 421, code: expect.anything() as unknown }),
        ]);
      expect(gateway.asked('identity.Sessions.checkSessions')).toEqual([]);
    },
  );

  it('tells whoever watches how it is under any name, and with a query too', async () => {
    for (const path of ['/livez', '/livez?from=probe'])
      expect((await gateway.ask('GET', path, { headers: { host: '10.0.0.7' } })).status).toBe(200);
    expect((await gateway.ask('GET', '/readyz', { headers: { host: '10.0.0.7' } })).status).toBe(503);
    expect((await gateway.ask('GET', '/livezz', { headers: { host: '10.0.0.7' } })).status).toBe(421);
  });

  it('refuses a key in an address, also where its characters are escaped, before anything else is asked', async () => {
    const { secret } = gateway.key();
    const escaped = secret.replaceAll('_', '%5f');
    for (const path of [
      `/v0.4/jobs?key=${secret}`,
      `/v0.4/jobs?key=${escaped}`,
      `/${secret}`,
      `/v1/keys/${[...secret].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')}`,
    ]) {
      expect(await gateway.ask('GET', path, { headers: { authorization: `apiKey ${secret}` } })).toMatchObject({
        status: 400,
        code: 'request/key-in-url',
      });
    }
    expect(gateway.asked('key-management.Gate.verifyKeys')).toEqual([]);
    expect(gateway.logged()).not.toContain(secret);
  });

  it('goes by one address however it is written: by that of the route which the router finds', async () => {
    const { secret } = gateway.key();
    const { cookie } = gateway.signedIn();
    const keyed = { authorization: `apiKey ${secret}` };
    for (const path of ['/%761/organizations', '/%76%31/organizations', '/v1/%6frganizations', '/%761/nothing'])
      expect([path, await gateway.ask('GET', path, { headers: { ...keyed, cookie } })]).toEqual([
        path,
        expect.objectContaining({ status: 401, code: 'authorization/not-accepted' }),
      ]);
    expect((await gateway.ask('GET', '/%761/%65vents?limit=1', { headers: keyed })).code).not.toBe(
      'authorization/not-accepted',
    );
    // Neither the rule for browsers nor the form of errors changes by it.
    expect(
      (await gateway.ask('DELETE', '/v%30.4/jobs', { headers: { ...keyed, 'rollcall-client': '' }, body: {} })).json,
    ).toMatchObject({ statusCode: 400, code: 'request/invalid' });
    expect((await gateway.ask('GET', '/%760.4/nothing')).json).toMatchObject({ statusCode: 404 });
    expect(
      (await gateway.ask('POST', '/%761/organizations', { headers: { cookie, 'rollcall-client': '' }, body: {} })).code,
    ).toBe('request/cross-site');
    expect((await gateway.ask('GET', '/%6civez', { headers: { host: '10.0.0.7' } })).status).toBe(200);
    expect(await gateway.ask('DELETE', '/%761/account', { headers: { cookie } })).toMatchObject({
      status: 405,
      headers: { allow: expect.stringContaining('GET') as string },
    });
    // An escaped separator is no separator: no route has these addresses.
    for (const path of ['/v1%2faccount', '/v1/account%3Fx', '//v1/account'])
      expect([path, (await gateway.ask('GET', path, { headers: { cookie } })).status]).toEqual([path, 404]);
    // An address of another version is another one.
    expect((await gateway.ask('GET', '/v0.45/jobs')).json).toMatchObject({ status: 404, code: 'request/not-found' });
  });

  it("takes no key for what is a person's, but for the record", async () => {
    const { secret } = gateway.key({ scopes: ['events:read'] });
    const { cookie } = gateway.signedIn();
    const headers = { authorization: `apiKey ${secret}` };
    expect(await gateway.ask('GET', '/v1/organizations', { headers })).toMatchObject({
      status: 401,
      code: 'authorization/not-accepted',
    });
    expect(await gateway.ask('GET', '/v1/organizations', { headers: { ...headers, cookie } })).toMatchObject({
      status: 401,
      code: 'authorization/not-accepted',
    });
    expect(await gateway.ask('GET', '/v1/events/', { headers })).toMatchObject({
      status: 401,
      code: 'authorization/not-accepted',
    });
    expect((await gateway.ask('GET', '/v1/events?limit=1', { headers })).status).toBe(200);
  });

  it.each(['/v0.4/whoami', '/v1/events'])(
    'refuses two credentials at %s, though both be good: it cannot know which one was meant',
    async (path) => {
      const [one, two] = [gateway.key({ scopes: ['events:read'] }), gateway.key({ scopes: ['events:read'] })];
      expect(
        await gateway.ask('GET', path, {
          headers: { authorization: [`apiKey ${one.secret}`, `apiKey ${two.secret}`] },
        }),
      ).toMatchObject({ status: 401, code: 'authorization/not-accepted' });
      expect(gateway.asked('key-management.Gate.verifyKeys')).toEqual([]);
    },
  );

  describe('a write', () => {
    const NO = ''; // A header that is not sent.
    it.each([
      [{ 'sec-fetch-site': 'same-origin', 'rollcall-client': NO }, true],
      [{ 'sec-fetch-site': 'same-site' }, false],
      [{ 'sec-fetch-site': 'cross-site' }, false],
      [{ 'sec-fetch-site': 'none' }, false],
      [{ 'sec-fetch-site': 'cross-site', 'origin': 'https://id.example.com' }, false],
      [{ 'origin': 'https://id.example.com', 'rollcall-client': NO }, true],
      [{ origin: 'http://id.example.com' }, false],
      [{ origin: 'https://evil.example' }, false],
      [{ origin: 'null' }, false],
      [{ 'rollcall-client': 'curl' }, true],
      [{ 'rollcall-client': NO }, false],
    ])('with %j passes: %s', async (headers, passes) => {
      const { cookie } = gateway.signedIn();
      for (const [method, path] of [
        ['POST', '/v1/organizations'],
        ['PUT', '/v1/account/name'],
        ['DELETE', '/v1/organizations'],
      ] as const) {
        const { code } = await gateway.ask(method, path, {
          headers: { cookie, ...headers },
          ...(method === 'DELETE' ? {} : { body: { name: '' } }),
        });
        expect([method, code === 'request/cross-site']).toEqual([method, !passes]);
      }
      // Refused before anybody is asked who it is.
      if (!passes) expect(gateway.asked('identity.Sessions.checkSessions')).toEqual([]);
      expect((await gateway.ask('GET', '/v1/organizations', { headers: { cookie, ...headers } })).status).toBe(200);
    });

    it('of a program with a key needs none of this: no browser sends one by itself', async () => {
      const { secret } = gateway.key();
      const { code } = await gateway.ask('DELETE', '/v0.4/jobs', {
        headers: { 'authorization': `apiKey ${secret}`, 'sec-fetch-site': 'cross-site', 'rollcall-client': '' },
        body: {},
      });
      expect(code).toBe('request/invalid');
    });
  });

  it('refuses a body by its length before it comes, and a stranger before that', async () => {
    const { cookie } = gateway.signedIn();
    const long = (path: string, headers: Record<string, string>, bytes: number) =>
      gateway.ask('POST', path, {
        headers: { ...headers, 'content-type': 'application/json', 'content-length': String(bytes) },
      });
    expect(await long('/v1/organizations', { cookie }, 1_000_001)).toMatchObject({
      status: 413,
      code: 'request/too-large',
    });
    expect(await long('/v1/organizations', {}, 1_000_001)).toMatchObject({ status: 401, code: 'session/required' });
    expect(await long('/v1/sessions', {}, 16_385)).toMatchObject({ status: 413, code: 'request/too-large' });
    expect(await long('/nothing', {}, 16_385)).toMatchObject({ status: 413, code: 'request/too-large' });
    expect(await gateway.ask('POST', '/v1/sessions', { body: Buffer.alloc(16_384, ' ') })).toMatchObject({
      status: 400,
    });
  });

  it('refuses a body that comes in pieces once it is longer than its address takes', async () => {
    const { cookie } = gateway.signedIn();
    expect(
      await gateway.ask('POST', '/v1/organizations', {
        headers: { cookie, 'content-length': '', 'transfer-encoding': 'chunked' },
        body: Buffer.alloc(1_000_001, ' '),
      }),
    ).toMatchObject({ status: 413, code: 'request/too-large' });
  });

  it('says on every answer, refusals too, that nothing may keep it or guess at it', async () => {
    const { cookie } = gateway.signedIn();
    for (const said of [
      await gateway.ask('GET', '/v1/organizations', { headers: { cookie } }),
      await gateway.ask('GET', '/v1/organizations'),
      await gateway.ask('GET', '/nothing'),
      await gateway.ask('GET', '/', { headers: { host: 'evil.example' } }),
      await gateway.ask('GET', '/%ff'),
    ]) {
      expect(said.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/) as string,
      });
    }
  });
});
