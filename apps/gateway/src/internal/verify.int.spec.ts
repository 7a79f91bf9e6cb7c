import { shapes, verifyAnswer } from '#contracts';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

describe('/verify', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
    gateway.away.clear();
  });
  const verify = (body: unknown, headers: Record<string, string> = {}) =>
    gateway.inside('POST', '/verify', { body, headers });

  it('says whose key it is, to whoever reaches the port, under any name', async () => {
    const key = gateway.key({ scopes: ['jobs:read'], expiresAt: '2999-01-01T00:00:00.000Z' });
    const { status, json } = await verify(
      { key: key.secret },
      { 'host': 'gateway.internal:8081', 'rollcall-client': '' },
    );
    expect(status).toBe(200);
    expect(verifyAnswer.parse(json)).toEqual({
      valid: true,
      keyId: key.keyId,
      keyName: 'laptop',
      projectId: key.projectId,
      organizationId: key.organizationId,
      accountId: key.accountId,
      scopes: ['jobs:read'],
      expiresAt: '2999-01-01T00:00:00.000Z',
    });
    expect((await verify({ key: gateway.key().secret })).json).toMatchObject({
      valid: true,
      scopes: ['*'],
      expiresAt: null,
    });
  });

  it('says why a key does not work; unknown, expired and bound elsewhere are told the same', async () => {
    for (const key of ['nothing', ` ${gateway.key().secret}`, `Bearer ${gateway.key().secret}`])
      expect((await verify({ key })).json).toMatchObject({ valid: false, code: 'key/malformed' });
    const said = await Promise.all(
      [
        gateway.key({ outcome: 'unknown' }).secret,
        gateway.key({ outcome: 'expired' }).secret,
        gateway.key({ addresses: ['203.0.113.7'] }).secret,
      ].map(async (key) => (await verify({ key })).json),
    );
    expect(said).toEqual(said.map(() => ({ valid: false, code: 'key/refused', detail: expect.any(String) as string })));
    expect(new Set(said.map((each) => JSON.stringify(each))).size).toBe(1);
    expect((await verify({ key: gateway.key({ outcome: 'suspended' }).secret })).json).toMatchObject({
      valid: false,
      code: 'account/suspended',
    });
    expect((await verify({ key: gateway.key({ outcome: 'archived' }).secret })).json).toMatchObject({
      valid: false,
      code: 'key/project-archived',
    });
  });

  it('judges by the address that it is told; where none is told, a bound key works nowhere', async () => {
    const { secret } = gateway.key({ addresses: ['203.0.113.0/24', '127.0.0.1'] });
    const valid = async (more: object, headers = {}) =>
      ((await verify({ key: secret, ...more }, headers)).json as { valid: boolean }).valid;
    expect([
      await valid({ address: '203.0.113.9' }),
      await valid({ address: '198.51.100.1' }),
      await valid({}),
      await valid({}, { 'x-forwarded-for': '203.0.113.9' }),
    ]).toEqual([true, false, false, false]);
  });

  it('asks for every scope that is wanted', async () => {
    const { secret } = gateway.key({ scopes: ['billing:read'] });
    expect((await verify({ key: secret, scopes: ['billing:read'] })).json).toMatchObject({ valid: true });
    expect((await verify({ key: secret, scopes: ['billing:read', 'jobs:write'] })).json).toEqual({
      valid: false,
      code: 'key/scope-required',
      detail: expect.stringContaining('jobs:write') as string,
    });
    expect((await verify({ key: gateway.key().secret, scopes: ['jobs:write'] })).json).toMatchObject({ valid: true });
  });

  it('answers up to a hundred keys in the order asked, and one that does not work spoils no other', async () => {
    const keys = Array.from({ length: 99 }, () => gateway.key());
    const { json } = await verify({ keys: [keys[0]?.secret, 'nothing', ...keys.slice(1).map(({ secret }) => secret)] });
    expect((json as { results: { keyId?: string }[] }).results.map(({ keyId }) => keyId)).toEqual([
      keys[0]?.keyId,
      undefined,
      ...keys.slice(1).map(({ keyId }) => keyId),
    ]);
    expect(await verify({ keys: Array.from({ length: 101 }, () => 'nothing') })).toMatchObject({
      status: 400,
      code: 'request/invalid',
    });
  });

  it('says neither yes nor no while it cannot be decided, not even of one in a list', async () => {
    gateway.away.add('key-management');
    const { secret } = gateway.key();
    for (const body of [{ key: secret }, { keys: ['nothing', secret] }]) {
      const said = await verify(body);
      expect(said).toMatchObject({
        status: 503,
        code: 'service/unavailable',
        headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as string },
      });
      expect(said.json).not.toHaveProperty('valid');
    }
  });

  it('points at what is wrong with a question, and repeats no key', async () => {
    const { secret } = gateway.key();
    for (const [body, pointer] of [
      [{}, '/key'],
      [{ key: secret, keys: [secret] }, '/key'],
      [{ key: '' }, '/key'],
      [{ keys: [] }, '/keys'],
      [{ keys: [secret, 7] }, '/keys/1'],
      [{ key: secret, scopes: ['JOBS'] }, '/scopes/0'],
      [{ key: secret, address: 'localhost' }, '/address'],
      [{ key: secret, addres: '10.0.0.1' }, '/addres'],
    ] as const) {
      const { status, json, text } = await verify(body);
      expect([status, shapes.problem.parse(json).errors?.map((error) => error.pointer)]).toEqual([400, [pointer]]);
      expect(text).not.toContain(secret.slice(10));
    }
    expect(await verify({ key: secret }, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await verify(Buffer.alloc(1_100_001, ' '))).toMatchObject({ status: 413, code: 'request/too-large' });
    expect(await gateway.inside('GET', `/verify?key=${secret}`)).toMatchObject({
      status: 400,
      code: 'request/key-in-url',
    });
    expect(gateway.asked('key-management.Gate.verifyKeys')).toEqual([]);
    expect(gateway.logged()).not.toContain(secret.slice(10));
  });

  it('is on no other port, and on its port is nothing for people', async () => {
    const { secret } = gateway.key();
    expect(await gateway.ask('POST', '/verify', { body: { key: secret } })).toMatchObject({ status: 405 });
    for (const path of ['/', '/v1/keys', '/v0.4/whoami', '/docs', '/readyz'])
      expect([path, (await gateway.inside('GET', path)).status]).toEqual([path, 404]);
    expect([(await gateway.inside('GET', '/livez')).status, (await gateway.inside('GET', '/verify')).status]).toEqual([
      200, 405,
    ]);
    expect((await gateway.inside('GET', '/authz', { headers: { authorization: `Bearer ${secret}` } })).status).toBe(
      200,
    );
  });
});
