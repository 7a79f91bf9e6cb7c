import type { SignedUp } from '#testing';
import { ConsoleInBrowser, findings, overflow } from './console.fixture.ts';

/** API keys, from the first one to its end. */
describe('the page of API keys', () => {
  let it_: ConsoleInBrowser;
  let ada: SignedUp;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
    ada = await it_.product.signUp('ada@example.com', 'Ada Lovelace');
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());

  it('shows a secret once, sees its first call, and revokes it so that the next call is refused', async () => {
    const page = await it_.open('/keys', ada);
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill('laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    const secret = await page.getByRole('textbox', { name: 'The key' }).inputValue();
    expect(secret).toMatch(/^rck_/);
    expect(page.url()).not.toContain(secret.slice(4, 20));
    expect(await findings(page)).toEqual([]);

    const call = () => it_.product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${secret}` });
    expect((await call()).status).toBe(200);
    await page.getByText('First call received').waitFor();
    await page.getByRole('checkbox', { name: 'I stored it' }).check();
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('button', { name: 'Actions for laptop' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('No gateway accepts it any more').waitFor();
    expect((await call()).status).toBe(401);
    expect(it_.stopped).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });
});
