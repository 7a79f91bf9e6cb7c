import { Problem } from '#platform';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

describe('a failure', () => {
  let fails: () => never = () => {
    throw new Error('not yet');
  };
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      'organization': { Organizations: { listOrganizations: async () => fails() } },
      'job-queue': { Jobs: { listJobs: async () => fails() } },
    });
  });
  afterAll(() => gateway.stop());

  const v1 = () => gateway.ask('GET', '/v1/organizations', { headers: { cookie: gateway.signedIn().cookie } });
  const ionq = () => gateway.ask('GET', '/v0.4/jobs', { headers: { authorization: `apiKey ${gateway.key().secret}` } });

  it('that is ours is told to nobody but the log, which has the id that the answer names', async () => {
    fails = () => {
      throw new TypeError('canary of the inside');
    };
    for (const said of [await v1(), await ionq()]) {
      expect(said).toMatchObject({ status: 500, code: 'internal' });
      expect(said.text).not.toMatch(/canary|TypeError/);
      expect(gateway.logged()).toContain(String(said.headers['x-request-id']));
    }
  });

  it('of a service is told as that service told it, with when to ask again', async () => {
    fails = () => {
      throw new Problem('request/rate-limited', 'Too many.', { retryAfterSeconds: 90 });
    };
    const said = await v1();
    expect(said).toMatchObject({
      status: 429,
      headers: { 'retry-after': '90', 'content-type': 'application/problem+json; charset=utf-8' },
    });
    expect(said.json).toEqual({
      type: '/problems/request/rate-limited',
      title: expect.any(String) as string,
      status: 429,
      detail: 'Too many.',
      code: 'request/rate-limited',
      requestId: said.headers['x-request-id'],
    });
  });

  it('carries the fields that are wrong', async () => {
    fails = () => {
      throw new Problem('request/invalid', 'Some fields.', { fields: [{ pointer: '/a/b', detail: 'must be' }] });
    };
    expect((await v1()).json).toMatchObject({ errors: [{ pointer: '/a/b', detail: 'must be' }] });
  });

  it('has on /v0.4 the shape that its clients read, all three fields always, and beside them the page of the code and the id of the request', async () => {
    fails = () => {
      throw new Problem('request/invalid', 'Some fields.', { fields: [{ pointer: '/a/b', detail: 'must be' }] });
    };
    const said = await ionq();
    expect(said).toMatchObject({ status: 400, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect(said.json).toEqual({
      statusCode: 400,
      error: expect.any(String) as string,
      message: 'Some fields.',
      code: 'request/invalid',
      type: '/problems/request/invalid',
      requestId: said.headers['x-request-id'],
      validation: { keys: ['a.b'], source: 'body' },
    });
    expect((await gateway.ask('GET', '/v0.4/whoami')).json).toEqual({
      statusCode: 401,
      error: expect.any(String) as string,
      message: expect.any(String) as string,
      code: 'key/missing',
      type: '/problems/key/missing',
      requestId: expect.stringMatching(/.{20}/) as string,
    });
  });

  it('of an address or a method that is not there is a problem, too', async () => {
    expect(await gateway.ask('GET', '/v1/nothing')).toMatchObject({ status: 404, code: 'request/not-found' });
    expect(await gateway.ask('GET', '/%ff')).toMatchObject({ status: 400, code: 'request/invalid' });
    expect(await gateway.ask('GET', `/${'x'.repeat(300)}`)).toMatchObject({ status: 404, code: 'request/not-found' });
  });
});
