import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Outbound } from '#platform';
import { TestBrowser } from '#testing';
import { OpenIdConnect } from '../../apps/identity/src/single-sign-on/oidc/open-id-connect.ts';
import type { Attempt, Connection } from '../../apps/identity/src/single-sign-on/protocol.ts';
import { describeKeycloak, signInThere } from './keycloak.fixture.ts';

const ORIGIN = 'https://id.example.com';

describeKeycloak('OpenID Connect with Keycloak', (keycloak) => {
  const outbound = new Outbound({ privateHosts: keycloak.host });
  const protocol = new OpenIdConnect(ORIGIN, outbound);
  const connection: Connection = {
    connectionId: '0b9a4f5e-3d0a-4c55-b0f7-6c9f6f0d3a11',
    organizationId: '6d0b7f0e-66b5-4c1e-9c3c-0f0a6a0f9b11',
    n: 1,
    oidc: {
      issuer: keycloak.issuer,
      clientId: 'rollcall',
      clientSecret: 'a secret: with % and +',
      clientAuthentication: 'client_secret_basic',
    },
    saml: undefined,
  };
  let attempts = 0;
  const attempt = (anew = false): Attempt => ({
    state: `state-${++attempts}`,
    nonce: `nonce-${attempts}`,
    verifier: `${attempts}`.padStart(43, 'v'),
    requestId: 'unused',
    beganAt: new Date(),
    anew,
  });

  afterAll(() => outbound.close());

  const finish = (query: string, asked: Attempt, now = new Date()) =>
    protocol.finish(connection, asked, { query, samlResponse: undefined }, now);

  const signIn = async (username: string, asked = attempt()) => {
    const { page, browser } = await signInThere(keycloak, await protocol.begin(connection, asked), username);
    expect(page.url.origin).toBe(ORIGIN);
    return { browser, asked, query: page.url.search, answer: () => finish(page.url.search, asked) };
  };

  it('tells who signed in', async () => {
    const { answer } = await signIn('ada');
    expect(await answer()).toEqual({
      subject: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      email: 'ada@acme.example',
      emailVerified: true,
      name: 'Ada Lovelace',
      authenticatedAt: expect.any(Date) as Date,
      endsAt: undefined,
      providerSession: expect.any(String) as string,
      assertionId: undefined,
    });
  });

  it('refuses whose address is not verified there', async () => {
    const { answer } = await signIn('grace');
    await expect(answer()).rejects.toMatchObject({ check: 'email-verified' });
  });

  it('takes a code once', async () => {
    const { answer } = await signIn('ada');
    await answer();
    await expect(answer()).rejects.toMatchObject({ check: 'code' });
  });

  it('takes an answer for its own attempt alone', async () => {
    const { query, asked } = await signIn('ada');
    await expect(finish(query, attempt())).rejects.toMatchObject({ check: 'state' });
    await expect(finish(query, { ...asked, nonce: 'another' })).rejects.toMatchObject({ check: 'nonce' });
  });

  it('refuses a wrong verifier', async () => {
    const { query, asked } = await signIn('ada');
    await expect(finish(query, { ...asked, verifier: 'w'.repeat(43) })).rejects.toMatchObject({ check: 'code' });
  });

  it('lets nobody in whom the provider has disabled', async () => {
    await keycloak.setUser('eve', { enabled: false });
    const { page } = await signInThere(keycloak, await protocol.begin(connection, attempt()), 'eve');
    expect(page.url.origin).toBe(keycloak.origin);
    expect(page.html).toContain('Account is disabled');
  });

  it('takes a signature by a new key at once', async () => {
    const signing = async () => ((await keycloak.admin('GET', '/keys')) as { active: { RS256: string } }).active.RS256;
    const before = await signing();
    await keycloak.admin('POST', '/components', {
      name: 'newer',
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      config: { priority: ['200'], algorithm: ['RS256'] },
    });
    expect(await signing()).not.toBe(before);
    const { answer } = await signIn('ada');
    expect(await answer()).toMatchObject({ email: 'ada@acme.example' });
  });

  it('has somebody sign in anew, and sees whether they did', async () => {
    const { browser } = await signIn('ada');
    const [usual, anew] = [attempt(), attempt(true)];
    const { url } = await browser.open(await protocol.begin(connection, usual));
    // Keycloak knew her. Two minutes later that is no sign-in of this attempt.
    const later = new Date(Date.now() + 120_000);
    await expect(finish(url.search, { ...usual, anew: true, beganAt: later }, later)).rejects.toMatchObject({
      check: 'not-fresh',
    });
    const { page } = await signInThere(keycloak, await protocol.begin(connection, anew), 'ada', browser);
    expect((await finish(page.url.search, anew)).authenticatedAt?.getTime()).toBeGreaterThan(
      anew.beganAt.getTime() - 1_000,
    );
  });

  it('hears of a session that the provider ends', async () => {
    const { url, heard } = await listener();
    await keycloak.setClient('rollcall', { 'backchannel.logout.url': url });
    const { answer } = await signIn('ada');
    const { subject, providerSession } = await answer();
    await keycloak.admin('DELETE', `/sessions/${providerSession}`);
    const token = new URLSearchParams(await heard).get('logout_token') ?? '';
    expect(await protocol.endedThere(connection, token, new Date())).toEqual({
      jti: expect.any(String) as string,
      sub: subject,
      sid: providerSession,
    });
  });

  it('says that the client secret is wrong', async () => {
    const { query, asked } = await signIn('ada');
    const wrong = { ...connection, oidc: connection.oidc && { ...connection.oidc, clientSecret: 'old' } };
    await expect(protocol.finish(wrong, asked, { query, samlResponse: undefined }, new Date())).rejects.toMatchObject({
      check: 'client',
    });
  });

  it('takes no for an answer', async () => {
    const asked = attempt();
    const location = await protocol.begin(connection, asked);
    location.searchParams.set('prompt', 'none');
    const { url } = await new TestBrowser(keycloak.origin).open(location);
    await expect(finish(url.search, asked)).rejects.toMatchObject({ check: 'denied' });
  });
});

/** Where a provider posts to. `heard`: the first body. */
async function listener() {
  // It does not keep the test waiting when there is nothing to hear.
  const server = createServer().unref();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const heard = new Promise<string>((done) => {
    server.on('request', (request, response) => {
      response.setHeader('connection', 'close');
      void text(request).then((body) => {
        response.end();
        done(body);
      });
    });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard };
}
