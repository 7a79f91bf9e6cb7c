import { aSession, type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const ACCOUNT = {
  accountId: '01890a5d-ac96-774b-bcce-b302099a8057',
  email: 'ada@example.com',
  name: 'Ada',
  createdAt: '2026-01-01T00:00:00.000Z',
  status: 'active',
  idleTimeoutEnabled: false,
  idleTimeoutMinutes: 30,
  idleTimeoutRequired: false,
};
const UNTIL = '2026-12-31T00:00:00.000Z';
const headers = { 'rollcall-client': 'test' };
const body = { email: ACCOUNT.email, password: 'a long walk in the rain' };

describe('coming in', () => {
  let gateway: GatewayHarness;
  let word: Promise<{ staysActiveUntil?: string }>;
  beforeAll(async () => {
    const signedIn = {
      account: ACCOUNT,
      session: aSession(),
      sessionToken: 'x'.repeat(43),
      organizationId: '',
      projectId: '',
    };
    gateway = await gatewayHarness({
      'identity': { SignIns: { signIn: async () => ({ signedIn, half: undefined }) } },
      'inactivity-policy': { Inactivity: { getReturn: () => word } },
    });
  });
  afterAll(() => gateway.stop());
  const signIn = () => gateway.ask('POST', '/v1/sessions', { headers, body });

  it('says until when the account stays active, where that is news', async () => {
    word = Promise.resolve({ staysActiveUntil: UNTIL });
    expect(await signIn()).toMatchObject({ status: 201, json: { stayActiveUntil: UNTIL } });
    word = Promise.resolve({});
    expect(await signIn()).toMatchObject({ status: 201, json: { stayActiveUntil: null } });
  });

  it('goes on where nobody can say it, and waits a second for it at most', async () => {
    word = new Promise(() => undefined);
    const began = performance.now();
    expect(await signIn()).toMatchObject({ status: 201, json: { stayActiveUntil: null } });
    expect(performance.now() - began).toBeLessThan(5_000);
    gateway.away.add('inactivity-policy');
    expect(await signIn()).toMatchObject({ status: 201, json: { stayActiveUntil: null } });
  });
});
