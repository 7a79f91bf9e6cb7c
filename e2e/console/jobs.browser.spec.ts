import { ConsoleInBrowser } from './console.fixture.ts';
import { type Acme, acme, flaws, HARD_NAMES, SLOW, submit } from './organization.fixture.ts';

/** Jobs with bars and histogram, and projects with their people. */
describe('the pages of jobs and projects', () => {
  let it_: ConsoleInBrowser;
  let all: Acme;

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
    all = await acme(it_);
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());

  it('are for everybody: nothing is found in light and dark, wide and narrow, with hard names', async () => {
    const page = await it_.open('/jobs', all.ada);
    for (const [path, shown] of [
      ['/jobs', 'Bell pair'],
      [`/jobs/${all.jobIds[0] ?? ''}`, 'The states as a table'],
      ['/projects', HARD_NAMES[1]],
      [`/projects/${all.ada.projectId}`, 'bob@example.com'],
      [`/keys/${all.keyId}`, 'All jobs of this key'],
    ] as const) {
      await page.goto(`${it_.product.origin}${path}`);
      await page.getByText(shown).first().waitFor();
      expect([path, await flaws(page)]).toEqual([path, []]);
    }
    expect(it_.stopped).toEqual([]);
  });

  it('filter jobs by a day of the bars, and have the figures of every picture in a table', async () => {
    const page = await it_.open('/jobs', all.ada);
    await page.getByRole('img', { name: '3 jobs in 30 days' }).waitFor();
    await page.getByText('The days as a table').click();
    const day = page.getByRole('region', { name: 'The days as a table' }).getByRole('button');
    await day.click();
    await page.getByRole('button', { name: /^Only / }).waitFor();
    expect(new URL(page.url()).searchParams.get('from')).toMatch(/^\d{4}-\d\d-\d\d$/);
    await page.getByText('3 jobs', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Failed' });
    await page.getByText('No job matches').waitFor();
    await page.getByRole('link', { name: 'Show all jobs' }).click();
    await page.getByRole('link', { name: 'Bell pair' }).click();
    await page.getByRole('img', { name: /2 states; the likeliest is (00|11)/ }).waitFor();
    await page.getByText('The states as a table').click();
    await page.getByRole('rowheader', { name: '11' }).waitFor();
  });

  it('cancel a job that is under way, once it is confirmed', async () => {
    const id = await submit(it_, all.secret, 'sweep', SLOW);
    const page = await it_.open(`/jobs/${id}`, all.ada);
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('heading', { name: 'Cancel “sweep”?' }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
    await page.getByText('Canceled', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Cancel job' }).count()).toBe(0);
    expect((await all.ada.visitor.get(`/v1/jobs/${id}`)).body).toMatchObject({ status: 'canceled' });
  });

  it('make a project, add and remove its people, and archive it saying what stops', async () => {
    const page = await it_.open('/projects', all.ada);
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Mill');
    await page.getByRole('dialog').getByRole('button', { name: 'Create project' }).click();
    await page.getByRole('heading', { name: 'Mill' }).waitFor();
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add a person' }).click();
    await page.getByText('bob@example.com').waitFor();

    await page.goto(`${it_.product.origin}/projects/${all.ada.projectId}`);
    await page.getByRole('button', { name: 'Actions for Bob' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('1 key is revoked for good: laptop.').waitFor();
    await page.getByRole('button', { name: 'Remove from project' }).click();
    await page.getByText('bob@example.com').waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Archive project' }).click();
    await page.getByText('1 key stops working now; 0 jobs still run.').waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Archive project' }).click();
    await page.getByText('Archived', { exact: true }).waitFor();
    const { status } = await it_.product.visitor().get('/v0.4/whoami', { authorization: `apiKey ${all.secret}` });
    expect(status).toBe(403);
  });
});
