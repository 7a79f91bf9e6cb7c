import { PASSWORD, type SignedUp } from '#testing';
import type { Page, Route } from 'playwright-core';
import { ConsoleInBrowser, findings } from './console.fixture.ts';

/** The states that any page can be in, each by the component that all pages share. */
describe('a page', () => {
  let it_: ConsoleInBrowser;
  let ada: SignedUp;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
    ada = await it_.product.signUp('ada@example.com', 'Ada Lovelace');
    await ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId });
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());

  /** The page of keys, with what its list is answered. */
  async function answered(how: (route: Route) => Promise<void>): Promise<Page> {
    const page = await it_.open('/robots.txt', ada);
    await page.route('**/v1/keys?*', how);
    await page.goto(`${it_.product.origin}/keys`);
    return page;
  }
  const problem = (status: number, code: string, title: string) => ({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: '', title, status, detail: `Because of ${code}.`, code, requestId: 'request-7' }),
  });

  it('that loads shows the bones of what comes, and nothing moves when it is there', async () => {
    let come: () => void = () => undefined;
    const waits = new Promise<void>((done) => (come = done));
    const page = await answered(async (route) => {
      await waits;
      await route.fallback();
    });
    const bones = page.getByRole('status', { name: 'Keys are loading' });
    await bones.waitFor();
    const before = await bones.boundingBox();
    expect(await findings(page)).toEqual([]);
    come();
    const table = page.getByRole('table');
    await table.waitFor();
    expect((await table.boundingBox())?.y).toBe(before?.y);
  });

  it('that has nothing says what it would be, and one that finds nothing how all is shown again', async () => {
    const page = await it_.open('/keys?find=nothing-like-it', ada);
    await page.getByRole('heading', { name: 'No key matches' }).waitFor();
    await page.getByRole('link', { name: 'Show all keys' }).click();
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
    const bob = await it_.product.signUp('bob@example.com', 'Bob');
    const empty = await it_.open('/keys', bob);
    await empty.getByText('Create one to send your first job.').waitFor();
  });

  it('that fails says why, by which number somebody finds it, and tries again', async () => {
    let isBroken = true;
    const page = await answered((route) =>
      isBroken ? route.fulfill(problem(409, 'record/not-yet-here', 'It did not work')) : route.fallback(),
    );
    await page.getByRole('heading', { name: 'It did not work' }).waitFor();
    await page.getByText('Because of record/not-yet-here.').waitFor();
    await page.getByText('request-7').waitFor();
    expect(await findings(page)).toEqual([]);
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
  });

  it('that is for owners alone says who they are', async () => {
    const page = await answered((route) =>
      route.fulfill(problem(403, 'organization/owner-required', 'Only an owner may do this')),
    );
    await page.getByText('Owners: Ada Lovelace.').waitFor();
  });

  it('whose list does not show the newest change yet says so, and asks again by itself', async () => {
    let times = 0;
    const page = await answered(async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as object;
      await route.fulfill({ response: answer, json: times++ < 2 ? { ...body, stale: true } : body });
    });
    const word = page.getByText('Your change is saved; this list is catching up.');
    await word.waitFor();
    await word.waitFor({ state: 'detached' });
    expect(times).toBe(3);
  });

  it('without a connection shows what was here, lets nobody write, and recovers by itself', async () => {
    const page = await it_.open('/keys', ada);
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
    await page.context().setOffline(true);
    await page.getByText(/^No connection. Showing what was here at \d\d:\d\d\.$/).waitFor();
    await page.locator('button:disabled', { hasText: 'Create key' }).waitFor();
    expect(await page.getByRole('rowheader', { name: 'laptop' }).isVisible()).toBe(true);
    expect(await findings(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByText('No connection').waitFor({ state: 'detached' });
    await page.locator('button:enabled', { hasText: 'Create key' }).waitFor();
  });

  it('takes no answer of before for a sign that the connection is back', async () => {
    const page = await it_.open('/keys', ada);
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
    let come: () => void = () => undefined;
    const waits = new Promise<void>((done) => (come = done));
    await page.route('**/v1/keys?*status=all*', async (route) => {
      await waits;
      await route.fulfill({ json: { items: [], next: null } });
    });
    const asked = page.waitForRequest('**/v1/keys?*status=all*');
    await page.getByRole('radio', { name: 'All', exact: true }).click({ force: true });
    await asked;
    await page.context().setOffline(true);
    await page.getByText(/^No connection/).waitFor();
    come();
    await page.getByText('Create one to send your first job.').waitFor();
    expect(await page.getByText(/^No connection/).isVisible()).toBe(true);
    await page.locator('button:disabled', { hasText: 'Create key' }).first().waitFor();
  });

  it('whose session ends in the middle of a form comes back to it with what was typed, but for secrets', async () => {
    const page = await it_.open('/keys', ada);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('half-typed');
    const elsewhere = it_.product.visitor();
    await elsewhere.post('/v1/sessions', { email: 'ada@example.com', password: PASSWORD });
    await elsewhere.post('/v1/sessions/end-others');
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Your session has ended.').waitFor();
    await page.getByRole('textbox', { name: 'E-mail' }).fill('ada@example.com');
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name' });
    await name.waitFor();
    expect(await name.inputValue()).toBe('half-typed');
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).not.toContain('half-typed');
    ada.visitor.cookies.clear();
    for (const [cookie, value] of elsewhere.cookies) ada.visitor.cookies.set(cookie, value);
  });

  it('of before an upgrade, whose files are there no more, loads anew where somebody goes on', async () => {
    const page = await it_.open('/keys', ada);
    await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
    let isGone = true;
    await page.route(/assets\/(settings-page|create-key)-.*\.js$/, (route) =>
      isGone ? route.fulfill({ status: 404, body: 'gone' }) : route.fallback(),
    );
    page.on('load', () => (isGone = false));
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('dialog', { name: 'Create a key' }).waitFor();
    expect(isGone).toBe(false);
  });

  it('of an account that is suspended leads to why, and how it comes back', async () => {
    const page = await answered((route) =>
      route.fulfill(problem(403, 'account/suspended', 'The account is suspended')),
    );
    await page.waitForURL('**/suspended*');
  });
});
