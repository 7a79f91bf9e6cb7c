import { PASSWORD } from '#testing';
import type { Route } from 'playwright-core';
import { ConsoleInBrowser } from './console.fixture.ts';
import { isIn, linkTo, press, says, signIn, type } from './ways.fixture.ts';

/** Connections that break, clocks that are wrong, browsers without scripts. */
describe('the ways in, where things are not as they should be,', () => {
  let it_: ConsoleInBrowser;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());
  const open = (path: string) => it_.open(path);

  it('carry a write out once, and say so, when its answer is lost on the way', async () => {
    await it_.product.visitor().post('/v1/sign-ups', { email: 'slow@example.com' });
    const page = await open(await linkTo(it_, '/verify', 'slow@example.com', /./));
    await type(page, 'Name', 'Sloe');
    await type(page, 'Password', PASSWORD);
    const lose = (how: (route: Route) => Promise<unknown>) => page.route('**/v1/sign-ups/verify', how, { times: 1 });
    const unknown = page.getByText('it is not known whether this was done');
    await lose((route) => route.abort());
    await press(page, 'Create account');
    await unknown.waitFor();
    await page.getByRole('button', { name: 'Create account', disabled: false }).waitFor();
    // This time it reaches the server, and the answer is lost.
    const reached = Promise.withResolvers<void>();
    await lose(async (route) => {
      await route.fetch();
      await route.abort();
      reached.resolve();
    });
    await press(page, 'Create account');
    await reached.promise;
    await unknown.waitFor();
    // Not even its cookie has come.
    await page.context().clearCookies();
    await press(page, 'Create account');
    await says(page, 'The connection broke before the answer came');
    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await signIn(page, 'slow@example.com');
    await isIn(page);
  });

  it('say of every write whose answer was lost that it is not known, and send it again', async () => {
    const page = await open('/sign-up');
    for (const [path, act, then] of [
      ['/sign-up', 'Continue', 'Check your mail'],
      ['/forgot', 'Mail me a link', 'Check your mail'],
      ['/reactivate', 'Mail me a link', 'Check your mail'],
      ['/sign-in', 'Continue', 'Forgot the password?'],
      ['/recovery#token=none', 'Ask for my factors to be removed', 'The connection broke before the answer came'],
      ['/recovery/cancel#token=none', 'It was not me: keep them', 'The connection broke before the answer came'],
      ['/sso-link#token=none', 'Finish signing in', 'The connection broke before the answer came'],
    ] as const) {
      await page.goto(`${it_.product.origin}${path}`);
      const button = page.getByRole('button', { name: act, exact: true });
      await button.waitFor();
      if (!path.includes('#')) await type(page, 'E-mail', 'lossy@example.com');
      const isWrite = (url: URL) => url.pathname.startsWith('/v1/') && !url.pathname.includes('passkey');
      await page.route(isWrite, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
      await button.click();
      await says(page, 'it is not known whether this was done');
      await page.unroute(isWrite);
      await button.click();
      await says(page, then);
    }
    await page.goto(`${it_.product.origin}/sign-up`);
    const button = page.getByRole('button', { name: 'Continue' });
    await button.waitFor();
    await page.context().setOffline(true);
    await says(page, 'No connection.');
    expect(await button.isDisabled()).toBe(true);
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Continue', disabled: false }).waitFor();
  });

  it('work in a browser whose clock is an hour off, and say what is missing in one without scripts', async () => {
    for (const ahead of [3_600_000, -3_600_000]) {
      const page = await open('/sign-up');
      await page.clock.install({ time: Date.now() + ahead });
      await page.reload();
      await type(page, 'E-mail', `clock${String(ahead > 0)}@example.com`);
      await press(page, 'Continue');
      await page.getByRole('button', { name: /^Send again in (60|5\d) s$/ }).waitFor();
      await page.clock.runFor(61_000);
      await press(page, 'Send again');
      await says(page, 'Sent again.');
    }
    const bare = await it_.open('/sign-in', undefined, { javaScript: false });
    expect(await bare.locator('noscript').innerText()).toContain('This console needs JavaScript');
  });
});
