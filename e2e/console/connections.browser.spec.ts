import { type DnsServer, dnsServer, LyingProvider, type SignedUp } from '#testing';
import { ConsoleInBrowser } from './console.fixture.ts';
import { flaws } from './organization.fixture.ts';

const DOMAIN = 'acme.example';

/** Single sign-on, set up from the first step to the last. */
describe('the steps of single sign-on', () => {
  let dns: DnsServer;
  let provider: LyingProvider;
  let it_: ConsoleInBrowser;
  let ada: SignedUp;

  beforeAll(async () => {
    [dns, provider] = [await dnsServer(), await LyingProvider.start()];
    it_ = await ConsoleInBrowser.start({ SSO_DNS_SERVERS: dns.address, SSO_PRIVATE_HOSTS: provider.host });
    ada = await it_.product.signUp(`ada@${DOMAIN}`, 'Ada Lovelace');
  });
  afterEach(() => it_.closeAll());
  afterAll(async () => {
    await it_.dispose();
    await provider.close();
    await dns.stop();
  });

  it('prove a domain, connect and test a provider, say whom it meets, and turn it on', async () => {
    const page = await it_.open('/organization/single-sign-on', ada);
    await page.getByRole('button', { name: 'Set up single sign-on' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Acme login');
    await page.getByRole('dialog').getByRole('button', { name: 'Set up single sign-on' }).click();

    // The record is found by itself once it stands in DNS.
    await page.getByRole('button', { name: 'Claim domain' }).click();
    await page.getByRole('textbox', { name: 'Domain' }).fill(DOMAIN);
    await page.getByRole('dialog').getByRole('button', { name: 'Claim domain' }).click();
    await page.getByText('Looking for the record').waitFor();
    expect(await flaws(page)).toEqual([]);
    const [record = '', value = ''] = await page.locator('dd code').allTextContents();
    dns.answers.set(record, [value]);
    await page.getByText('A domain is proved.').waitFor();

    await page.getByRole('link', { name: 'Continue: Provider' }).click();
    await page.getByRole('radio', { name: 'Google' }).check();
    expect(await page.getByRole('radio', { name: 'OpenID Connect' }).count()).toBe(0);
    await page.getByRole('radio', { name: 'Other' }).check();
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Issuer' }).fill(provider.issuer);
    await page.getByRole('textbox', { name: 'Client ID' }).fill(LyingProvider.CLIENT.clientId);
    await page.getByLabel('Client secret', { exact: true }).fill(LyingProvider.CLIENT.clientSecret);
    await page.getByRole('button', { name: 'Save and test' }).click();

    // First as somebody whose address lies elsewhere: the check is named, with what to do.
    await signInAs(page, { sub: 'ada', email: 'ada@elsewhere.example', email_verified: true });
    await page.goto(page.url().replace(/\/sso\/([^/]+)\/.*/, '/organization/single-sign-on/$1/test'));
    await page.getByText('Claim and prove the domain').waitFor();
    expect(await flaws(page)).toEqual([]);
    await signInAs(page, { sub: 'ada', email: `ada@${DOMAIN}`, email_verified: true });
    await page.getByText('A test is good for 24 hours').waitFor();

    await page.getByRole('link', { name: 'Continue: People' }).click();
    await page.getByText('1 password stops working').waitFor();
    await page.getByText('Break-glass: nobody').waitFor();
    expect(await flaws(page)).toEqual([]);

    await page.getByRole('link', { name: 'Continue: Turn on' }).click();
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Turn on single sign-on' }).click();
    await page.getByRole('dialog').getByText('1 password stops working, 0 guests.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Turn on single sign-on' }).click();
    // From that moment this session, made by a password, is no good any more.
    await page.waitForURL(/\/sign-in/);
    expect((await ada.visitor.get('/v1/account')).status).toBe(401);
    expect(it_.stopped).toEqual([]);
  });

  it('show a SCIM token this once, and hold it until it is stored', async () => {
    const grace = await it_.product.signUp('grace@example.com', 'Grace Hopper');
    const { body } = await grace.visitor.post(`/v1/organizations/${grace.organizationId}/connections`, {
      name: 'Login',
    });
    const { id } = body as { id: string };
    const page = await it_.open(`/organization/single-sign-on/${id}/people`, grace);
    await page.getByRole('button', { name: 'Make token' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make token' }).click();
    const secret = await page.getByRole('textbox', { name: 'The token' }).inputValue();
    expect(secret).toMatch(/^rcscim_/);
    expect(await flaws(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: 'I stored it' }).check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Made by Grace Hopper').waitFor();
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
  });

  /** Goes to the provider, is signed in there as this person already, and comes back. */
  async function signInAs(page: Awaited<ReturnType<ConsoleInBrowser['open']>>, claims: Record<string, unknown>) {
    provider.lies = { claims };
    const judged = page.waitForResponse('**/v1/single-sign-on/finish');
    await page.getByRole('button', { name: 'Test sign-in' }).click();
    await judged;
  }
});
