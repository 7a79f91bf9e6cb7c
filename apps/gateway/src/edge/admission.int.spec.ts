import passport from 'passport';
import { type GatewayHarness, gatewayHarness, SESSION_COOKIE } from '../gateway.fixture.ts';

describe('admission', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      organization: {
        Organizations: { listOrganizations: async () => ({ items: [] }) },
        Record: { listRecord: async () => ({ items: [], next: 0, memberIds: [], projects: [] }) },
      },
      identity: {
        Sessions: { listSessions: async () => ({ items: [] }) },
        SignUps: { requestSignUp: async () => ({}) },
      },
    });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
    gateway.away.clear();
  });

  const list = (headers: Record<string, string>) => gateway.ask('GET', '/v1/organizations', { headers });
  const checks = () =>
    gateway
      .asked('identity.Sessions.checkSessions')
      .flatMap(({ request }) => (request as { checks: { touch: boolean }[] }).checks);
  const recorded = () =>
    gateway
      .asked('inactivity-policy.Inactivity.recordActivity')
      .flatMap(({ request }) =>
        (request as { activities: { accountId: string; kind: string }[] }).activities.map(({ accountId, kind }) => ({
          accountId,
          kind,
        })),
      );

  it('judges a session by its owner at each use: ended is ended with the next request', async () => {
    const { token, cookie } = gateway.signedIn();
    expect((await list({ cookie })).status).toBe(200);
    gateway.sessions.delete(token);
    expect(await list({ cookie })).toMatchObject({ status: 401, code: 'session/required' });
    expect(checks()).toHaveLength(2);
  });

  it('lets nobody in whose account is suspended, nor anybody while that cannot be asked', async () => {
    expect(await list({ cookie: gateway.signedIn({ outcome: 'suspended' }).cookie })).toMatchObject({
      status: 403,
      code: 'account/suspended',
    });
    gateway.away.add('identity');
    expect(await list({ cookie: gateway.signedIn().cookie })).toMatchObject({
      status: 503,
      code: 'service/unavailable',
    });
    expect(gateway.asked('organization.Organizations.listOrganizations')).toEqual([]);
  });

  it('asks nobody about what can be no session', async () => {
    const { token } = gateway.signedIn();
    for (const cookie of [
      '',
      `${SESSION_COOKIE}=${token}x`,
      `${SESSION_COOKIE}=${token.slice(1)}`,
      `${SESSION_COOKIE}=${token.slice(1)}.`,
      `rollcall=${token}`,
      `__Secure-rollcall=${token}`,
    ]) {
      expect([cookie, (await list({ cookie })).code]).toEqual([cookie, 'session/required']);
    }
    expect(checks()).toEqual([]);
  });

  it("takes a request for a person's presence, once a day on record, unless the page asks by itself", async () => {
    const { accountId, cookie } = gateway.signedIn();
    await list({ cookie, 'rollcall-background': '1' });
    await gateway.ask('GET', '/v1/sessions/current', { headers: { cookie } });
    expect([checks().map(({ touch }) => touch), recorded()]).toEqual([[false, false], []]);
    await list({ cookie });
    await list({ cookie });
    expect(checks().map(({ touch }) => touch)).toEqual([false, false, true, true]);
    expect(recorded()).toEqual([{ accountId, kind: 'session' }]);
  });

  it('asks for nobody where nobody is needed: a cookie at a public address is no presence', async () => {
    const { cookie } = gateway.signedIn();
    expect(
      (await gateway.ask('POST', '/v1/sign-ups', { headers: { cookie }, body: { email: 'ada@example.com' } })).status,
    ).toBe(202);
    expect([checks().filter(({ touch }) => touch), recorded()]).toEqual([[], []]);
  });

  it('judges by its own strategies where another gateway runs in the process', async () => {
    const other = await gatewayHarness({
      organization: { Organizations: { listOrganizations: async () => ({ items: [] }) } },
    });
    try {
      const [ours, theirs] = [gateway.signedIn(), other.signedIn()];
      const listOf = async (at: GatewayHarness, { cookie }: { cookie: string }) =>
        (await at.ask('GET', '/v1/organizations', { headers: { cookie } })).status;
      expect([await listOf(gateway, ours), await listOf(other, theirs)]).toEqual([200, 200]);
      expect([await listOf(gateway, theirs), await listOf(other, ours)]).toEqual([401, 401]);
      // The one that passport brings along is all there is.
      expect(Object.keys(passport._strategies)).toEqual(['session']);
    } finally {
      await other.stop();
    }
  });

  it('records the use of a key before it answers, and none of one that is refused', async () => {
    const key = gateway.key();
    const refused = gateway.key({ outcome: 'suspended' });
    expect(
      await gateway.ask('GET', '/v0.4/whoami', { headers: { authorization: `apiKey ${refused.secret}` } }),
    ).toMatchObject({ status: 403, code: 'account/suspended' });
    expect(recorded()).toEqual([]);
    expect(
      (await gateway.ask('GET', '/v0.4/whoami', { headers: { authorization: `apiKey ${key.secret}` } })).status,
    ).toBe(200);
    expect(recorded()).toEqual([{ accountId: key.accountId, kind: 'api' }]);
  });

  it('takes a key where both would do, never the session beside it, and no session where a key is wanted', async () => {
    const key = gateway.key({ scopes: ['events:read'] });
    const { cookie, accountId } = gateway.signedIn();
    await gateway.ask('GET', '/v1/events', { headers: { cookie, authorization: `apiKey ${key.secret}` } });
    await gateway.ask('GET', `/v1/events?organizationId=${key.organizationId}`, { headers: { cookie } });
    expect(
      gateway.asked('organization.Record.listRecord').map(({ request }) => (request as { callerId: string }).callerId),
    ).toEqual([key.accountId, accountId]);
    expect(
      await gateway.ask('GET', '/v1/events', { headers: { cookie, authorization: 'apiKey nothing' } }),
    ).toMatchObject({ status: 401, code: 'key/malformed' });
    expect(await gateway.ask('GET', '/v0.4/whoami', { headers: { cookie } })).toMatchObject({
      status: 401,
      code: 'key/missing',
    });
  });

  it('asks a key for the scope of its route before its body is looked at', async () => {
    const submit = (scopes: string[]) =>
      gateway.ask('PUT', '/v0.4/jobs/status/cancel', {
        headers: { authorization: `apiKey ${gateway.key({ scopes }).secret}` },
        body: Buffer.from('{'),
      });
    expect(await submit(['jobs:read'])).toMatchObject({ status: 403, code: 'key/scope-required' });
    expect(await submit(['jobs:read', 'jobs:write'])).toMatchObject({ status: 400, code: 'request/invalid' });
    expect(await submit([])).toMatchObject({ status: 400, code: 'request/invalid' });
  });
});
