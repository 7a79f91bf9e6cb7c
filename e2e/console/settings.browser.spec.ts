import { PASSWORD, type SignedUp } from '#testing';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser, findings, type Look, overflow } from './console.fixture.ts';

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

  it.each<Look>([
    { theme: 'light', width: 1280 },
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
    await Promise.all([
      page.waitForResponse((answer) => answer.url().endsWith('/idle-timeout') && answer.ok()),
      toggle(page, 'Session time-out').click(),
    ]);
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

  it('tells until when the account stays active, and on which days it was', async () => {
    const kit = await console_.product.signUp('kit@example.com', 'Kit');
    const { body } = await kit.visitor.get('/v1/account/inactivity');
    const page = await open('/settings#inactivity', kit);
    const until = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    await page.getByText(until.format(new Date(String(body.dueAt)))).waitFor();
    await page.getByRole('img', { name: 'Active on 1 of the last 180 days' }).waitFor();
    await page.getByRole('img', { name: /a warning would be mailed on/ }).waitFor();
    await page.getByText('The days as a table').click();
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2);
    expect(await findings(page)).toEqual([]);
  });

  it('says once, after a warning, until when the account stays active', async () => {
    await console_.product.signUp('jan@example.com', 'Jan');
    await console_.product.advance(167 * 86_400);
    await console_.product.mail('jan@example.com', /inactivity/i);
    const page = await console_.open('/sign-in');
    await page.getByRole('textbox', { name: 'E-mail' }).fill('jan@example.com');
    await press(page, 'Continue');
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    await page.waitForURL(/\/welcome-back/);
    await page.getByText(/^Your account stays active until \d+ \p{L}+ \d{4}\.$/u).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.reload();
    await page.getByText('Your account is active.').waitFor();
    await page.getByRole('link', { name: 'Go to API Keys' }).click();
    await page.getByRole('heading', { name: 'API Keys' }).waitFor();
  });
});
