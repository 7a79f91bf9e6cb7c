import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type envoy, type gateway, shapes } from '#contracts';
import { LOADER } from '#platform';
import { Product, type SignedUp } from '#testing';
import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const definition = loadSync(['rollcall/gateway/v1/gateway.proto', 'envoy/service/auth/v3/external_auth.proto'], LOADER);
const FIVE = ['rollcall-account', 'rollcall-organization', 'rollcall-project', 'rollcall-key', 'rollcall-scopes'];

describe('the internal gRPC port', () => {
  let product: Product;
  let ada: SignedUp;
  let client: Client;
  let whole: { id: string; secret: string };
  let limited: { id: string; secret: string };

  const call = <A>(service: string, method: string, request: object): Promise<A> => {
    const { path, requestSerialize, responseDeserialize } = (definition[service] as ServiceDefinition)[
      method
    ] as MethodDefinition<object, A>;
    return new Promise((answered, failed) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline: Date.now() + 10_000 },
        (error, answer) => {
          if (error) failed(error);
          else answered(answer as A);
        },
      );
    });
  };
  const verifyKey = (request: Partial<gateway.VerifyKeyRequest>) =>
    call<gateway.Verified>('rollcall.gateway.v1.Verify', 'VerifyKey', request);
  const verifyKeys = (request: Partial<gateway.VerifyKeysRequest>) =>
    call<gateway.VerifyKeysResponse>('rollcall.gateway.v1.Verify', 'VerifyKeys', request);
  /** As Envoy asks: names of headers in lower case. */
  const check = (
    headers: Record<string, string>,
    more: { path?: string; contextExtensions?: Record<string, string> } = {},
  ) =>
    call<envoy.CheckResponse>('envoy.service.auth.v3.Authorization', 'Check', {
      attributes: {
        source: { address: { socketAddress: { address: '203.0.113.7' } } },
        request: { http: { method: 'GET', path: more.path ?? '/jobs', host: 'api.example.com', headers } },
        contextExtensions: more.contextExtensions ?? {},
      },
    });
  const said = (headers: readonly envoy.HeaderValueOption[] = []) =>
    Object.fromEntries(headers.map(({ header }) => [header?.key ?? '', header?.value ?? '']));
  const newKey = async (name: string, more: object = {}) => {
    const {
      body: { key, secret },
    } = await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId, ...more });
    return { id: key.id as string, secret: secret as string };
  };

  beforeAll(async () => {
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    whole = await newKey('whole', { scopes: ['*'] });
    limited = await newKey('limited', { scopes: ['billing:read', 'jobs:read'] });
    client = new Client(product.internal.grpc, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await product.dispose();
  });

  it('VerifyKey says whose key it is, or why it does not work', async () => {
    expect(await verifyKey({ key: limited.secret, scopes: ['jobs:read'], address: '203.0.113.7' })).toEqual({
      valid: true,
      keyId: limited.id,
      keyName: 'limited',
      projectId: ada.projectId,
      organizationId: ada.organizationId,
      accountId: ada.accountId,
      scopes: ['billing:read', 'jobs:read'],
      code: '',
      detail: '',
    });
    expect(await verifyKey({ key: 'nothing' })).toMatchObject({
      valid: false,
      keyId: '',
      code: 'key/malformed',
      detail: expect.stringMatching(/.{20}/),
    });
    expect(await verifyKey({ key: limited.secret, scopes: ['jobs:write'] })).toMatchObject({
      valid: false,
      keyId: '',
      code: 'key/scope-required',
    });
  });

  it('VerifyKeys answers in the order asked', async () => {
    const { results } = await verifyKeys({ keys: [limited.secret, 'nothing', whole.secret] });
    expect(results.map(({ valid, keyId }) => [valid, keyId])).toEqual([
      [true, limited.id],
      [false, ''],
      [true, whole.id],
    ]);
  });

  it('refuses questions that are not well formed, with INVALID_ARGUMENT', async () => {
    for (const asked of [
      verifyKey({}),
      verifyKey({ key: 'k'.repeat(10_001) }),
      verifyKey({ key: whole.secret, scopes: ['JOBS'] }),
      verifyKey({ key: whole.secret, address: 'localhost' }),
      verifyKeys({ keys: [] }),
      verifyKeys({ keys: Array.from({ length: 101 }, () => whole.secret) }),
    ]) {
      await expect(asked).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    }
  });

  it('lets Envoy pass a good key with whose it is, over whatever the client sent under these names', async () => {
    const spoofed = Object.fromEntries(
      ['rollcall-account', 'rollcall-scopes', 'rollcall-else', 'rollcall_account'].map((name) => [name, 'spoofed']),
    );
    const {
      status: outcome,
      okResponse,
      deniedResponse,
    } = await check({ authorization: `Bearer ${limited.secret}`, accept: '*/*', ...spoofed });
    expect([outcome?.code ?? 0, deniedResponse]).toEqual([status.OK, undefined]);
    expect(said(okResponse?.headers)).toEqual({
      'rollcall-account': ada.accountId,
      'rollcall-organization': ada.organizationId,
      'rollcall-project': ada.projectId,
      'rollcall-key': limited.id,
      'rollcall-scopes': 'billing:read jobs:read',
    });
    // 2 overwrites: newer Envoys add to what the client sent where nothing is said.
    expect(okResponse?.headers.map(({ appendAction }) => appendAction)).toEqual(FIVE.map(() => 2));
    expect(okResponse?.headersToRemove.toSorted()).toEqual(['rollcall-else', 'rollcall_account']);
    // An empty header could be dropped instead of overwriting: none ever is.
    const unlimited = await check({ authorization: `Bearer ${whole.secret}`, ...spoofed });
    expect(said(unlimited.okResponse?.headers)['rollcall-scopes']).toBe('*');
  });

  it('denies as everywhere: the status, a problem, and no identity', async () => {
    const refused = async (headers: Record<string, string>, more?: Parameters<typeof check>[1]) => {
      const { status: outcome, okResponse, deniedResponse } = await check(headers, more);
      const body = shapes.problem.parse(JSON.parse(deniedResponse?.body ?? ''));
      expect([okResponse, said(deniedResponse?.headers)['content-type'], body.status]).toEqual([
        undefined,
        'application/problem+json; charset=utf-8',
        deniedResponse?.status?.code,
      ]);
      return [outcome?.code, deniedResponse?.status?.code, body.code];
    };
    const good = { authorization: `Bearer ${limited.secret}` };
    expect(await refused({})).toEqual([status.UNAUTHENTICATED, 401, 'key/missing']);
    expect(await refused({ authorization: 'Bearer nothing' })).toEqual([status.UNAUTHENTICATED, 401, 'key/malformed']);
    // As Envoy joins what came twice.
    expect(await refused({ authorization: `Bearer ${limited.secret},Bearer ${whole.secret}` })).toEqual([
      status.UNAUTHENTICATED,
      401,
      'key/malformed',
    ]);
    expect(await refused(good, { contextExtensions: { scope: 'jobs:read jobs:write' } })).toEqual([
      status.PERMISSION_DENIED,
      403,
      'key/scope-required',
    ]);
    expect(await refused(good, { contextExtensions: { scopes: 'jobs:write' } })).toEqual([
      status.INVALID_ARGUMENT,
      400,
      'request/invalid',
    ]);
    expect(await refused(good, { path: `/jobs?key=${whole.secret}` })).toEqual([
      status.INVALID_ARGUMENT,
      400,
      'request/key-in-url',
    ]);
    expect((await check(good, { contextExtensions: { scope: 'jobs:read billing:read' } })).okResponse).toBeDefined();
  });

  it('refuses a revoked key in the moment that the revocation returns', async () => {
    const gone = await newKey('gone');
    expect((await verifyKey({ key: gone.secret })).valid).toBe(true);
    expect((await check({ authorization: `Bearer ${gone.secret}` })).okResponse).toBeDefined();
    expect((await ada.visitor.post(`/v1/keys/${gone.id}/revoke`)).status).toBe(200);
    expect((await verifyKey({ key: gone.secret })).code).toBe('key/refused');
    expect((await check({ authorization: `Bearer ${gone.secret}` })).deniedResponse?.status?.code).toBe(401);
  });

  it('shows what it answers by reflection, in development', async () => {
    // The answer is protobuf of the reflection protocol, in which names stand as they are.
    const names = await new Promise<string>((answered, failed) => {
      const listServices = Buffer.from([0x3a, 0x01, 0x2a]);
      const stream = client.makeBidiStreamRequest(
        '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
        (bytes: Buffer) => bytes,
        (bytes) => bytes,
        new Metadata(),
        { deadline: Date.now() + 10_000 },
      );
      stream
        .on('data', (bytes: Buffer) => {
          answered(bytes.toString('latin1'));
          stream.end();
        })
        .once('error', failed);
      stream.write(listServices);
    });
    for (const name of ['rollcall.gateway.v1.Verify', 'envoy.service.auth.v3.Authorization'])
      expect(names).toContain(name);
  });

  it('says that it cannot be decided, and when to ask again; Envoy is told to deny, whatever it does with failures', async () => {
    // A key that was found good is answered from memory, so each is asked for until it is there.
    const unused = await Promise.all(Array.from({ length: 100 }, (_, n) => newKey(`unused ${n}`)));
    process.kill(
      Number(readFileSync(join(product.dataFolder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
      'SIGINT',
    );
    let undecided = 0;
    for (let [good, after] = [0, 0]; after < 2 && good < unused.length;) {
      const key = unused[good]?.secret ?? '';
      const [verified, checked] = await Promise.all([
        verifyKey({ key }).catch((error: unknown) => error as ServiceError & { metadata: Metadata }),
        check({ authorization: `Bearer ${key}` }),
      ]);
      if ('valid' in verified) expect(verified.valid).toBe(true);
      else
        expect([verified.code, verified.metadata.get('retry-after')]).toEqual([
          status.UNAVAILABLE,
          [expect.stringMatching(/^\d+$/)],
        ]);
      if (checked.deniedResponse)
        expect([checked.deniedResponse.status?.code, said(checked.deniedResponse.headers)['retry-after']]).toEqual([
          503,
          expect.stringMatching(/^\d+$/),
        ]);
      if (checked.deniedResponse) undecided++;
      if (!('valid' in verified && checked.okResponse)) continue;
      good++;
      if (undecided) after++;
      // The server may take its time to go.
      else await new Promise((later) => setTimeout(later, 100));
    }
    expect(undecided).toBeGreaterThan(0);
  });
});
