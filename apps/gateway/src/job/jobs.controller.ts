import { type AnswerOf, type jobQueue, routes } from '#contracts';
import { type CallContext, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';

type JobView = AnswerOf<typeof routes.cancelJob>;

/** Jobs for people who are signed in: those of the projects that they are in. */
@Controller()
export class JobsController {
  constructor(private readonly peers: Peers) {}

  @Serve(routes.listJobs)
  async list(@Asked() ask: Ask<typeof routes.listJobs>): Promise<AnswerOf<typeof routes.listJobs>> {
    const { projectId, status, limit, after } = ask.query;
    const { accountId: callerId } = ask.who;
    // Of one project the owner says whether it is the caller's, as everywhere.
    if (projectId !== undefined)
      await this.peers.of('organization', 'Projects').getProject({ callerId, projectId }, ask.context);
    const projectIds = projectId === undefined ? await this.projectIds(callerId, ask.context) : [projectId];
    const { items, next } = await this.peers
      .of('job-queue', 'Jobs')
      .listJobs({ projectIds, jobIds: [], status, limit, after }, ask.context);
    return listed(ask, items.map(jobView), next);
  }

  @Serve(routes.cancelJob)
  async cancel(@Asked() { who, params, context }: Ask<typeof routes.cancelJob>): Promise<JobView> {
    const jobs = this.peers.of('job-queue', 'Jobs');
    const { items } = await jobs.listJobs(
      { projectIds: await this.projectIds(who.accountId, context), jobIds: [params.id], limit: 1 },
      context,
    );
    const job = items[0];
    if (!job) throw new Problem('job/unknown', 'Your projects have no job with this id.');
    await jobs.cancelJobs({ projectId: job.projectId, jobIds: [params.id] }, context);
    return jobView(required(await jobs.getJob({ projectId: job.projectId, jobId: params.id }, context), 'job'));
  }

  /** However many they are: as many as an organization may have are 400 kB. */
  private async projectIds(callerId: string, context: CallContext): Promise<string[]> {
    return (await this.peers.of('organization', 'Projects').listProjectIds({ callerId }, context)).projectIds;
  }
}

const jobView = (job: jobQueue.Job): JobView => ({
  id: job.jobId,
  projectId: job.projectId,
  name: job.name ?? null,
  status: job.status as JobView['status'],
  backend: job.backend,
  shots: job.shots,
  submittedAt: job.submittedAt,
  startedAt: job.startedAt ?? null,
  completedAt: job.completedAt ?? null,
  failure: job.failureCode === undefined ? null : { code: job.failureCode, message: job.failureMessage ?? '' },
});
