import type { SignedUp } from '#testing';
import type { Page } from 'playwright-core';
import { ConsoleInBrowser, findings } from './console.fixture.ts';

const MINUTE = 60;
const QUESTION = 'Are you still there?';

/** A session that ends without its person, in two tabs of a browser. Both clocks are moved: the installation's, and that of each tab. */
describe('a session that nobody uses', () => {
  let console_: ConsoleInBrowser;
  let people = 0;

  beforeAll(async () => {
    console_ = await ConsoleInBrowser.start();
  });
  afterEach(async () => {
    expect(console_.stopped).toEqual([]);
    await console_.closeAll();
  });
  afterAll(() => console_.dispose());

  /** Somebody whose sessions end, in two tabs whose timers stand still until they are moved. */
  async function begin(path: string): Promise<{ as: SignedUp; here: Page; there: Page }> {
    const as = await console_.product.signUp(`idle-${(people += 1)}@example.com`);
    await as.visitor.put('/v1/account/idle-timeout', { enabled: true });
    const here = await console_.open('/livez', as);
    await here.clock.install();
    await here.goto(`${console_.product.origin}${path}`);
    const there = await console_.another(here, '/keys');
    for (const tab of [here, there]) await tab.getByRole('heading', { level: 1 }).waitFor();
    return { as, here, there };
  }
  /** The tabs of a browser have one clock. */
  async function pass(seconds: number, { clock }: Page) {
    await console_.product.advance(seconds);
    await clock.fastForward(seconds * 1_000);
  }
  const asked = (tab: Page) => tab.getByRole('dialog', { name: QUESTION });
  const stay = (tab: Page) => tab.getByRole('button', { name: 'Stay signed in' }).click();

  it('is asked about two minutes before, in every tab, and stays in all when somebody answers in one', async () => {
    const { here, there } = await begin('/settings');
    await pass(27 * MINUTE, here);
    expect(await asked(here).isVisible()).toBe(false);
    await pass(MINUTE + 5, here);
    await asked(here).waitFor();
    await asked(there).waitFor();
    await here.getByText(/You will be signed out at \d\d:\d\d\./).waitFor();
    expect(await here.locator(':focus').textContent()).toBe('Stay signed in');
    expect(await findings(here)).toEqual([]);
    await stay(there);
    await asked(there).waitFor({ state: 'detached' });
    await asked(here).waitFor({ state: 'detached' });
    await pass(27 * MINUTE, here);
    await here.getByRole('heading', { name: 'Account Settings' }).waitFor();
  });

  it('is announced at two minutes, one, and 20 seconds', async () => {
    const { here } = await begin('/keys');
    await pass(28 * MINUTE + 5, here);
    await asked(here).waitFor();
    await here.getByRole('alert').getByText('Two minutes left.').waitFor();
    for (const [seconds, said] of [
      [60, 'One minute left.'],
      [38, '20 seconds left.'],
    ] as const) {
      await pass(seconds, here);
      await here.getByRole('alert').getByText(said).waitFor();
    }
  });

  it('is not prolonged by looking, and ends in both tabs; what was typed comes back after signing in', async () => {
    const { as, here, there } = await begin('/keys?create=true');
    const name = here.getByRole('textbox', { name: 'Name' });
    await name.fill('nightly-calibration');
    await pass(28 * MINUTE + 5, here);
    await asked(here).waitFor();
    // Looking goes on in the background while the question stands there.
    await there.evaluate("fetch('/v1/sessions/current').then((answer) => answer.status)");
    await pass(2 * MINUTE + 5, here);
    for (const tab of [here, there]) await tab.getByText('Your session has ended').waitFor();
    expect((await as.visitor.get('/v1/account')).status).toBe(401);
    expect(await here.evaluate('JSON.stringify({ ...sessionStorage })')).toContain('nightly-calibration');

    await here.getByLabel('E-mail').fill(`idle-${people}@example.com`);
    await here.getByRole('button', { name: 'Continue' }).click();
    await here.getByLabel('Password', { exact: true }).fill('a long walk in the rain');
    await here.getByRole('button', { name: 'Sign in', exact: true }).click();
    await name.waitFor();
    expect(await name.inputValue()).toBe('nightly-calibration');
  });

  it('is kept by whoever types or clicks, at most once a minute', async () => {
    const { here } = await begin('/keys');
    const touches: string[] = [];
    here.on('request', (request) => {
      if (request.url().endsWith('/current/touch')) touches.push(request.url());
    });
    for (let minute = 0; minute < 4; minute += 1) {
      await pass(10 * MINUTE, here);
      await here.keyboard.press('Shift');
      await here.keyboard.press('Shift');
      await here.waitForLoadState('networkidle');
    }
    expect(touches).toHaveLength(4);
    expect(await asked(here).isVisible()).toBe(false);
    await here.getByRole('heading', { name: 'API Keys' }).waitFor();
  });

  it('is left in every tab by whoever signs out in one', async () => {
    const { here, there } = await begin('/keys');
    await here.getByRole('button', { name: /theme, times and sign out/ }).click();
    await here.getByRole('menuitem', { name: 'Sign out' }).click();
    for (const tab of [here, there]) await tab.waitForURL(/\/sign-in/);
    expect(new URL(here.url()).search).toBe('');
  });
});
