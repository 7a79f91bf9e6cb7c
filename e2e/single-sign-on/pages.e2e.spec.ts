import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inflateRawSync } from 'node:zlib';
import {
  dnsServer,
  type DnsServer,
  eventually,
  LyingProvider,
  PASSWORD,
  Product,
  selfSigned,
  type SelfSigned,
  type SignedUp,
  tokenIn,
} from '#testing';
import { HOTP, Secret } from 'otpauth';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { answerXml, NOW, PROVIDER, SERVICE } from '../../apps/identity/src/single-sign-on/saml/answers.fixture.ts';

/** docs/flows/single-sign-on.md in a browser: the product is at localhost, providers are another site, 127.0.0.1. */
describe('in a browser, through a provider', () => {
  let dns: DnsServer;
  let provider: LyingProvider;
  let samlProvider: Server;
  let keys: SelfSigned;
  let product: Product;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  let connectionId: string;

  beforeAll(async () => {
    [dns, provider, keys] = [await dnsServer(), await LyingProvider.start(), await selfSigned('idp.example')];
    samlProvider = createServer((request, response) => {
      const asked = new URL(request.url ?? '', PROVIDER).searchParams;
      response.setHeader('content-type', 'text/html').end(samlPage(asked, keys.privateKey));
    }).listen(0, '127.0.0.1');
    await once(samlProvider, 'listening');
    const executablePath = execFileSync('tools/chromium/prepare.sh').toString().trim();
    product = await Product.start({
      SSO_DNS_SERVERS: dns.address,
      SSO_PRIVATE_HOSTS: `${provider.host},${hostOf(samlProvider)}`,
      MAILS_PER_ADDRESS_AND_HOUR: '100',
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await product.dispose();
    samlProvider.close();
    await provider.close();
    await dns.stop();
  });

  /** A browser of its own, with the session of somebody who has one. */
  async function open(path: string, who?: SignedUp): Promise<Page> {
    const context = await browser.newContext();
    contexts.push(context);
    const cookies = [...(who?.visitor.cookies ?? [])];
    await context.addCookies(
      cookies.map(([name, value]) => ({ name, value, url: product.origin, sameSite: 'Lax' as const })),
    );
    const page = await context.newPage();
    await page.goto(`${product.origin}${path}`);
    return page;
  }
  const shown = (page: Page, selector: string, text: RegExp) =>
    eventually(
      async () => ({ status: 200, body: await page.locator(selector).textContent() }),
      ({ body }) => text.test(String(body)),
    );
  const said = (page: Page, text: RegExp) => shown(page, 'output', text);
  /** Whom the provider knows the browser as. */
  const knownAs = (email: string, sub = email.split('@')[0]) => {
    provider.lies = { claims: { sub, email } };
  };
  async function startSignIn(page: Page, email: string, sub?: string) {
    knownAs(email, sub);
    await page.fill('form[name=start] input[name=email]', email);
    await page.click('form[name=start] button:not([type=button])');
  }

  /** An owner's organization with a domain of its own, proved, and a connection that knows no provider yet. */
  async function founded(domain: string) {
    const owner = await product.signUp(`ada@${domain}`);
    const at = `/v1/organizations/${owner.organizationId}`;
    const { body: claim } = await owner.visitor.post(`${at}/domains`, { domain });
    dns.answers.set(claim.record.name, [claim.record.value]);
    await owner.visitor.post(`/v1/domains/${claim.id as string}/verify`);
    const { body: draft } = await owner.visitor.post(`${at}/connections`, { name: 'Login' });
    return { owner, at, on: `/v1/connections/${draft.id as string}`, connectionId: draft.id as string };
  }
  async function join(owner: SignedUp, email: string): Promise<SignedUp> {
    const joining = await product.signUp(email, 'Bob');
    await owner.visitor.post(`/v1/organizations/${owner.organizationId}/invitations`, { email, role: 'member' });
    const token = tokenIn(await product.mail(email, /invited/));
    expect((await joining.visitor.post('/v1/invitations/accept', { token })).status).toBe(200);
    return joining;
  }

  it('an owner tests the connection from their own page, and enforces it', async () => {
    const { owner, on, at, connectionId: made } = await founded('acme.example');
    connectionId = made;
    await owner.visitor.put(`${on}/oidc`, { issuer: provider.issuer, ...LyingProvider.CLIENT });
    await join(owner, 'bob@acme.example');
    await owner.visitor.post(`${at}/invitations`, { email: 'eve@acme.example', role: 'member' });
    const page = await open('/security', owner);
    await shown(page, '#connections', /Login \(draft\)/);
    knownAs('ada@acme.example');
    await page.click('#connections button');
    await said(page, /vouches for ada@acme\.example as ada\. It proves new sign-ins/);
    expect(new URL(page.url()).search).toBe('');
    expect((await owner.visitor.post(`${on}/enforce`)).body).toMatchObject({ status: 'enforced', enforced: true });
  });

  it('an owner who may gets in without the provider, which the owners hear of, and ends a tie that is wrong', async () => {
    const { owner, on } = await founded('glass.example');
    const [ada, bob] = ['ada@glass.example', 'bob@glass.example'];
    await join(owner, bob);
    const { body: phone } = await owner.visitor.post('/v1/account/authenticators', { name: 'Phone' });
    await owner.visitor.post(`/v1/account/authenticators/${phone.id as string}/confirm`, {
      code: totp(phone.secret, -1),
    });
    await owner.visitor.put(`${on}/oidc`, { issuer: provider.issuer, ...LyingProvider.CLIENT });
    const settings = { sessionHours: 24, justInTime: false, guests: 'allowed', breakGlassAccountId: owner.accountId };
    expect((await owner.visitor.put(`${on}/settings`, settings)).status).toBe(200);
    const page = await open('/security', owner);
    await shown(page, '#connections', /Login/);
    knownAs(ada);
    await page.click('#connections button');
    await said(page, /vouches for/);
    expect((await owner.visitor.post(`${on}/enforce`)).body).toMatchObject({ enforced: true });

    const emergency = await open('/sign-in');
    await emergency.click('#emergency');
    await emergency.fill('form[name=start] input[name=email]', ada);
    await emergency.fill('form[name=start] input[name=password]', PASSWORD);
    await emergency.click('form[name=start] button:not([type=button])');
    await said(emergency, /second factor/);
    await emergency.fill('form[name=factor] input', totp(phone.secret, 0));
    await emergency.click('form[name=factor] button:not([type=button])');
    await said(emergency, /Welcome back, Ada/);
    await product.mail(ada, /signed in without your identity provider/);

    const bobs = await open('/sign-in');
    await startSignIn(bobs, bob);
    await said(bobs, /link is on its way/);
    await bobs.goto(`${product.origin}/sso/bind#token=${tokenIn(await product.mail(bob, /Finish signing in/))}`);
    await said(bobs, /Welcome back, Bob/);
    const other = await open('/sign-in');
    await startSignIn(other, bob, 'another bob');
    await said(other, /belongs to another person/);
    for (const email of [ada, bob]) await product.mail(email, /Two people at your provider/);
    const unbound = await emergency.request.post(`${product.origin}${on}/unbind`, {
      data: { accountId: (await bobs.request.get(`${product.origin}/v1/account`).then((told) => told.json())).id },
      headers: { 'rollcall-client': 'test' },
    });
    expect(unbound.status()).toBe(200);
    expect((await bobs.request.get(`${product.origin}/v1/account`)).status()).toBe(401);
    await product.mail(bob, /not tied to a provider/);
  });

  it('an address leads to its provider, and a mailed link ties the two, in the browser that began alone', async () => {
    const page = await open('/sign-in');
    await startSignIn(page, 'bob@acme.example');
    await said(page, /link is on its way/);
    const letter = await product.mail('bob@acme.example', /Finish signing in/);
    expect(letter.text).toContain('the organization of acme.example');
    const link = `/sso/bind#token=${tokenIn(letter)}`;
    await said(await open(link), /begun in another browser/);
    await page.goto(`${product.origin}${link}`);
    await said(page, /Welcome back, Bob/);
    await product.mail('bob@acme.example', /sign in at your organization's provider now/);

    const other = await open('/sign-in');
    await startSignIn(other, 'bob@acme.example');
    await said(other, /Welcome back, Bob/);
    const tile = await open(`/sso/${connectionId}`);
    await said(tile, /Welcome back, Bob/);
  });

  it('whoever is invited goes on at the provider, and is in', async () => {
    knownAs('eve@acme.example');
    const page = await open(`/invitation#token=${tokenIn(await product.mail('eve@acme.example', /invited/))}`);
    await said(page, /Go on at its identity provider/);
    await page.click('form button');
    await said(page, /Welcome back/);
    expect(new URL(page.url()).pathname).toBe(`/sso/${connectionId}/callback`);
  });

  it('mails where to sign in instead of links that would go past the provider', async () => {
    const reset = await open('/reset');
    await reset.fill('form[name=start] input', 'bob@acme.example');
    await reset.click('form[name=start] button:not([type=button])');
    await said(reset, /link is on its way/);
    await product.visitor().post('/v1/sign-ups', { email: 'new@acme.example' });
    for (const email of ['bob@acme.example', 'new@acme.example']) {
      const { text } = await product.mail(email, /Sign in at your organization/);
      expect(text).toContain(`${product.origin}/sign-in`);
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
    const page = await open('/security', owner);
    const cookies: Record<string, string | undefined> = {};
    page.on('request', (request) => {
      void request.allHeaders().then(({ cookie }) => (cookies[new URL(request.url()).pathname] = cookie));
    });
    await shown(page, '#connections', /Login/);
    await page.click('#connections button');
    await said(page, /vouches for ada@saml\.example/);
    expect(cookies[`/sso/${id}/acs`]).toBeUndefined();
    expect(cookies).toHaveProperty([`/sso/${id}/acs`]);
    expect(cookies['/v1/single-sign-on/finish']).toContain(`rollcall-sso-${product.port}`);
  });

  it('a change asks for another sign-in at the provider when the last one is a quarter of an hour old', async () => {
    const page = await open('/sign-in');
    await startSignIn(page, 'bob@acme.example');
    await said(page, /Welcome back, Bob/);
    await page.goto(`${product.origin}/security`);
    await shown(page, '#state', /is off/);
    await product.advance(16 * 60);
    const add = async () => {
      await page.fill('form[name=authenticator] input', 'Phone');
      await page.click('form[name=authenticator] button');
    };
    await add();
    await said(page, /Confirm that it is you/);
    knownAs('bob@acme.example');
    const back = page.waitForURL(/\/callback/, { waitUntil: 'commit' });
    await page.click('#provider');
    await back;
    await page.waitForURL(`${product.origin}/security`);
    await shown(page, '#state', /is off/);
    await add();
    await shown(page, '#secret', /otpauth/);
  });
});

/** An authenticator's code: of this half minute, or of one beside it. */
const totp = (secret: string, offset: number) =>
  HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) + offset });

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
