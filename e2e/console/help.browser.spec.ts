import type { SignedUp } from '#testing';
import { ConsoleInBrowser, findings, type Look, overflow } from './console.fixture.ts';

const PAGES = [
  ['/help/account', 'How to manage your account'],
  ['/help/api-keys', 'How to store and use API keys'],
] as const;

/** What each paragraph says is shown true by the tests that `help.spec.ts` names. */
describe('the manual for account holders', () => {
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

  it.each<Look>([
    { theme: 'light', width: 1280 },
    { theme: 'dark', width: 360 },
    { theme: 'light', width: 320, height: 256 },
  ])('can be read by everybody, signed in or not: %j', async (look) => {
    for (const [path, title] of PAGES) {
      const page = await console_.open(path, undefined, look);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await page.getByRole('link', { name: 'Sign in' }).waitFor();
      expect(await findings(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
    }
  });

  it('has an address for each question, and the way back', async () => {
    const page = await console_.open('/help', ada);
    await page.waitForURL(/\/help\/account$/);
    await page.goto(`${console_.product.origin}/help/api-keys#store`);
    await page.getByRole('heading', { name: 'Store a key safely' }).waitFor();
    await page.waitForFunction("document.querySelector('#store').getBoundingClientRect().top < 200");
    await page.getByRole('link', { name: 'Back to the console' }).click();
    await page.getByRole('link', { name: 'How to store keys safely' }).click();
    await page.getByRole('heading', { name: 'Store a key safely' }).waitFor();
  });

  it('is met where one needs it: at signing in, in settings, in the menu of one’s person, and beside a new key', async () => {
    const stranger = await console_.open('/sign-in');
    await stranger.getByRole('link', { name: 'Help' }).click();
    await stranger.waitForURL(/\/help\/account$/);

    const page = await console_.open('/keys', ada);
    await page.getByRole('button', { name: /theme, times and sign out/ }).click();
    await page.getByRole('menuitem', { name: 'Help' }).click();
    await page.waitForURL(/\/help\/account$/);
    await page.goto(`${console_.product.origin}/settings`);
    await page.getByRole('link', { name: 'How inactivity is counted' }).click();
    await page.waitForURL(/\/help\/account#inactivity$/);
    await page.goto(`${console_.product.origin}/keys?create=true`);
    await page.getByRole('textbox', { name: 'Name' }).fill('laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const [tab] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('dialog').getByRole('link', { name: 'How to store keys safely' }).click(),
    ]);
    await tab.getByRole('heading', { name: 'Store a key safely' }).waitFor();
    await page.getByRole('textbox', { name: 'The key' }).waitFor();
  });
});
