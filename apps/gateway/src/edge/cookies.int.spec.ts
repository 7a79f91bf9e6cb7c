import { randomBytes, randomUUID } from 'node:crypto';
import { tellSeen } from '#platform';
import type { Neighbours } from '#testing';
import { aSession, type GatewayHarness, gatewayHarness, HOST } from '../gateway.fixture.ts';

const AT = '2026-01-01T00:00:00.000Z';
const TOKEN = randomBytes(32).toString('base64url');

const signedIn = {
  account: {
    accountId: randomUUID(),
    email: 'ada@example.com',
    name: 'Ada',
    createdAt: AT,
    status: 'active',
    idleTimeoutEnabled: false,
    idleTimeoutMinutes: 30,
    idleTimeoutRequired: false,
  },
  session: aSession(),
  sessionToken: TOKEN,
  organizationId: randomUUID(),
  projectId: randomUUID(),
};
const neighbours: Neighbours = {
  identity: {
    SignIns: { signIn: async () => ({ signedIn, half: undefined }) },
    Sessions: { endSession: async () => ({ ended: 1 }) },
  },
  organization: {
    Organizations: {
      createOrganization: async (_request, asked) => {
        tellSeen(asked, { streamId: 'organization-1', version: 2 });
        return { organizationId: randomUUID(), name: 'Lab', role: 'owner' };
      },
    },
  },
};

/** The parts of a Set-Cookie, without the order. */
const parts = (set = '') => set.split('; ').toSorted();

describe.each([
  { origin: `https://${HOST}`, host: HOST, session: '__Host-rollcall', secure: ['Secure'] },
  { origin: 'http://localhost:8080', host: 'localhost:8080', session: 'rollcall-8080', secure: [] },
  { origin: 'http://localhost', host: 'localhost', session: 'rollcall-80', secure: [] },
])('the cookies of $origin', ({ origin, host, session, secure }) => {
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness(neighbours, { origin });
  });
  afterAll(() => gateway.stop());

  it('keep a session for 30 days where no script and no other site can use it', async () => {
    const said = await gateway.ask('POST', '/v1/sessions', {
      headers: { host },
      body: { email: 'ada@example.com', password: 'a long walk in the rain' },
    });
    expect(said.status).toBe(201);
    // The sign-in that may have waited is over.
    const [half, begun] = said.headers['set-cookie'] ?? [];
    expect(half).toMatch(new RegExp(`^${session.replace('rollcall', 'rollcall-half')}=; Max-Age=0;`));
    expect(parts(begun)).toEqual(
      [`${session}=${TOKEN}`, 'Max-Age=2592000', 'Path=/', 'HttpOnly', 'SameSite=Lax', ...secure].toSorted(),
    );
    expect(said.text).not.toContain(TOKEN);
  });

  it('are taken back when the session that carries them is ended, and not with another', async () => {
    const one = gateway.signedIn();
    const headers = { host, cookie: `${session}=${one.token}` };
    const ended = await gateway.ask('POST', '/v1/sessions/current/end', { headers, body: {} });
    expect(ended.headers['set-cookie']?.map(parts)).toEqual([
      expect.arrayContaining([
        `${session}=`,
        'Path=/',
        ...secure,
        expect.stringMatching(/^(Max-Age=0|Expires=Thu, 01 Jan 1970)/) as string,
      ]) as unknown,
    ]);
    expect(
      (await gateway.ask('POST', `/v1/sessions/${randomUUID()}/end`, { headers, body: {} })).headers['set-cookie'],
    ).toBeUndefined();
  });

  it('carry what was written for ten seconds, beside a header for programs', async () => {
    const one = gateway.signedIn();
    const said = await gateway.ask('POST', '/v1/organizations', {
      headers: { host, cookie: `${session}=${one.token}` },
      body: { name: 'Lab' },
    });
    expect(said.headers['rollcall-seen']).toBe('organization-1@2');
    const name = secure.length > 0 ? `${session}-seen` : session.replace('rollcall-', 'rollcall-seen-');
    expect(said.headers['set-cookie']?.map(parts)).toEqual([
      [`${name}=organization-1@2`, 'Max-Age=10', 'Path=/', 'HttpOnly', 'SameSite=Lax', ...secure].toSorted(),
    ]);
  });

  it('of another name open nothing', async () => {
    const { token } = gateway.signedIn();
    for (const other of ['__Host-rollcall', 'rollcall-8080', 'rollcall-80', 'rollcall-9090'].filter(
      (name) => name !== session,
    )) {
      expect([
        other,
        (await gateway.ask('GET', '/v1/sessions/current', { headers: { host, cookie: `${other}=${token}` } })).status,
      ]).toEqual([other, 401]);
    }
    expect(
      (await gateway.ask('GET', '/v1/sessions/current', { headers: { host, cookie: `${session}=${token}` } })).status,
    ).toBe(200);
  });
});
