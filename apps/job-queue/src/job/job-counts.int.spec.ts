import { randomUUID } from 'node:crypto';
import { coin } from '../execution/executor.fixture.ts';
import { runJobQueue } from '../job-queue.fixture.ts';

describe('CountJobs', () => {
  let queue: Awaited<ReturnType<typeof runJobQueue>>;
  beforeAll(async () => {
    queue = await runJobQueue();
  });
  afterAll(() => queue.harness.stop());
  const context = () => ({ timeoutMs: 60_000, correlationId: randomUUID(), actor: 'account:test' });

  it('counts what each of these projects has submitted in as many days, and leaves out who has nothing', async () => {
    const [busy, old, idle, other] = Array.from({ length: 4 }, () => randomUUID()) as [string, string, string, string];
    const by = { organizationId: randomUUID(), accountId: randomUUID(), keyId: randomUUID() };
    for (const projectId of [busy, busy, old, other])
      await queue.jobs.submitJob({ ...by, projectId, body: Buffer.from(JSON.stringify(coin)) }, context());
    await queue.harness
      .database('job-queue')
      .asOwner(`UPDATE jobs SET submitted_at = submitted_at - interval '31 days' WHERE project_id = '${old}'`);
    const counted = async (days: number) =>
      new Map(
        (await queue.jobs.countJobs({ projectIds: [busy, old, idle], days }, context())).counts.map(
          ({ projectId, jobs }) => [projectId, jobs],
        ),
      );
    expect(await counted(30)).toEqual(new Map([[busy, 2]]));
    expect(await counted(60)).toEqual(
      new Map([
        [busy, 2],
        [old, 1],
      ]),
    );
  });
});
