import { type envoy, shapes } from '#contracts';
import { LOADER } from '#platform';
import { Client, credentials, type MethodDefinition, type ServiceDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const { Check } = loadSync('envoy/service/auth/v3/external_auth.proto', LOADER)[
  'envoy.service.auth.v3.Authorization'
] as ServiceDefinition as { Check: MethodDefinition<object, envoy.CheckResponse> };

describe("Envoy's external authorization", () => {
  let gateway: GatewayHarness;
  let client: Client;
  beforeAll(async () => {
    gateway = await gatewayHarness();
    client = new Client(`127.0.0.1:${gateway.internalGrpcPort}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await gateway.stop();
  });
  beforeEach(() => {
    gateway.away.clear();
  });

  /** As Envoy asks: names of headers in lower case. */
  const check = (
    headers: Record<string, string>,
    { path = '/jobs', contextExtensions = {}, address = '203.0.113.7' } = {},
  ) =>
    new Promise<envoy.CheckResponse>((answered, failed) => {
      const request = {
        attributes: {
          source: { address: { socketAddress: { address } } },
          request: { http: { method: 'GET', path, host: 'api.example.com', headers } },
          contextExtensions,
        },
      };
      client.makeUnaryRequest(
        Check.path,
        Check.requestSerialize,
        Check.responseDeserialize,
        request,
        { deadline: Date.now() + 10_000 },
        (error, answer) => {
          if (error) failed(error);
          else answered(answer as envoy.CheckResponse);
        },
      );
    });
  const said = (headers: readonly envoy.HeaderValueOption[] = []) =>
    Object.fromEntries(headers.map(({ header }) => [header?.key ?? '', header?.value ?? '']));
  const denial = async (...asking: Parameters<typeof check>) => {
    const { status: outcome, okResponse, deniedResponse } = await check(...asking);
    expect(okResponse).toBeUndefined();
    const { code, status: http } = shapes.problem.parse(JSON.parse(deniedResponse?.body ?? ''));
    expect(deniedResponse?.status?.code).toBe(http);
    return { grpc: outcome?.code, http, code, headers: said(deniedResponse?.headers) };
  };

  it('passes a good key on with whose it is, over whatever the client sent under these names', async () => {
    const key = gateway.key({ scopes: ['billing:read', 'jobs:read'] });
    const { status: outcome, okResponse } = await check({
      'authorization': `Bearer ${key.secret}`,
      'accept': '*/*',
      'rollcall-account': 'spoofed',
      'rollcall-else': 'spoofed',
      'rollcall_account': 'spoofed',
    });
    expect(outcome?.code ?? 0).toBe(status.OK);
    expect(said(okResponse?.headers)).toEqual({
      'rollcall-account': key.accountId,
      'rollcall-organization': key.organizationId,
      'rollcall-project': key.projectId,
      'rollcall-key': key.keyId,
      'rollcall-scopes': 'billing:read jobs:read',
    });
    // 2 overwrites: newer Envoys add to what the client sent where nothing is said.
    expect(okResponse?.headers.map(({ appendAction }) => appendAction)).toEqual([2, 2, 2, 2, 2]);
    expect(okResponse?.headersToRemove.toSorted()).toEqual(['rollcall-else', 'rollcall_account']);
  });

  it('denies with the status and the problem of every other face', async () => {
    const { secret } = gateway.key({ scopes: ['jobs:read'] });
    const good = { authorization: `Bearer ${secret}` };
    expect((await check({ 'x-api-key': secret })).okResponse).toBeDefined();
    expect(await denial({ ...good, 'x-api-key': secret })).toMatchObject({
      http: 401,
      code: 'authorization/not-accepted',
    });
    expect(await denial({})).toMatchObject({
      grpc: status.UNAUTHENTICATED,
      http: 401,
      code: 'key/missing',
      headers: { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' },
    });
    expect(await denial({ authorization: `Bearer ${secret},Bearer ${secret}` })).toMatchObject({
      http: 401,
      code: 'key/malformed',
    });
    expect(await denial(good, { contextExtensions: { scope: 'jobs:read jobs:write' } })).toMatchObject({
      grpc: status.PERMISSION_DENIED,
      http: 403,
      code: 'key/scope-required',
    });
    expect(await denial(good, { path: `/jobs?key=${secret}` })).toMatchObject({
      grpc: status.INVALID_ARGUMENT,
      http: 400,
      code: 'request/key-in-url',
    });
    expect((await check(good, { contextExtensions: { scope: 'jobs:read' } })).okResponse).toBeDefined();
  });

  it.each([{ scopes: 'jobs:write' }, { scope: '' }, { scope: 'JOBS' }, { scope: 'jobs:read', other: 'x' }])(
    'denies what it was not asked well (%j): it may be a scope, misspelt',
    async (contextExtensions) => {
      expect(await denial({ authorization: `Bearer ${gateway.key().secret}` }, { contextExtensions })).toMatchObject({
        http: 400,
        code: 'request/invalid',
      });
    },
  );

  it('judges a bound key by the address that Envoy has seen, and by no header', async () => {
    const { secret } = gateway.key({ addresses: ['203.0.113.0/24'] });
    expect((await check({ authorization: `Bearer ${secret}` })).okResponse).toBeDefined();
    expect(
      await denial(
        { 'authorization': `Bearer ${secret}`, 'x-forwarded-for': '203.0.113.7' },
        { address: '198.51.100.1' },
      ),
    ).toMatchObject({ http: 401, code: 'key/refused' });
    expect(await denial({ authorization: `Bearer ${secret}` }, { address: '' })).toMatchObject({
      http: 401,
      code: 'key/refused',
    });
  });

  it('denies while it cannot be decided, and is no failure: told to let failures pass, Envoy would', async () => {
    gateway.away.add('key-management');
    expect(await denial({ authorization: `Bearer ${gateway.key().secret}` })).toMatchObject({
      grpc: status.UNAVAILABLE,
      http: 503,
      code: 'service/unavailable',
      headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as string },
    });
  });
});
