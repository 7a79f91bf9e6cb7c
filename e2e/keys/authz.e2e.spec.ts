import { Agent, request } from 'node:http';
import { gateRoutes, shapes } from '#contracts';
import { Product, type SignedUp } from '#testing';

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks as a proxy may: with any method, any Host, a header twice. */
const ask = (
  origin: string,
  method: string,
  path: string,
  headers: readonly string[],
  body?: string,
  agent: Agent | false = false,
): Promise<HttpAnswer> =>
  new Promise((answered, failed) => {
    const asking = request(
      `${origin}${path}`,
      {
        method,
        headers: [
          ...(headers.includes('Host') ? [] : ['Host', 'some.platform.example']),
          ...headers,
          ...(body === undefined ? [] : ['Content-Length', String(body.length)]),
        ],
        agent,
      },
      (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
          })
          .once('end', () => {
            answered({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
          });
      },
    ).once('error', failed);
    asking.end(body);
  });

const codeOf = ({ body }: HttpAnswer) => (JSON.parse(body) as { code: string }).code;

describe('/authz', () => {
  let product: Product;
  let ada: SignedUp;
  let key: { id: string; secret: string };
  let limited: { id: string; secret: string };
  const authz = (headers: readonly string[], query = '', method = 'GET') =>
    ask(product.origin, method, `/authz${query}`, headers);
  const bearing = (secret: string, query = '', method = 'GET') =>
    authz(['Authorization', `Bearer ${secret}`], query, method);
  const newKey = async (name: string, scopes: readonly string[] = ['*']) => {
    const {
      body: {
        key: { id },
        secret,
      },
    } = await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId, scopes });
    return { id: id as string, secret: secret as string };
  };

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    key = await newKey('whole');
    limited = await newKey('limited', ['billing:read', 'jobs:read']);
  });
  afterAll(() => product.dispose());

  it('says whose key it is, in headers and without a body, for any Host', async () => {
    const { status, headers, body } = await bearing(limited.secret);
    expect({ status, body }).toEqual({ status: 200, body: '' });
    expect(headers).toMatchObject({
      'rollcall-account': ada.accountId,
      'rollcall-organization': ada.organizationId,
      'rollcall-project': ada.projectId,
      'rollcall-key': limited.id,
      'rollcall-scopes': 'billing:read jobs:read',
      'cache-control': 'no-store',
      'x-request-id': expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    });
  });

  it('answers alike by every method, whatever body comes along', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT']) {
      const { status, headers } = await ask(
        product.origin,
        method,
        '/authz',
        ['Authorization', `apiKey ${key.secret}`, 'Content-Type', 'text/strange'],
        method === 'GET' || method === 'HEAD' ? undefined : '{"not": "ours',
      );
      expect([method, status, headers['rollcall-key']]).toEqual([method, 200, key.id]);
      expect([method, (await authz([], '', method)).status]).toEqual([method, 401]);
    }
  });

  it('always says all five, and never what its caller sent under their names', async () => {
    const names = ['Rollcall-Account', 'Rollcall-Organization', 'Rollcall-Project', 'Rollcall-Key', 'Rollcall-Scopes'];
    const { headers } = await authz([
      'Authorization',
      `Bearer ${key.secret}`,
      ...names.flatMap((name) => [name, 'spoofed']),
      'Rollcall-Else',
      'spoofed',
    ]);
    expect(names.map((name) => headers[name.toLowerCase()])).toEqual([
      ada.accountId,
      ada.organizationId,
      ada.projectId,
      key.id,
      '*',
    ]);
    const refused = await authz(['Authorization', 'Bearer nothing', ...names.flatMap((name) => [name, 'spoofed'])]);
    expect(JSON.stringify([headers, refused])).not.toContain('spoofed');
    expect(names.filter((name) => refused.headers[name.toLowerCase()] !== undefined)).toEqual([]);
  });

  it('asks for each scope that is wanted; * stands for all', async () => {
    const said = async (secret: string, query: string) => {
      const answer = await bearing(secret, query);
      return [query, answer.status, answer.status === 200 ? '' : codeOf(answer)];
    };
    expect(await said(limited.secret, '?scope=jobs:read')).toEqual(['?scope=jobs:read', 200, '']);
    expect(await said(limited.secret, '?scope=jobs:read&scope=billing:read')).toEqual([
      '?scope=jobs:read&scope=billing:read',
      200,
      '',
    ]);
    expect(await said(limited.secret, '?scope=jobs:read&scope=jobs:write')).toEqual([
      '?scope=jobs:read&scope=jobs:write',
      403,
      'key/scope-required',
    ]);
    expect(await said(key.secret, '?scope=jobs:write')).toEqual(['?scope=jobs:write', 200, '']);
    // Passed over, a misspelt parameter would open the gate.
    for (const query of ['?scopes=jobs:write', '?scope=', '?scope=JOBS', '?scope=jobs:read&x=1', '?x'])
      expect(await said(limited.secret, query)).toEqual([query, 400, 'request/invalid']);
  });

  it('refuses as everywhere, with a problem', async () => {
    const answer = await authz(['Authorization', 'Bearer rck_unknown']);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(shapes.problem.parse(JSON.parse(answer.body))).toMatchObject({
      status: 401,
      code: 'key/malformed',
      requestId: answer.headers['x-request-id'],
    });
  });

  it('is use of the API, on record before the first answer of a day', async () => {
    const grace = await product.signUp('grace@example.com', 'Grace');
    const {
      body: { secret },
    } = await grace.visitor.post('/v1/keys', { name: 'first', projectId: grace.projectId });
    const used = async () => (await grace.visitor.get('/v1/account/inactivity')).body.lastActivity.api as string | null;
    await bearing(`${secret as string}x`);
    expect(await used()).toBeNull();
    // Those that come while the first is being written wait with it.
    await Promise.any([bearing(secret as string), bearing(secret as string), bearing(secret as string)]);
    expect(await used()).not.toBeNull();
  });

  it('refuses a revoked key in the moment that the revocation returns', async () => {
    const gone = await newKey('gone');
    expect((await bearing(gone.secret)).status).toBe(200);
    expect((await ada.visitor.post(`/v1/keys/${gone.id}/revoke`)).status).toBe(200);
    expect((await bearing(gone.secret)).status).toBe(401);
  });

  it('is in the documentation', async () => {
    const { body } = await product.visitor().get('/openapi.json');
    expect(body.paths[gateRoutes.authorize.path].get).toMatchObject({
      operationId: 'gateAuthorize',
      security: [{ key: [] }, { keyAlone: [] }],
      parameters: [{ name: 'scope', in: 'query', required: false }],
    });
  });

  it('ends with the server: a proxy that goes on asking on an open connection holds up no stop', async () => {
    const other = await Product.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const once = () =>
      ask(other.origin, 'GET', '/authz', [], undefined, agent).then(
        ({ status }) => status,
        () => undefined,
      );
    expect(await once()).toBe(401);
    const asking = (async () => {
      while ((await once()) !== undefined);
    })();
    expect(await other.end('SIGTERM')).toBe(0);
    await asking;
    agent.destroy();
    await other.dispose();
  });
});
