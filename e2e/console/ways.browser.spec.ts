import { PASSWORD } from '#testing';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser, findings, overflow } from './console.fixture.ts';
import { isIn, linkTo, press, says, signIn, totp, type, withAuthenticator } from './ways.fixture.ts';

const MINUTE = 60;

/** docs/flows: what people do who are not signed in yet, and where mailed links lead. */
describe('the ways in', () => {
  let it_: ConsoleInBrowser;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());

  const open = (path: string) => it_.open(path);
  const linkIn = (path: string, email: string, subject: RegExp) => linkTo(it_, path, email, subject);

  /** As a script of the page asks: with its cookies. */
  const fromPage = (page: Page, method: string, path: string, body: object) =>
    page.evaluate<unknown>(
      `fetch('${path}', { method: '${method}', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))} }).then((answer) => answer.json())`,
    );

  /** An authenticator of the browser itself, with a passkey of whoever is signed in there. */
  async function withPasskey(page: Page) {
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
    const options = await fromPage(page, 'POST', '/v1/account/passkeys/options', {});
    const response = await page.evaluate<unknown>(`(async (options) =>
      (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON()
    )(${JSON.stringify(options)})`);
    await fromPage(page, 'POST', '/v1/account/passkeys', { name: 'This computer', response });
    return {
      verified: (isUserVerified: boolean) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    };
  }

  it('lead a stranger from the first page to the first key, by one mail', async () => {
    const page = await open('/');
    await says(page, 'Accounts, projects and API keys');
    expect(await findings(page)).toEqual([]);
    await page.getByText('A first session').click();
    await says(page, /v0\.4\/whoami/);
    await page.getByRole('link', { name: 'Sign up' }).click();
    await type(page, 'E-mail', 'grace@example.com');
    await press(page, 'Continue');
    await says(page, 'Check your mail at grace@example.com');
    expect(page.url() + (await page.title())).not.toContain('grace');
    expect(await page.getByRole('button', { name: /^Send again in/ }).isDisabled()).toBe(true);
    expect(await findings(page)).toEqual([]);

    const link = await linkIn('/verify', 'grace@example.com', /./);
    await page.goto(`${it_.product.origin}${link}`);
    await says(page, '15 characters or more');
    expect(page.url()).not.toContain('token');
    const password = page.getByRole('textbox', { name: 'Password', exact: true });
    // Six characters as they are judged: one of them is typed as two, one takes two units of a string.
    await password.fill('abcde\u0301\u{1F600}');
    await says(page, '15 characters or more: 9 to go');
    await password.fill('correct horse battery staple');
    await says(page, 'Long enough');
    await type(page, 'Name', 'Grace Hopper');
    expect(await findings(page)).toEqual([]);
    await password.fill('passwordpassword');
    await press(page, 'Create account');
    await says(page, 'Is too easy to guess');
    expect(await password.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    await password.fill(PASSWORD);
    await press(page, 'Create account');
    await page.waitForURL(/\/keys\?create=true/);
    await says(page, 'Create a key');

    const twice = await open(link);
    await type(twice, 'Name', 'Grace');
    await type(twice, 'Password', PASSWORD);
    await press(twice, 'Create account');
    await says(twice, 'was used, has expired or was replaced');
    await twice.getByRole('link', { name: 'Sign up again' }).click();
    await says(twice, 'Your account comes with');
  });

  it('answer every known and unknown address alike', async () => {
    await it_.product.signUp('known@example.com');
    const shown: string[] = [];
    const page = await open('/');
    for (const email of ['known@example.com', 'nobody@example.com'])
      for (const [path, act] of [
        ['/sign-up', 'Continue'],
        ['/forgot', 'Mail me a link'],
        ['/reactivate', 'Mail me a link'],
      ] as const) {
        await page.goto(`${it_.product.origin}${path}`);
        await type(page, 'E-mail', email);
        await press(page, act);
        await says(page, `Check your mail at ${email}`);
        shown.push((await page.locator('#main').innerText()).replaceAll(email, '…').replaceAll(/\d+ s/g, '…'));
      }
    expect(shown.slice(0, 3)).toEqual(shown.slice(3));
  });

  it('ask for a second factor, which a recovery code stands in for, and lead to where one was going', async () => {
    const { secret, codes } = await withAuthenticator(await it_.product.signUp('second@example.com'));
    const page = await open('/keys?status=all');
    await page.waitForURL(/\/sign-in\?/);
    await signIn(page, 'second@example.com', 'another password here');
    await says(page, /address or the password is wrong/);
    await signIn(page, 'second@example.com');
    await says(page, 'second factor');
    await page.reload();
    await type(page, 'Six digits from your authenticator', '000 000');
    expect(await findings(page)).toEqual([]);
    await press(page, 'Continue');
    await says(page, /does not fit/);
    await type(page, 'Six digits from your authenticator', totp(secret, 1).replace(/^.../, '$& '));
    await press(page, 'Continue');
    await page.waitForURL(/\/keys\?status=all/);

    const other = await open('/sign-in');
    await signIn(other, 'second@example.com');
    await press(other, 'Use a recovery code');
    await type(other, 'Recovery code', (codes[0] ?? '').toUpperCase());
    await press(other, 'Continue');
    await isIn(other);
    expect((await it_.product.mail('second@example.com', /was used/)).text).toContain('9');
  });

  it('take a passkey by a button, from the address field, and as a second factor; never unverified', async () => {
    const who = await it_.product.signUp('key@example.com');
    const page = await it_.open('/keys', who);
    const key = await withPasskey(page);
    await page.context().clearCookies();
    await page.goto(`${it_.product.origin}/sign-in`);
    // Offered in the address field: the virtual authenticator takes the offer at once.
    await isIn(page);

    expect(await fromPage(page, 'PUT', '/v1/account/multi-factor', { enabled: true })).toMatchObject({ enabled: true });
    await page.context().clearCookies();
    await key.verified(false);
    await page.goto(`${it_.product.origin}/sign-in`);
    await press(page, 'Use a passkey');
    await page.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain(`rollcall-${it_.product.port}`);
    await signIn(page, 'key@example.com');
    await key.verified(true);
    await press(page, 'Use a passkey');
    await isIn(page);
  });

  it('join the invited, whoever they are: new, known, signed in, or somebody else', async () => {
    const owner = await it_.product.signUp('owner@example.com', 'Olga');
    const invite = async (email: string) => {
      await owner.visitor.post(`/v1/organizations/${owner.organizationId}/invitations`, { email, role: 'member' });
      return linkIn('/invitation', email, /invited/);
    };
    const fresh = await open(await invite('fresh@example.com'));
    await says(fresh, 'invites f…@e….com to be a member.');
    expect(await findings(fresh)).toEqual([]);
    await type(fresh, 'Name', 'Fred');
    await type(fresh, 'Password', PASSWORD);
    await press(fresh, 'Create account and join');
    await isIn(fresh);

    const carol = await it_.product.signUp('carol@example.com', 'Carol');
    const forCarol = await invite('carol@example.com');
    const bob = await it_.product.signUp('bob@example.com', 'Bob');
    const { secret } = await withAuthenticator(bob);
    const known = await it_.open(await invite('bob@example.com'), owner);
    await says(known, 'You are signed in as owner@example.com.');
    await press(known, 'Sign out and continue as b…@e….com');
    await says(known, 'This address has an account');
    await signIn(known, 'bob@example.com');
    await type(known, 'Six digits from your authenticator', totp(secret, 1));
    await press(known, 'Continue');
    await press(known, 'Join');
    await isIn(known);

    const direct = await it_.open(forCarol, carol);
    await press(direct, 'Join');
    await isIn(direct);
  });

  it('can be used at any width, in the dark, and by everybody', async () => {
    const page = await it_.open('/', undefined, { theme: 'dark', width: 320 });
    for (const path of ['/', '/sign-up', '/sign-in', '/forgot', '/reactivate', '/suspended', '/recovery#token=x']) {
      await page.goto(`${it_.product.origin}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect([path, await findings(page), await overflow(page)]).toEqual([path, [], 0]);
    }
    expect(it_.stopped).toEqual([]);
  });

  it('are framed by nobody, and run no script but ours', async () => {
    const page = await open('/sign-in');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const answer = await page.request.get(`${it_.product.origin}/sign-in`);
    const policy = answer.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const violated = page.evaluate<string>(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective));
      const script = document.createElement('script');
      try { script.textContent = 'document.title = "taken"'; document.body.append(script); } catch {}
    })`);
    expect(await violated).toMatch(/script-src|require-trusted-types-for/);
    expect(await page.title()).toContain('Sign in');
    it_.stopped.length = 0;
  });

  it('say when a sign-in has waited too long, and begin anew', async () => {
    await withAuthenticator(await it_.product.signUp('late@example.com'));
    const page = await open('/sign-in?to=%2Fprojects');
    await signIn(page, 'late@example.com');
    await says(page, 'second factor');
    await it_.product.advance(11 * MINUTE);
    await type(page, 'Six digits from your authenticator', '000 000');
    await press(page, 'Continue');
    await says(page, 'This sign-in has waited too long');
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.waitForURL(/\/sign-in\?to=/);
  });
});
