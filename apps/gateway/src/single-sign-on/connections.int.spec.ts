import { randomUUID } from 'node:crypto';
import type { organization } from '#contracts';
import { type GatewayHarness, gatewayHarness, HOST } from '../gateway.fixture.ts';

const connectionId = randomUUID();
const connection = (change: Partial<organization.Connection> = {}): organization.Connection => ({
  connectionId,
  organizationId: randomUUID(),
  name: 'Acme login',
  status: 'enforced',
  n: 2,
  enforcedN: 1,
  testedAt: '2026-01-01T00:00:00.000Z',
  provableFreshness: true,
  settings: { sessionHours: 24, guests: 'allowed' },
  ...change,
});
const saml = {
  entityId: 'https://login.acme.example',
  signInUrl: 'https://login.acme.example/saml',
  certificates: ['-----BEGIN CERTIFICATE-----'],
};

describe('connections at the edge', () => {
  let gateway: GatewayHarness;
  let cookie: string;
  let isEnforced = true;
  beforeAll(async () => {
    const enforced = async () => ({ connection: connection(), enforced: isEnforced });
    gateway = await gatewayHarness({
      organization: {
        SingleSignOn: {
          getConnection: async () => connection({ saml: { ...saml, certificate: 'ours' } }),
          putSaml: async () => connection({ saml: { ...saml, certificate: 'ours' } }),
          putSettings: enforced,
          enforce: enforced,
          turnOff: enforced,
          removeConnection: async () => ({ enforced: isEnforced }),
          previewConnection: async () => ({
            governed: { count: 1, accountIds: [connectionId] },
            guests: { count: 0, accountIds: [] },
            heldBack: { count: 0, accountIds: [] },
            inviterIds: [connectionId],
          }),
          getGovernance: async () => ({ domains: [], sessionHours: 0, guests: '' }),
        },
      },
      identity: {
        Accounts: {
          describeAccounts: async () => ({
            accounts: [
              {
                accountId: connectionId,
                name: 'Ada',
                email: 'ada@acme.example',
                createdAt: '2026-01-01T00:00:00.000Z',
                status: 'active',
                idleTimeoutEnabled: false,
                idleTimeoutMinutes: 30,
                idleTimeoutRequired: false,
              },
            ],
          }),
        },
      },
    });
    cookie = gateway.signedIn().cookie;
  });
  afterAll(() => gateway.stop());
  const ask = (method: string, path: string, body?: unknown) =>
    gateway.ask(method, `/v1/connections/${connectionId}${path}`, { headers: { cookie }, body });

  it('show what the provider is to be told of us, at our origin', async () => {
    const at = `https://${HOST}/sso/${connectionId}`;
    expect((await ask('GET', '')).json).toMatchObject({
      configuration: 2,
      enforcedConfiguration: 1,
      tested: { provableFreshness: true },
      oidc: null,
      saml: { subjectAttribute: null, certificate: 'ours' },
      settings: { justInTime: null, breakGlassAccountId: null },
      addresses: { entityId: at, callback: `${at}/callback`, acs: `${at}/acs`, metadata: `${at}/metadata` },
    });
  });

  it('know providers whose sign-in has a query, as theirs may', async () => {
    const body = { ...saml, signInUrl: 'https://login.acme.example/saml?idpid=C1' };
    expect(await ask('PUT', '/saml', body)).toMatchObject({ status: 200 });
  });

  it.each(['/enforce', '/turn-off', '/remove'])('%s says by its status whether it holds already', async (path) => {
    isEnforced = true;
    expect(await ask('POST', path, {})).toMatchObject({ status: 200, json: { enforced: true } });
    isEnforced = false;
    expect(await ask('POST', path, {})).toMatchObject({ status: 202, json: { enforced: false } });
  });

  it('hand on what was chosen, and no break-glass owner where there is none', async () => {
    const settings = { sessionHours: 8, justInTime: true, guests: 'none' };
    await ask('PUT', '/settings', { ...settings, breakGlassAccountId: null });
    const [asked] = gateway.asked('organization.SingleSignOn.putSettings');
    expect(asked?.request).toEqual(expect.objectContaining({ connectionId, ...settings }));
    expect(asked?.request).not.toHaveProperty('breakGlassAccountId');
  });

  it.each([
    ['/settings', { sessionHours: 721, justInTime: false, guests: 'allowed', breakGlassAccountId: null }],
    ['/settings', { sessionHours: 24, justInTime: false, guests: 'some', breakGlassAccountId: null }],
    ['/saml', { ...saml, certificates: [] }],
    ['/saml', { entityId: saml.entityId }],
    ['/saml', { ...saml, metadataUrl: 'https://login.acme.example/metadata' }],
    ['/saml', {}],
    ['/saml', { ...saml, signInUrl: 'ftp://login.acme.example' }],
    ['/saml', { ...saml, signInUrl: 'https://user:password@login.acme.example' }],
    ['/oidc', { issuer: 'https://login.acme.example#x', clientId: 'rollcall', clientSecret: 'secret' }],
    ['/oidc', { issuer: 'https://login.acme.example', clientId: 'rollcall' }],
  ])('refuse %s with %j', async (path, body) => {
    expect(await ask('PUT', path, body)).toMatchObject({ status: 400, code: 'request/invalid' });
  });

  it('name the people whom enforcing would meet', async () => {
    expect((await ask('GET', '/preview')).json).toMatchObject({
      governed: { count: 1, people: [{ name: 'Ada', email: 'ada@acme.example' }] },
      inviters: [{ accountId: connectionId, name: 'Ada', email: 'ada@acme.example' }],
    });
  });

  it('say that people sign in as they like where nothing is enforced', async () => {
    const answer = await gateway.ask('GET', `/v1/organizations/${randomUUID()}/governance`, { headers: { cookie } });
    expect(answer.json).toEqual({
      connection: null,
      domains: [],
      sessionHours: null,
      guests: null,
      breakGlassAccountId: null,
    });
  });
});
