import { ConsoleInBrowser } from './console.fixture.ts';
import { type Acme, acme, flaws } from './organization.fixture.ts';

/** An organization: its people, what it asks of them, what happened in it. */
describe('the pages of an organization', () => {
  let it_: ConsoleInBrowser;
  let all: Acme;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
    all = await acme(it_);
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());

  it('are for everybody: nothing is found in light and dark, wide and narrow, with hard names', async () => {
    const page = await it_.open('/organization', all.ada);
    for (const [path, shown] of [
      ['members', 'bob@example.com'],
      ['invitations', 'by Ada Lovelace'],
      ['single-sign-on', 'Not set up'],
      ['domains', 'No domains yet'],
      ['policy', 'Demand time-out'],
      ['activity', 'sent an invitation'],
    ] as const) {
      await page.goto(`${it_.product.origin}/organization/${path}`);
      await page.getByText(shown).first().waitFor();
      expect([path, await flaws(page)]).toEqual([path, []]);
    }
    expect(it_.stopped).toEqual([]);
  });

  it('show members the members alone: what owners may do is not there, and a typed address says who may', async () => {
    const org = `?org=${all.ada.organizationId}`;
    const page = await it_.open(`/organization/members${org}`, all.bob);
    await page.getByText('ada@example.com').waitFor();
    expect(await page.getByRole('navigation', { name: 'Of the organization' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Rename|Actions for/ }).count()).toBe(0);
    for (const path of ['invitations', 'single-sign-on', 'domains', 'policy', 'activity']) {
      await page.goto(`${it_.product.origin}/organization/${path}${org}`);
      await page.getByText('Only an owner may do this').waitFor();
      await page.getByText('Owners: Ada Lovelace.').waitFor();
    }
    await page.goto(`${it_.product.origin}/projects${org}`);
    await page.getByText('First project').waitFor();
    expect(await page.getByRole('button', { name: 'Create project' }).count()).toBe(0);
  });

  it('invite many at once: each one’s outcome is told, and those that failed stay in the field', async () => {
    const page = await it_.open('/organization/invitations', all.ada);
    await page.getByRole('button', { name: 'Invite people' }).click();
    const field = page.getByRole('textbox', { name: 'E-mails' });
    await field.fill('dora@example.com, no-address\nemil@example.com');
    await page.getByRole('button', { name: 'Send invitations' }).click();
    await page.getByText('dora@example.com: Invited').waitFor();
    await page.getByText(/no-address: must be an address/).waitFor();
    await page.getByText('Those that failed are still in the field').waitFor();
    expect(await field.inputValue()).toBe('no-address');
    await field.fill('frank@example.com');
    await page.getByRole('button', { name: 'Send invitations' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Actions for frank@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke invitation' }).click();
    await page.getByRole('button', { name: 'Actions for frank@example.com' }).waitFor({ state: 'detached' });
  });

  it('demand the session time-out of everybody, and refuse in words what an owner without a factor may not demand', async () => {
    const page = await it_.open('/organization/policy', all.ada);
    await page.getByRole('button', { name: 'Demand time-out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Demand time-out' }).click();
    await page.getByText('Sessions of everybody here end after 30 minutes').waitFor();
    expect((await all.bob.get('/v1/account')).body).toMatchObject({ idleTimeout: { requiredByOrganization: true } });
    await page.getByRole('button', { name: 'Demand second factor' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 people have none yet').waitFor();
    expect(await flaws(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Demand second factor' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/factor/)
      .waitFor();
  });

  it('tell what happened in sentences, and filter them by who did it and of which kind', async () => {
    const page = await it_.open('/organization/activity', all.ada);
    await page.getByText('Ada Lovelace created the key “mill” in the project “First project”.').click();
    await page.getByText('"type": "KeyIssued.v1"').first().waitFor();
    await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'People' });
    await page.getByText(/joined as a member/).waitFor();
    expect(await page.getByText(/created the key/).count()).toBe(0);
    expect(page.url()).toContain('kind=people');
  });

  it('make another organization from the menu, and go there', async () => {
    const page = await it_.open('/keys', all.ada);
    await page.getByRole('button', { name: /^Organization: Acme/ }).click();
    await page.getByRole('menuitem', { name: 'New organization' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Analytical Engines');
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.getByRole('button', { name: /^Organization: Analytical Engines/ }).waitFor();
    await page.goto(`${it_.product.origin}/organization?org=${all.ada.organizationId}`);
    await page.getByRole('heading', { name: 'Acme' }).waitFor();
  });

  it('change a role, and remove somebody with their keys by name; the only owner is told why not', async () => {
    const page = await it_.open(`/organization/members?org=${all.ada.organizationId}`, all.ada);
    await page.getByText('The only owner stays').first().waitFor();
    const actions = page.getByRole('button', { name: 'Actions for Bob' });
    await actions.click();
    await page.getByRole('menuitem', { name: 'Make owner' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make owner' }).click();
    await page.getByText('The only owner stays').first().waitFor({ state: 'detached' });
    await actions.click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('1 key is revoked for good: laptop.').waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove member' }).click();
    await page.getByText('bob@example.com').waitFor({ state: 'detached' });
    expect((await all.bob.get(`/v1/organizations/${all.ada.organizationId}`)).status).toBe(404);
  });
});
