import { type AnswerOf, type jobQueue, routes } from '#contracts';
import { type CallContext, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';

type JobView = AnswerOf<typeof routes.cancelJob>;

const PAGE_MAX = 200;

/** Jobs for people who are signed in: those of the projects that they are in. */
@Controller()
export class JobsController {
  constructor(private readonly peers: Peers) {}

  @Serve(routes.listJobs)
  async list(@Asked() ask: Ask<typeof routes.listJobs>): Promise<AnswerOf<typeof routes.listJobs>> {
    const { projectId, status, limit, after } = ask.query;
    const mine = await this.projectIds(ask.who.accountId, ask.context);
    if (projectId !== undefined && !mine.includes(projectId)) throw new Problem('project/unknown', 'You have no project with this id.');
    const { items, next } = await this.peers.of('job-queue', 'Jobs').listJobs({ projectIds: projectId === undefined ? mine : [projectId], jobIds: [], status, limit, after }, ask.context);
    return listed(ask, items.map(jobView), next);
  }

  @Serve(routes.cancelJob)
  async cancel(@Asked() { who, params, context }: Ask<typeof routes.cancelJob>): Promise<JobView> {
    const jobs = this.peers.of('job-queue', 'Jobs');
    const { items } = await jobs.listJobs({ projectIds: await this.projectIds(who.accountId, context), jobIds: [params.id], limit: 1 }, context);
    const job = items[0];
    if (!job) throw new Problem('job/unknown', 'Your projects have no job with this id.');
    await jobs.cancelJobs({ projectId: job.projectId, jobIds: [params.id] }, context);
    return jobView(required(await jobs.getJob({ projectId: job.projectId, jobId: params.id }, context), 'job'));
  }

  private async projectIds(callerId: string, context: CallContext): Promise<string[]> {
    const { items } = await this.peers.of('organization', 'Organizations').listOrganizations({ callerId, limit: PAGE_MAX }, context);
    const projects = await Promise.all(items.map(({ organizationId }) => this.peers.of('organization', 'Projects').listProjects({ callerId, id: organizationId, limit: PAGE_MAX }, context)));
    return projects.flatMap((page) => page.items.map((project) => project.projectId));
  }
}

const jobView = (job: jobQueue.Job): JobView => ({
  id: job.jobId, projectId: job.projectId, name: job.name ?? null, status: job.status as JobView['status'], backend: job.backend, shots: job.shots,
  submittedAt: job.submittedAt, startedAt: job.startedAt ?? null, completedAt: job.completedAt ?? null,
  failure: job.failureCode === undefined ? null : { code: job.failureCode, message: job.failureMessage ?? '' },
});
