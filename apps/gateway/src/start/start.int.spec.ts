import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

describe('what a page needs before it shows anything', () => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      identity: {
        Accounts: {
          getAccount: async ({ accountId }) => ({
            accountId,
            email: 'ada@example.com',
            name: 'Ada',
            createdAt: '2026-01-01T00:00:00.000Z',
            status: 'active',
            idleTimeoutEnabled: false,
            idleTimeoutMinutes: 30,
            idleTimeoutRequired: false,
          }),
        },
      },
      organization: {
        Organizations: {
          listOrganizations: async () => ({
            items: [{ organizationId: '01890a5d-ac96-774b-bcce-b302099a8057', name: 'Acme', role: 'owner' }],
          }),
        },
      },
    });
  });
  afterAll(() => gateway.stop());

  it("is one answer: who is signed in, where they belong, and the installation's settings", async () => {
    const { accountId, cookie } = gateway.signedIn();
    const { status, json } = await gateway.ask('GET', '/v1/start', { headers: { cookie } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      account: { id: accountId, name: 'Ada' },
      session: { current: true, confined: false },
      organizations: [{ name: 'Acme', role: 'owner' }],
      config: { passwordLengthMin: 15, keyPrefix: 'rck' },
    });
  });

  it('is of a stranger the settings alone, and no refusal', async () => {
    for (const headers of [{}, { cookie: `${gateway.signedIn().cookie.split('=')[0] ?? ''}=${'x'.repeat(43)}` }]) {
      const { status, json } = await gateway.ask('GET', '/v1/start', { headers });
      expect([status, json]).toMatchObject([200, { account: null, session: null, organizations: [] }]);
    }
  });
});
