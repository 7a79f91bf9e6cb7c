import type { SignedUp } from '#testing';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser, findings, overflow } from './console.fixture.ts';

const LONG = 'W'.repeat(100);
const ANY_DIRECTION = 'مفتاح المختبر 🔑 実験室';

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

  const opened = (look = {}) => it_.open('/keys', ada, look);
  async function create(page: Page, name: string): Promise<string> {
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    return page.getByRole('textbox', { name: 'The key' }).inputValue();
  }
  const call = (secret: string) => it_.product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${secret}` });
  const made = async (name: string) =>
    (await ada.visitor.post('/v1/keys', { name, projectId: ada.projectId })).body as {
      key: { id: string };
      secret: string;
    };

  it('shows a secret once, sees its first call, and revokes it so that the next call is refused', async () => {
    const page = await opened();
    const secret = await create(page, 'laptop');
    expect(secret).toMatch(/^rck_/);
    expect(page.url()).not.toContain(secret.slice(4, 20));
    expect(await findings(page)).toEqual([]);

    expect((await call(secret)).status).toBe(200);
    await page.getByText('First call received').waitFor();
    await page.getByRole('checkbox', { name: 'I stored it' }).check();
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('button', { name: 'Actions for laptop' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText('No gateway accepts it any more').waitFor();
    expect((await call(secret)).status).toBe(401);
    expect(it_.stopped).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  it('holds a secret until it is stored: no Escape, no click beside it, no way back, no link leaves it', async () => {
    const page = await opened();
    for (const name of ['Jobs', 'API Keys']) await page.getByRole('link', { name, exact: true }).click();
    const secret = await create(page, 'held');
    const field = page.getByRole('textbox', { name: 'The key' });
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    await page.evaluate('history.back()');
    await page.getByText('Store the key first').waitFor();
    expect(await field.inputValue()).toBe(secret);
    expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    await page.reload({ timeout: 2_000 }).catch(() => undefined);
    expect(asked).toEqual(['beforeunload']);
    expect(await field.inputValue()).toBe(secret);

    await page.getByRole('button', { name: 'Copy the key' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret);
    const kept = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, history.state])',
    );
    expect(kept).not.toContain(secret.slice(-20));
  });

  it('says after a reload, and in a second tab, that the secret was shown once, and offers a rotation', async () => {
    const page = await opened();
    const secret = await create(page, 'reloaded');
    const address = new URL(page.url());
    const tab = await it_.another(page, address.pathname + address.search);
    await tab.getByText('The secret was shown once. Rotate the key to get a new one.').waitFor();
    expect(await tab.content()).not.toContain(secret.slice(-20));
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByText('The secret was shown once. Rotate the key to get a new one.').waitFor();
    await page.getByRole('button', { name: 'Rotate key' }).click();
    await page.getByRole('dialog').getByText('The old key works on for').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate key' }).click();
    expect(await page.getByRole('textbox', { name: 'The key' }).inputValue()).not.toBe(secret);
    expect((await call(secret)).status).toBe(200);
  });

  it('makes one key of a form that is sent again after the connection was lost, and says when its secret went with it', async () => {
    const page = await opened();
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill('dropped');
    await page.route('**/v1/keys', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      // It arrives, and its answer does not.
      await route.fetch();
      return route.abort('connectionreset');
    });
    const send = page.getByRole('dialog').getByRole('button', { name: 'Create key' });
    await send.click();
    await page.getByText('it is not known whether this was done').waitFor();
    await page.unroute('**/v1/keys');
    await page.getByRole('dialog').locator('button[type=submit]:not([disabled])').waitFor();
    await send.click();
    await page.getByText('The key was made but its secret was lost on the way').waitFor();
    const { body } = await ada.visitor.get('/v1/keys?find=dropped');
    expect(body.items).toHaveLength(1);
  });

  it('can be used by the keyboard alone: from the palette to a key that is stored', async () => {
    const page = await opened();
    await page.getByRole('heading', { name: 'API Keys' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search and commands' }).waitFor();
    await page.keyboard.type('create');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Create a key' }).waitFor();
    await page.keyboard.type('by-keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'The key' }).waitFor();
    for (let i = 0; i < 20; i++) {
      if ((await page.evaluate('document.activeElement.type')) === 'checkbox') break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('rowheader', { name: 'by-keyboard' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of the keyboard' }).waitFor();
  });

  it('rotates: the old key says until when it works, the new one works at once', async () => {
    const { key, secret } = await made('rotated');
    const page = await it_.open(`/keys/${key.id}`, ada);
    await page.getByRole('button', { name: 'Rotate key' }).click();
    await page.getByRole('radio', { name: '1 hour' }).check({ force: true });
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate key' }).click();
    const next = await page.getByRole('textbox', { name: 'The key' }).inputValue();
    await page.getByText('The old key works until').waitFor();
    expect([(await call(secret)).status, (await call(next)).status]).toEqual([200, 200]);
    await page.getByRole('checkbox', { name: 'I stored it' }).check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Replaced, works until').waitFor();
    await page.getByRole('link', { name: 'the newer key' }).waitFor();
  });

  it('revokes several at once, and leaves alone what was not picked', async () => {
    const keys = await Promise.all(['one', 'two', 'three'].map((name) => made(`many-${name}`)));
    const page = await opened();
    for (const name of ['many-one', 'many-two']) await page.getByRole('checkbox', { name: `Pick ${name}` }).check();
    await page.getByRole('button', { name: 'Revoke 2 keys…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke 2 keys' }).click();
    await page.getByText('No gateway accepts them any more').waitFor();
    expect(await Promise.all(keys.map(async ({ secret }) => (await call(secret)).status))).toEqual([401, 401, 200]);
  });

  it('finds among 500 keys, and shows names of any length, script and direction without breaking', async () => {
    const bob = await it_.product.signUp('bob@example.com', ANY_DIRECTION);
    const make = (name: string) => bob.visitor.post('/v1/keys', { name, projectId: bob.projectId });
    for (let i = 0; i < 500; i += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => make(`key ${i + n}`)));
    for (const name of [LONG, ANY_DIRECTION]) await make(name);
    for (const width of [1280, 320]) {
      const page = await it_.open('/keys', bob, { width });
      await page.getByText('200 keys').waitFor();
      expect(await overflow(page)).toBe(0);
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.getByText('400 keys').waitFor();
      await page.getByRole('searchbox').fill('key 7');
      await page.getByText(/^11 keys/).waitFor();
      expect(new URL(page.url()).searchParams.get('find')).toBe('key 7');
    }
  });

  it('shows times by the clock of the server, though that of the browser is an hour off', async () => {
    await made('timed');
    const page = await it_.open('/', ada);
    await page.clock.install({ time: Date.now() - 3_600_000 });
    await page.goto(`${it_.product.origin}/keys?find=timed`);
    const row = page.getByRole('row', { name: 'timed' });
    await row.waitFor();
    await page.getByRole('link', { name: 'timed' }).click();
    await page.getByText('just now').first().waitFor();
  });

  it('says in one sentence that it needs JavaScript', async () => {
    const page = await it_.open('/keys', ada, { javaScript: false });
    expect((await page.textContent('noscript'))?.trim()).toBe(
      'This console needs JavaScript, which is off in this browser. Turn it on and load the page again.',
    );
  });
});
