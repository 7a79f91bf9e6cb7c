import { PASSWORD, type SignedUp, tokenIn } from '#testing';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser, findings, type Look } from './console.fixture.ts';
import { totp } from './ways.fixture.ts';

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

/** docs/flows: second-factor.md, passkey.md, what-an-organization-asks.md, on the page of account settings. */
describe('second factors in account settings', () => {
  let console_: ConsoleInBrowser;

  beforeAll(async () => {
    console_ = await ConsoleInBrowser.start();
  });
  afterEach(async () => {
    expect(console_.stopped).toEqual([]);
    await console_.closeAll();
  });
  afterAll(() => console_.dispose());

  const open = (path: string, as: SignedUp, look: Look = {}) => console_.open(path, as, look);
  const toggle = (page: Page, name: string) => page.getByRole('switch', { name });
  const named = (page: Page) => page.getByRole('textbox', { name: 'Name' });
  const closed = (page: Page, title: RegExp) =>
    page.getByRole('dialog', { name: title }).waitFor({ state: 'detached' });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

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
    await page.getByLabel('First code').fill(totp(secret));
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
    await page.getByLabel('Code of your authenticator app').fill(totp(secret, 1));
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
});
