import { PASSWORD, tokenIn } from '#testing';
import { ConsoleInBrowser } from './console.fixture.ts';

const DAY = 86_400;

/** docs/flows/the-story.md, as somebody takes it who has nothing but a browser and a terminal. */
describe('the first story', () => {
  let it_: ConsoleInBrowser;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
  });
  afterAll(() => it_.dispose());

  it('goes from sign-up to a call, a key that is revoked, a suspension, and back', async () => {
    const page = await it_.open('/');
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const type = (field: string, text: string) => page.getByRole('textbox', { name: field, exact: true }).fill(text);
    const call = (secret: string) => it_.product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${secret}` });
    const mailed = async (path: string, subject: RegExp) => {
      const token = tokenIn(await it_.product.mail('ada@example.com', subject));
      await page.goto(`${it_.product.origin}${path}#token=${token}`);
      await page.waitForURL((url) => !url.href.includes(token));
    };

    await page.goto(`${it_.product.origin}/sign-up`);
    await type('E-mail', 'ada@example.com');
    await press('Continue');
    await page.getByText('Check your mail').first().waitFor();
    await mailed('/verify', /./);
    await type('Name', 'Ada Lovelace');
    await type('Password', PASSWORD);
    await page.keyboard.press('Enter');

    // The first page is the dialog, with the name to type.
    await page.getByRole('dialog', { name: 'Create a key' }).waitFor();
    await page.keyboard.type('laptop');
    await page.keyboard.press('Enter');
    const secret = await page.getByRole('textbox', { name: 'The key' }).inputValue();
    expect((await call(secret)).status).toBe(200);
    await page.getByText('First call received').waitFor();
    await page.getByRole('checkbox', { name: 'I stored it' }).check();
    await press('Done');

    await page.getByRole('button', { name: 'Actions for laptop' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await press('Revoke key');
    await page.getByText('No gateway accepts it any more').waitFor();
    expect((await call(secret)).status).toBe(401);
    await press('Done');

    await it_.product.advance(167 * DAY);
    await it_.product.mail('ada@example.com', /inactiv|suspend/i);
    await it_.product.advance(15 * DAY);
    await it_.product.mail('ada@example.com', /was suspended/);
    await page.goto(`${it_.product.origin}/keys`);
    await type('E-mail', 'ada@example.com');
    await press('Continue');
    await type('Password', PASSWORD);
    await press('Sign in');
    await page.getByText('Nobody used it for 180 days.').waitFor();
    await page.getByRole('link', { name: 'Bring my account back' }).click();
    await press('Mail me a link');
    await mailed('/reactivate', /back/i);
    await type('Password', PASSWORD);
    await press('Bring my account back');
    await page.getByRole('link', { name: 'API Keys', exact: true }).first().waitFor();
    expect(it_.stopped).toEqual([]);
  });
});
