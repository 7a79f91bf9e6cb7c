import { execFileSync } from 'node:child_process';
import { eventually, Product, type SignedUp, tokenIn } from '#testing';
import { HOTP, Secret } from 'otpauth';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PASSWORD = 'a long walk in the rain';
const HOUR = 3_600;
const DAY = 24 * HOUR;

/** docs/flows: what people do in a browser, on the pages that mailed links lead to. */
describe('in a browser', () => {
  let product: Product;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  let used = 0;

  /** An authenticator's code that was not used yet: of this half minute, or of one beside it. */
  const totp = (secret: string) =>
    HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) - 1 + (used++ % 3) });
  const address = () => `http://localhost:${product.port}`;

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext();
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(`${address()}${path}`);
    return page;
  }
  const said = (page: Page, text: RegExp) =>
    eventually(
      async () => ({ status: 200, body: await page.locator('output').textContent() }),
      ({ body }) => text.test(String(body)),
    );
  const shown = (page: Page, selector: string, text: RegExp) =>
    eventually(
      async () => ({ status: 200, body: await page.locator(selector).textContent() }),
      ({ body }) => text.test(String(body)),
    ).then(({ body }) => String(body));

  async function signIn(page: Page, email: string, password = PASSWORD) {
    await page.fill('form[name=start] input[name=email]', email);
    const asked = page.locator('form[name=start] input[name=password]');
    // The address comes first; whoever tries again stands at the password already.
    if (!(await asked.isVisible())) await page.click('form[name=start] button:not([type=button])');
    await asked.fill(password);
    await page.click('form[name=start] button:not([type=button])');
  }

  /** Adds an authenticator on the page of a signed-in person; answers its secret, and the recovery codes. */
  async function addAuthenticator(page: Page) {
    await page.goto(`${address()}/security`);
    await shown(page, '#state', /is off/);
    await page.fill('form[name=authenticator] input', 'Phone');
    await page.click('form[name=authenticator] button');
    const secret = (await shown(page, '#secret', /otpauth/)).split('\n')[0] ?? '';
    used = 0;
    await page.fill('form[name=confirm] input', totp(secret));
    await page.click('form[name=confirm] button');
    const codes = (await shown(page, '#codes', /Recovery codes/)).split('\n').slice(1);
    await shown(page, '#state', /is on; 10 recovery codes/);
    return { secret, codes };
  }

  async function virtualKey(page: Page) {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return {
      verified: (isUserVerified: boolean) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    };
  }

  beforeAll(async () => {
    const executablePath = execFileSync('tools/chromium/prepare.sh').toString().trim();
    product = await Product.start({ MAILS_PER_ADDRESS_AND_HOUR: '100' });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await product.dispose();
  });

  const signedUp = async (email: string): Promise<SignedUp> => product.signUp(email);

  it('a second factor is added, asked for, and stood in for by a recovery code', async () => {
    await signedUp('second@example.com');
    const page = await open('/sign-in');
    await signIn(page, 'second@example.com', 'another password here');
    await said(page, /address or the password is wrong/);
    await signIn(page, 'second@example.com');
    await said(page, /Welcome back, Ada/);
    const { secret, codes } = await addAuthenticator(page);

    const other = await open('/sign-in');
    await signIn(other, 'second@example.com');
    await said(other, /second factor/);
    await other.fill('form[name=factor] input', '000 000');
    await other.click('form[name=factor] button:not([type=button])');
    await said(other, /does not fit/);
    await other.fill('form[name=factor] input', totp(secret));
    await other.click('form[name=factor] button:not([type=button])');
    await said(other, /Welcome back/);

    const third = await open('/sign-in');
    await signIn(third, 'second@example.com');
    await said(third, /second factor/);
    await third.fill('form[name=factor] input', (codes[0] ?? '').toUpperCase());
    await third.click('form[name=factor] button:not([type=button])');
    await said(third, /Welcome back/);
    expect((await product.mail('second@example.com', /was used/)).text).toContain('9');
  });

  it('a change asks for a proof when the last one is a quarter of an hour old, and goes on by itself', async () => {
    await signedUp('proof@example.com');
    const page = await open('/sign-in');
    await signIn(page, 'proof@example.com');
    await said(page, /Welcome back/);
    await page.goto(`${address()}/security`);
    await shown(page, '#state', /is off/);
    await product.advance(16 * 60);
    await page.fill('form[name=change] input[name=current]', PASSWORD);
    await page.fill('form[name=change] input[name=password]', 'a short ride over the hill');
    await page.click('form[name=change] button');
    await said(page, /Confirm that it is you/);
    await page.fill('form[name=prove] input[name=password]', PASSWORD);
    await page.click('form[name=prove] button:not([type=button])');
    await said(page, /password is changed/);
    await product.mail('proof@example.com', /password/i);
  });

  it('a passkey is made, and signs in by a button, from the address field, and as a second factor; never unverified', async () => {
    await signedUp('key@example.com');
    const page = await open('/sign-in');
    const key = await virtualKey(page);
    await signIn(page, 'key@example.com');
    await said(page, /Welcome back/);
    await page.goto(`${address()}/security`);
    await page.fill('form[name=passkey] input', 'This computer');
    await page.click('form[name=passkey] button');
    await said(page, /passkey is added/);
    await shown(page, '#factors', /This computer \(passkey/);

    await page.context().clearCookies();
    await page.goto(`${address()}/sign-in`);
    // Offered in the address field: the virtual authenticator takes the offer at once.
    await said(page, /Welcome back, Ada/);

    await page.goto(`${address()}/security`);
    await shown(page, '#state', /is off/);
    await page.click('#toggle button');
    await shown(page, '#state', /is on/);
    await page.context().clearCookies();
    await key.verified(false);
    await page.goto(`${address()}/sign-in`);
    await page.click('form[name=start] [data-passkey]');
    await said(page, /./);
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain(`rollcall-${product.port}`);
    await key.verified(true);
    await signIn(page, 'key@example.com');
    await said(page, /second factor/);
    await page.click('form[name=factor] [data-passkey]');
    await said(page, /Welcome back/);
  });

  it('a forgotten password is set anew by the mailed link, with the second factor before it', async () => {
    await signedUp('reset@example.com');
    const page = await open('/sign-in');
    await signIn(page, 'reset@example.com');
    await said(page, /Welcome back/);
    const { secret } = await addAuthenticator(page);

    const other = await open('/reset');
    await other.fill('form[name=start] input', 'reset@example.com');
    await other.click('form[name=start] button:not([type=button])');
    await said(other, /a link is on its way/);
    const token = tokenIn(await product.mail('reset@example.com', /new password|Set a/i));
    const opened = await open(`/reset#token=${token}`);
    await said(opened, /second factor/);
    expect(opened.url()).not.toContain(token);
    await opened.fill('form[name=factor] input', totp(secret));
    await opened.click('form[name=factor] button:not([type=button])');
    await said(opened, /new password/);
    await opened.fill('form[name=password] input', 'a short ride over the hill');
    await opened.click('form[name=password] button');
    await said(opened, /Welcome back/);
    const again = await open(`/reset#token=${token}`);
    await said(again, /was used, has expired or was replaced/);
  });

  it('an address changes by a link in the new mailbox, and back by one in the old', async () => {
    const { visitor } = await signedUp('before@example.com');
    expect((await visitor.post('/v1/account/address', { email: 'after@example.com' })).status).toBe(202);
    const page = await open(`/address#token=${tokenIn(await product.mail('after@example.com', /./))}`);
    await said(page, /will have the address a…@e….com/);
    await page.click('form button');
    await said(page, /Sign in with the new address/);
    const undo = await open(`/address/undo#token=${tokenIn(await product.mail('before@example.com', /has moved/))}`);
    await said(undo, /former address back: b…@e….com/);
    await undo.click('form button');
    await said(undo, /Set a new password now/);
    expect(
      (await product.visitor().post('/v1/sessions', { email: 'before@example.com', password: PASSWORD })).body.code,
    ).toBe('sign-in/failed');
  });

  it('who has lost every factor gets back by mailbox, operator and three days', async () => {
    const { accountId } = await signedUp('lost@example.com');
    const page = await open('/sign-in');
    await signIn(page, 'lost@example.com');
    await said(page, /Welcome back/);
    await addAuthenticator(page);
    const other = await open('/sign-in');
    await signIn(other, 'lost@example.com');
    await said(other, /second factor/);
    await other.click('#lost');
    await said(other, /link is on its way/);
    const asked = await open(`/recovery#token=${tokenIn(await product.mail('lost@example.com', /are lost/))}`);
    await asked.click('form button');
    await said(asked, /You have asked/);
    const approved = await product.rollcall('account', 'recover', accountId, '--apply', '--reason', 'seen');
    expect([approved.code, approved.stdout]).toEqual([0, expect.stringContaining('approved')]);
    await product.mail('lost@example.com', /removed soon/);
    await product.advance(3 * DAY);
    const mail = await eventually(
      async () => ({ status: 200, body: await product.mail('lost@example.com', /removed now/) }),
      ({ body }) => /recovery\/complete#/.test(body.text),
    );
    const done = await open(`/recovery/complete#token=${tokenIn(mail.body)}`);
    await done.click('form button');
    await said(done, /They are removed/);
    const back = await open('/sign-in');
    await signIn(back, 'lost@example.com');
    await said(back, /Welcome back/);
  });

  it('are framed by nobody, and run no script but ours', async () => {
    const page = await open('/sign-in');
    const answer = await page.request.get(`${address()}/sign-in`);
    const policy = answer.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const violated = page.evaluate<string>(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective));
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken"';
      document.body.append(script);
    })`);
    expect(await violated).toMatch(/script-src/);
    expect(await page.title()).toContain('Sign in');
  });

  it('who was suspended for inactivity comes back alone', async () => {
    await signedUp('away@example.com');
    await product.advance(167 * DAY);
    await product.mail('away@example.com', /inactiv|suspend/i);
    await product.advance(15 * DAY);
    const page = await open('/sign-in');
    await product.mail('away@example.com', /was suspended/);
    await signIn(page, 'away@example.com');
    await said(page, /suspended because it was inactive/);
    const asks = await open('/reactivate');
    await asks.fill('form[name=start] input', 'away@example.com');
    await asks.click('form[name=start] button:not([type=button])');
    await said(asks, /a link is on its way/);
    const opened = await open(`/reactivate#token=${tokenIn(await product.mail('away@example.com', /back/i))}`);
    await said(opened, /new password/);
    await opened.fill('form[name=own] input', PASSWORD);
    await opened.click('form[name=own] button');
    await said(opened, /Welcome back/);
    await product.mail('away@example.com', /is back/i);
  });
});
