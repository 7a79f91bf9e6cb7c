import { PASSWORD, type SignedUp, tokenIn } from '#testing';
import { HOTP, Secret } from 'otpauth';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser, findings, type Look, overflow } from './console.fixture.ts';

/** A virtual authenticator that says yes at once. */
async function withAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

describe('the page of account settings', () => {
  let console_: ConsoleInBrowser;
  let ada: SignedUp;

  beforeAll(async () => {
    console_ = await ConsoleInBrowser.start();
    ada = await console_.product.signUp('ada@example.com', 'Ada Lovelace');
  });
  afterEach(async () => {
    expect(console_.stopped).toEqual([]);
    await console_.closeAll();
  });
  afterAll(() => console_.dispose());

  const open = (path: string, as = ada, look: Look = {}) => console_.open(path, as, look);
  const toggle = (page: Page, name: string) => page.getByRole('switch', { name });
  const named = (page: Page) => page.getByRole('textbox', { name: 'Name' });
  const closed = (page: Page, title: RegExp) =>
    page.getByRole('dialog', { name: title }).waitFor({ state: 'detached' });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  /** Six digits that were not used yet: of this half minute, or of one beside it. */
  const totp = (secret: string, step = 0) =>
    HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) + step });

  it.each<Look>([
    { theme: 'light', width: 1280 },
    { theme: 'dark', width: 1280 },
    { theme: 'light', width: 360 },
    { theme: 'dark', width: 360 },
    { theme: 'light', width: 320, height: 256 },
  ])('can be used by everybody: %j', async (look) => {
    const page = await open('/settings', ada, look);
    await page.getByText('Your account stays active until').waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await toggle(page, 'Multi-factor authentication').click();
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  it('renames the person, everywhere at once', async () => {
    const page = await open('/settings#profile');
    await press(page, 'Edit name');
    await named(page).fill('Ada King');
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Ada King' }).waitFor();
    await page.getByRole('button', { name: 'Ada King: theme, times and sign out' }).waitFor();
    await page.goBack();
    expect(new URL(page.url()).search).toBe('');
  });

  it('asks for another address with a proof, and takes the wish back', async () => {
    const gus = await console_.product.signUp('gus@example.com', 'Gus');
    await console_.product.advance(16 * 60);
    const page = await open('/settings', gus);
    await press(page, 'Change e-mail address');
    await page.getByLabel('New e-mail address').fill('gus@elsewhere.example');
    await press(page, 'Send the link');
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, 'Confirm');
    await page.getByText('The change to gus@elsewhere.example waits').waitFor();
    await console_.product.mail('gus@elsewhere.example', /./);
    await press(page, 'Cancel the change');
    await page.getByText('The change to gus@elsewhere.example waits').waitFor({ state: 'detached' });
  });

  it('changes the password: says the rule as one types, what is wrong at its field, and ends other sessions', async () => {
    const bea = await console_.product.signUp('bea@example.com', 'Bea');
    const elsewhere = console_.product.visitor();
    await elsewhere.post('/v1/sessions', { email: 'bea@example.com', password: PASSWORD });
    const page = await open('/settings', bea);
    await press(page, 'Change password');
    await page.getByLabel('Present password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByText('15 characters or more: 10 to go').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('New password', { exact: true }).and(page.locator('[aria-invalid]')).waitFor();
    await page.getByLabel('New password', { exact: true }).fill('a short ride over the hill');
    await page.getByText('Long enough').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
    await closed(page, /Change your password/);
    expect((await elsewhere.get('/v1/account')).status).toBe(401);
  });

  it('turns multi-factor authentication on by an authenticator app and off again; the codes cannot be lost', async () => {
    const cyd = await console_.product.signUp('cyd@example.com', 'Cyd');
    const page = await open('/settings', cyd, { theme: 'dark' });
    await toggle(page, 'Multi-factor authentication').click();
    await page.getByRole('button', { name: /^Authenticator app/ }).click();
    await press(page, 'Continue');
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await findings(page)).toEqual([]);
    const secret = (await page.getByText(/^([A-Z2-7]{4} ?){8}$/).textContent())?.replaceAll(' ', '') ?? '';
    await page.getByLabel('First code').fill('000000');
    await press(page, 'Add');
    await page
      .getByRole('alert')
      .getByText(/does not fit/)
      .waitFor();
    await page.getByLabel('First code').fill(totp(secret, -1));
    await press(page, 'Add');

    const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    expect(await codes.count()).toBe(10);
    expect(await findings(page)).toEqual([]);
    const first = (await codes.first().textContent()) ?? '';
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    await page.goBack();
    await page.getByText('Store the codes first').waitFor();
    expect(await codes.count()).toBe(10);
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])'),
    ).not.toContain(first);
    expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: 'I stored them' }).check();
    await press(page, 'Done');
    await page.getByText('10 of 10 are left').waitFor();
    expect(await toggle(page, 'Multi-factor authentication').isChecked()).toBe(true);

    await press(page, 'Make new codes');
    await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    await codes.first().waitFor();
    expect(await codes.first().textContent()).not.toBe(first);
    await page.getByRole('checkbox', { name: 'I stored them' }).check();
    await press(page, 'Done');

    await page.getByRole('button', { name: 'Actions for Authenticator app' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('It is the last factor').waitFor();
    await press(page, 'Keep it');

    await console_.product.advance(16 * 60);
    await toggle(page, 'Multi-factor authentication').click();
    await press(page, 'Turn off');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Code of your authenticator app').fill(totp(secret, 0));
    await press(page, 'Confirm');
    await closed(page, /Turn off/);
    expect(await toggle(page, 'Multi-factor authentication').isChecked()).toBe(false);
  });

  it('adds a passkey, renames it, turns multi-factor authentication on by it, and removes it', async () => {
    const dot = await console_.product.signUp('dot@example.com', 'Dot');
    const page = await open('/settings', dot);
    await withAuthenticator(page);
    await press(page, 'Add a passkey');
    await named(page).fill('This laptop');
    await press(page, 'Continue');
    await page.getByRole('heading', { name: 'This laptop' }).waitFor();
    await page.getByRole('button', { name: 'Actions for This laptop' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await named(page).fill('Work laptop');
    await press(page, 'Save');
    await page.getByRole('heading', { name: 'Work laptop' }).waitFor();

    await toggle(page, 'Multi-factor authentication').click();
    await page.getByText('You have “Work laptop”').waitFor();
    await press(page, 'Turn on');
    await page.getByRole('checkbox', { name: 'I stored them' }).check();
    await press(page, 'Done');
    await toggle(page, 'Multi-factor authentication').and(page.locator(':checked')).waitFor();
    await toggle(page, 'Multi-factor authentication').click();
    await press(page, 'Turn off');
    await closed(page, /Turn off/);

    await page.getByRole('button', { name: 'Actions for Work laptop' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await press(page, 'Remove');
    await page.getByRole('heading', { name: 'Work laptop', exact: true }).waitFor({ state: 'detached' });
  });

  it('switches the session time-out, and shows and ends sessions', async () => {
    const eve = await console_.product.signUp('eve@example.com', 'Eve');
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const visitor = console_.product.visitor();
        await visitor.post(
          '/v1/sessions',
          { email: 'eve@example.com', password: PASSWORD },
          { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' },
        );
        return visitor;
      }),
    );
    const signedOut = async () =>
      (await Promise.all(others.map((each) => each.get('/v1/account')))).filter(({ status }) => status === 401).length;
    const page = await open('/settings#sessions', eve);
    await toggle(page, 'Session time-out').click();
    await page.waitForResponse((answer) => answer.url().endsWith('/idle-timeout') && answer.ok());
    expect((await eve.visitor.get('/v1/account')).body.idleTimeout.enabled).toBe(true);
    await page.getByRole('heading', { name: 'This browser Now' }).waitFor();
    await page.getByRole('button', { name: 'End the session of Firefox on Linux' }).first().click();
    await page.getByText('1 session has ended.').waitFor();
    expect(await signedOut()).toBe(1);
    await press(page, 'End all other sessions');
    await page.getByText('2 sessions have ended.').waitFor();
    expect(await signedOut()).toBe(3);
    expect(await page.getByRole('button', { name: /End the session of/ }).count()).toBe(0);
  });

  it('names who demands the time-out and the second factor, and locks what may not be turned', async () => {
    const fay = await console_.product.signUp('fay@example.com', 'Fay');
    const path = `/v1/organizations/${fay.organizationId}`;
    await fay.visitor.put(`${path}/name`, { name: 'Meridian Labs' });
    await fay.visitor.put(`${path}/idle-timeout`, { required: true });
    const page = await open('/settings', fay);
    await page.getByText('Meridian Labs requires it').waitFor();
    expect(await toggle(page, 'Session time-out').isDisabled()).toBe(true);
    expect(await toggle(page, 'Session time-out').isChecked()).toBe(true);
    await page.getByText('Meridian Labs does not use it').waitFor();
  });

  it('leads whoever lacks a second factor that an organization asks for to where it is set up, and frees them then', async () => {
    const { product } = console_;
    const hal = await product.signUp('hal@example.com', 'Hal');
    const at = `/v1/organizations/${hal.organizationId}`;
    await hal.visitor.put(`${at}/name`, { name: 'Analytical Engines' });
    const { body: phone } = await hal.visitor.post('/v1/account/authenticators', { name: 'Phone' });
    await hal.visitor.post(`/v1/account/authenticators/${phone.id as string}/confirm`, { code: totp(phone.secret) });
    const ida = await product.signUp('ida@example.com', 'Ida');
    await hal.visitor.post(`${at}/invitations`, { email: 'ida@example.com' });
    const token = tokenIn(await product.mail('ida@example.com', /invited/));
    await ida.visitor.post('/v1/invitations/accept', { token });
    expect((await hal.visitor.put(`${at}/second-factor`, { required: true })).body).toMatchObject({ enforced: true });
    const before = await open('/settings', ida);
    await before.getByText('Analytical Engines asks for it.').waitFor();

    await product.advance(7 * 86_400 + 60);
    const page = await open('/keys', ida);
    await page.waitForURL(/\/settings/);
    await page.getByText('Analytical Engines asks for a second factor.').waitFor();
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['Sign-in', 'Sessions']);
    expect(await findings(page)).toEqual([]);
    await toggle(page, 'Multi-factor authentication').click();
    await page.getByRole('button', { name: /^Authenticator app/ }).click();
    await press(page, 'Continue');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Confirm');
    const secret = (await page.getByText(/^([A-Z2-7]{4} ?){8}$/).textContent())?.replaceAll(' ', '') ?? '';
    await page.getByLabel('First code').fill(totp(secret));
    await press(page, 'Add');
    await page.getByRole('checkbox', { name: 'I stored them' }).check();
    await press(page, 'Done');
    await page.getByText('Your account stays active until').waitFor();
    expect(await toggle(page, 'Multi-factor authentication').isDisabled()).toBe(true);
    await page.getByText('Analytical Engines asks for it, so it stays on.').waitFor();
  });

  it('tells until when the account stays active, and on which days it was', async () => {
    const { body } = await ada.visitor.get('/v1/account/inactivity');
    const page = await open('/settings#inactivity');
    const until = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    await page.getByText(until.format(new Date(String(body.dueAt)))).waitFor();
    await page.getByRole('img', { name: 'Active on 1 of the last 180 days' }).waitFor();
    await page.getByRole('img', { name: /a warning would be mailed on/ }).waitFor();
    await page.getByText('The days as a table').click();
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2);
    expect(await findings(page)).toEqual([]);
  });

  it('says once, after a warning, until when the account stays active', async () => {
    const page = await open('/keys');
    await page.evaluate("sessionStorage.setItem('rollcall-welcome', '2027-07-04T00:00:00Z')");
    await page.goto(`${console_.product.origin}/welcome-back`);
    await page.getByText('Your account stays active until 4 July 2027.').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.reload();
    await page.getByText('Your account is active.').waitFor();
    await page.getByRole('link', { name: 'Go to API Keys' }).click();
    await page.getByRole('heading', { name: 'API Keys' }).waitFor();
  });
});
