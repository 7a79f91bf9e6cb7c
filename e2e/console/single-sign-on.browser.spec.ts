import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inflateRawSync } from 'node:zlib';
import {
  dnsServer,
  type DnsServer,
  LyingProvider,
  PASSWORD,
  selfSigned,
  type SelfSigned,
  type SignedUp,
  tokenIn,
} from '#testing';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser } from './console.fixture.ts';
import { totp } from './ways.fixture.ts';
import { answerXml, NOW, PROVIDER, SERVICE } from '../../apps/identity/src/single-sign-on/saml/answers.fixture.ts';

/** docs/flows/single-sign-on.md in a browser: the product is at localhost, providers are another site, 127.0.0.1. */
describe('in a browser, through a provider', () => {
  let dns: DnsServer;
  let provider: LyingProvider;
  let samlProvider: Server;
  let keys: SelfSigned;
  let it_: ConsoleInBrowser;
  let connectionId: string;

  beforeAll(async () => {
    [dns, provider, keys] = [await dnsServer(), await LyingProvider.start(), await selfSigned('idp.example')];
    samlProvider = createServer((request, response) => {
      const asked = new URL(request.url ?? '', PROVIDER).searchParams;
      response.setHeader('content-type', 'text/html').end(samlPage(asked, keys.privateKey));
    }).listen(0, '127.0.0.1');
    await once(samlProvider, 'listening');
    it_ = await ConsoleInBrowser.start({
      SSO_DNS_SERVERS: dns.address,
      SSO_PRIVATE_HOSTS: `${provider.host},${hostOf(samlProvider)}`,
    });
  });
  afterEach(() => it_.closeAll());
  afterAll(async () => {
    await it_.dispose();
    samlProvider.close();
    await provider.close();
    await dns.stop();
  });

  const open = (path: string, who?: SignedUp) => it_.open(path, who);
  const says = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const isIn = (page: Page) => page.waitForURL(/\/keys/);
  /** Whom the provider knows the browser as. */
  const knownAs = (email: string, sub = email.split('@')[0]) => {
    provider.lies = { claims: { sub, email } };
  };
  async function startSignIn(page: Page, email: string, sub?: string) {
    knownAs(email, sub);
    await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
    await press(page, 'Continue');
    await page.getByRole('button', { name: /^Continue at .*’s provider$/ }).click();
  }
  /** Tests a connection, as the page of an owner's organization asks. */
  async function test(page: Page, connection: string) {
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(`fetch('/v1/single-sign-on/start', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ connectionId: '${connection}', purpose: 'test' }) })
      .then((answer) => answer.json())
      .then(({ location: there }) => { location.assign(there); })`);
  }

  /** An owner's organization with a domain of its own, proved, and a connection that knows no provider yet. */
  async function founded(domain: string) {
    const owner = await it_.product.signUp(`ada@${domain}`);
    const at = `/v1/organizations/${owner.organizationId}`;
    const { body: claim } = await owner.visitor.post(`${at}/domains`, { domain });
    dns.answers.set(claim.record.name, [claim.record.value]);
    await owner.visitor.post(`/v1/domains/${claim.id as string}/verify`);
    const { body: draft } = await owner.visitor.post(`${at}/connections`, { name: 'Login' });
    return { owner, at, on: `/v1/connections/${draft.id as string}`, connectionId: draft.id as string };
  }
  async function join(owner: SignedUp, email: string): Promise<SignedUp> {
    const joining = await it_.product.signUp(email, 'Bob');
    await owner.visitor.post(`/v1/organizations/${owner.organizationId}/invitations`, { email, role: 'member' });
    const token = tokenIn(await it_.product.mail(email, /invited/));
    expect((await joining.visitor.post('/v1/invitations/accept', { token })).status).toBe(200);
    return joining;
  }

  it('an owner tests the connection from their own page, and enforces it', async () => {
    const { owner, on, at, connectionId: made } = await founded('acme.example');
    connectionId = made;
    await owner.visitor.put(`${on}/oidc`, { issuer: provider.issuer, ...LyingProvider.CLIENT });
    await join(owner, 'bob@acme.example');
    await owner.visitor.post(`${at}/invitations`, { email: 'eve@acme.example', role: 'member' });
    const page = await open('/keys', owner);
    knownAs('ada@acme.example');
    await test(page, made);
    await says(page, /vouches for ada@acme\.example as ada\. It proves new sign-ins/);
    expect(new URL(page.url()).search).toBe('');
    expect((await owner.visitor.post(`${on}/enforce`)).body).toMatchObject({ status: 'enforced', enforced: true });
  });

  it('an owner who may gets in without the provider, which the owners hear of, and ends a tie that is wrong', async () => {
    const { owner, on, connectionId: glass } = await founded('glass.example');
    const [ada, bob] = ['ada@glass.example', 'bob@glass.example'];
    await join(owner, bob);
    const { body: phone } = await owner.visitor.post('/v1/account/authenticators', { name: 'Phone' });
    await owner.visitor.post(`/v1/account/authenticators/${phone.id as string}/confirm`, { code: totp(phone.secret) });
    await owner.visitor.put(`${on}/oidc`, { issuer: provider.issuer, ...LyingProvider.CLIENT });
    const settings = { sessionHours: 24, justInTime: false, guests: 'allowed', breakGlassAccountId: owner.accountId };
    expect((await owner.visitor.put(`${on}/settings`, settings)).status).toBe(200);
    const page = await open('/keys', owner);
    knownAs(ada);
    await test(page, glass);
    await says(page, /vouches for/);
    expect((await owner.visitor.post(`${on}/enforce`)).body).toMatchObject({ enforced: true });

    const emergency = await open('/sign-in');
    await emergency.getByRole('textbox', { name: 'E-mail' }).fill(ada);
    await press(emergency, 'Continue');
    await press(emergency, 'Emergency access by password');
    await emergency.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
    await press(emergency, 'Sign in');
    await emergency.getByRole('textbox', { name: 'Six digits from your authenticator' }).fill(totp(phone.secret, 1));
    await press(emergency, 'Continue');
    await isIn(emergency);
    await it_.product.mail(ada, /signed in without your identity provider/);

    const bobs = await open('/sign-in');
    await startSignIn(bobs, bob);
    await says(bobs, /link is on its way/);
    await bobs.goto(
      `${it_.product.origin}/sso/bind#token=${tokenIn(await it_.product.mail(bob, /Finish signing in/))}`,
    );
    await press(bobs, 'Finish signing in');
    await isIn(bobs);
    const other = await open('/sign-in');
    await startSignIn(other, bob, 'another bob');
    await says(other, /belongs to another person/);
    for (const email of [ada, bob]) await it_.product.mail(email, /Two people at your provider/);
    const unbound = await emergency.request.post(`${it_.product.origin}${on}/unbind`, {
      data: { accountId: (await bobs.request.get(`${it_.product.origin}/v1/account`).then((told) => told.json())).id },
      headers: { 'rollcall-client': 'test' },
    });
    expect(unbound.status()).toBe(200);
    expect((await bobs.request.get(`${it_.product.origin}/v1/account`)).status()).toBe(401);
    await it_.product.mail(bob, /not tied to a provider/);
  });

  it('an address leads to its provider, and a mailed link ties the two, in the browser that began alone', async () => {
    const page = await open('/sign-in');
    await startSignIn(page, 'bob@acme.example');
    await says(page, /link is on its way/);
    const letter = await it_.product.mail('bob@acme.example', /Finish signing in/);
    expect(letter.text).toContain('the organization of acme.example');
    const link = `/sso/bind#token=${tokenIn(letter)}`;
    const elsewhere = await open(link);
    await press(elsewhere, 'Finish signing in');
    await says(elsewhere, /begun in another browser/);
    await page.goto(`${it_.product.origin}${link}`);
    await press(page, 'Finish signing in');
    await isIn(page);
    await it_.product.mail('bob@acme.example', /sign in at your organization's provider now/);

    const other = await open('/sign-in');
    await startSignIn(other, 'bob@acme.example');
    await isIn(other);
    const tile = await open(`/sso/${connectionId}`);
    await isIn(tile);
  });

  it('whoever is invited goes on at the provider, and is in', async () => {
    knownAs('eve@acme.example');
    const page = await open(`/invitation#token=${tokenIn(await it_.product.mail('eve@acme.example', /invited/))}`);
    await says(page, 'People of this organization sign in at its identity provider.');
    await press(page, 'Continue at the provider');
    await isIn(page);
  });

  it('mails where to sign in instead of links that would go past the provider', async () => {
    const reset = await open('/reset');
    await reset.waitForURL(/\/forgot$/);
    await reset.getByRole('textbox', { name: 'E-mail' }).fill('bob@acme.example');
    await press(reset, 'Mail me a link');
    await says(reset, /link is on its way/);
    await it_.product.visitor().post('/v1/sign-ups', { email: 'new@acme.example' });
    for (const email of ['bob@acme.example', 'new@acme.example']) {
      const { text } = await it_.product.mail(email, /Sign in at your organization/);
      expect(text).toContain(`${it_.product.origin}/sign-in`);
      expect(text).not.toContain('token=');
    }
  });

  it('an answer that another site posts brings no cookie along: the page asks from here, and brings them', async () => {
    const { owner, on, connectionId: id } = await founded('saml.example');
    const signInUrl = `http://${hostOf(samlProvider)}/saml`;
    const configured = await owner.visitor.put(`${on}/saml`, {
      entityId: PROVIDER,
      signInUrl,
      certificates: [keys.certificate],
    });
    expect(configured.status).toBe(200);
    const page = await open('/keys', owner);
    const cookies: Record<string, string | undefined> = {};
    page.on('request', (request) => {
      void request.allHeaders().then(({ cookie }) => (cookies[new URL(request.url()).pathname] = cookie));
    });
    await test(page, id);
    await says(page, /vouches for ada@saml\.example/);
    expect(cookies[`/sso/${id}/acs`]).toBeUndefined();
    expect(cookies).toHaveProperty([`/sso/${id}/acs`]);
    expect(cookies['/v1/single-sign-on/finish']).toContain(`rollcall-sso-${it_.product.port}`);
  });

  it("a provider's answer is sent on as it came, also where it looks like numbers, and leaves the address", async () => {
    const page = await open('/sign-in');
    const sent = page.waitForRequest('**/v1/single-sign-on/finish');
    const query = 'code=12345678901234567890&state=1e5&iss=https%3A%2F%2Fidp.example';
    await page.goto(`${it_.product.origin}/sso/${connectionId}/callback?${query}`);
    expect((await sent).postDataJSON()).toEqual({ connectionId, query });
    await says(page, 'You are not signed in');
    expect(new URL(page.url()).search).toBe('');
    await page.reload();
    await says(page, 'The answer of the provider is no longer here');
  });

  it('settings say whose provider signs one in, and why the password is off; a proof there comes back to what was open', async () => {
    const page = await open('/sign-in');
    await startSignIn(page, 'bob@acme.example');
    await isIn(page);
    await page.goto(`${it_.product.origin}/settings`);
    await says(page, /^Off: .* signs you in at its provider, “Login”\.$/);
    await says(page, /You sign in at .*’s provider, “Login”\. A session lasts 24 hours at most\./);
    await says(page, /keeps it at its provider/);
    for (const name of ['Change password', 'Change e-mail address'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);

    await it_.product.advance(16 * 60);
    await press(page, 'Add a passkey');
    await press(page, 'Continue');
    await press(page, 'Continue at your provider');
    await page.waitForURL(/\/settings\?do=passkey/);
    await page.getByRole('dialog', { name: 'Add a passkey' }).waitFor();
    expect(it_.stopped).toEqual([]);
  });

  it('a proof at the provider leads back to where it was asked for', async () => {
    const page = await open('/sign-in');
    await startSignIn(page, 'bob@acme.example');
    await isIn(page);
    await it_.product.advance(16 * 60);
    knownAs('bob@acme.example');
    await page.evaluate(`fetch('/v1/single-sign-on/start', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'bob@acme.example', purpose: 'prove', returnTo: '/keys?status=all' }) })
      .then((answer) => answer.json())
      .then(({ location: there }) => { location.assign(there); })`);
    await page.waitForURL(/\/keys\?status=all/);
    const { provenUntil } = (await (await page.request.get(`${it_.product.origin}/v1/account/security`)).json()) as {
      provenUntil: string | null;
    };
    expect(provenUntil).not.toBeNull();
    expect(it_.stopped).toEqual([]);
  });
});

/** An authenticator's code: of this half minute, or of one beside it. */
const hostOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** What a SAML provider shows who is signed in there: a form that posts the answer to us by itself. */
function samlPage(asked: URLSearchParams, key: string): string {
  const request = inflateRawSync(Buffer.from(asked.get('SAMLRequest') ?? '', 'base64')).toString();
  const [, id = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  const [, acs = ''] = / AssertionConsumerServiceURL="([^"]+)"/.exec(request) ?? [];
  const now = Date.now();
  const own = (xml: string) =>
    xml
      .replaceAll(SERVICE, acs.replace(/\/acs$/, ''))
      .replaceAll('_request1', id)
      .replaceAll('_assertion1', `_${crypto.randomUUID()}`)
      .replaceAll('alice@acme.example', 'ada@saml.example')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => new Date(Date.parse(at) - NOW.getTime() + now).toISOString());
  const xml = answerXml(key, { stated: own, around: (response) => response.replace(/^.*?(?=<saml:Assertion)/s, own) });
  const fields = { SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: asked.get('RelayState') ?? '' };
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  return `<form method="post" action="${acs}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`;
}
