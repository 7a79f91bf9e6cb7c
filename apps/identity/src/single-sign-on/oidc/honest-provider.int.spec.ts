import { createServer, type Server } from 'node:http';
import { Outbound } from '#platform';
import { freePort, TestBrowser } from '#testing';
import type { Attempt, Connection } from '../protocol.ts';
import { OpenIdConnect } from './open-id-connect.ts';

const ORIGIN = 'https://id.example.com';
const METHODS = ['client_secret_basic', 'client_secret_post'] as const;
const CONNECTION = '2f1c7a52-7c2c-4b39-8a51-1d5c0a4d5f10';

describe('OpenID Connect with a provider by somebody else', () => {
  let server: Server;
  let issuer: string;
  let outbound: Outbound;
  let protocol: OpenIdConnect;
  let attempts = 0;

  beforeAll(async () => {
    // It tells of each default that it takes.
    console.info = console.warn = () => undefined;
    const { Provider } = await import('oidc-provider');
    issuer = `http://127.0.0.1:${await freePort()}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'rollcall',
          client_secret: 'a secret: with % and +',
          redirect_uris: [`${ORIGIN}/sso/${CONNECTION}/callback`],
        },
      ],
      // Anybody who says who they are: pages of a login and of a consent.
      features: { devInteractions: { enabled: true } },
      cookies: { keys: ['of a test'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => ({ sub, email: `${sub}@acme.example`, email_verified: sub === 'ada', name: 'Ada Lovelace' }),
      }),
    });
    const answer = provider.callback();
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((done) => server.listen(Number(new URL(issuer).port), '127.0.0.1', done));
    outbound = new Outbound({ privateHosts: new URL(issuer).host });
    protocol = new OpenIdConnect(ORIGIN, outbound);
  });

  afterAll(async () => {
    await outbound.close();
    server.closeAllConnections();
    server.close();
  });

  const connectionBy = (clientAuthentication: (typeof METHODS)[number]): Connection => ({
    connectionId: CONNECTION,
    organizationId: '6d0b7f0e-66b5-4c1e-9c3c-0f0a6a0f9b11',
    n: 1,
    oidc: { issuer, clientId: 'rollcall', clientSecret: 'a secret: with % and +', clientAuthentication },
    saml: undefined,
  });

  const attempt = (anew = false): Attempt => ({
    state: `state-${++attempts}`,
    nonce: `nonce-${attempts}`,
    verifier: `${attempts}`.padStart(43, 'v'),
    requestId: 'unused',
    beganAt: new Date(),
    anew,
  });

  /** Through the pages of the provider, until the browser is sent back. */
  const signIn = async (
    login: string,
    { asked = attempt(), browser = new TestBrowser(issuer), connection = connectionBy('client_secret_basic') } = {},
  ) => {
    let page = await browser.open(await protocol.begin(connection, asked));
    while (page.url.origin === issuer) page = await browser.submit(page, { login, password: 'any' });
    const answer = { query: page.url.search, samlResponse: undefined };
    return { browser, vouched: protocol.finish(connection, asked, answer, new Date()) };
  };

  it.each(METHODS)('tells who signed in, by the address that user info alone has (%s)', async (method) => {
    const { vouched } = await signIn('ada', { connection: connectionBy(method) });
    expect(await vouched).toMatchObject({ subject: 'ada', email: 'ada@acme.example', emailVerified: true });
  });

  it('refuses whose address is not verified there', async () => {
    const { vouched } = await signIn('grace');
    await expect(vouched).rejects.toMatchObject({ check: 'email-verified' });
  });

  it('has somebody sign in anew who is known there', async () => {
    const { browser, vouched } = await signIn('ada');
    await vouched;
    const asked = attempt(true);
    const again = await signIn('ada', { asked, browser });
    expect((await again.vouched).authenticatedAt?.getTime()).toBeGreaterThanOrEqual(asked.beganAt.getTime() - 1_000);
  });
});
