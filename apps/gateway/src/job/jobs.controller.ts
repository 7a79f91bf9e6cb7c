import { type AnswerOf, type jobQueue, routes } from '#contracts';
import { type CallContext, Clock, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';

type JobView = AnswerOf<typeof routes.cancelJob>;
type JobDetail = AnswerOf<typeof routes.getJob>;
type Names = (job: jobQueue.Job) => Pick<JobView, 'submitter' | 'key'>;
type Chosen = Pick<Ask<typeof routes.listJobDays>, 'who' | 'query' | 'context'>;

const DAY_MS = 86_400_000;
/** Of the bars above a list. */
const SHOWN_DAYS = 30;
const DAYS_MAX = 366;
const STATES_MAX = 1_000;
/** Time for the results of a million states. */
const RESULTS_MS = 20_000;

/** Jobs for people who are signed in: those of the projects that they are in. */
@Controller()
export class JobsController {
  constructor(
    private readonly peers: Peers,
    private readonly people: People,
    private readonly clock: Clock,
  ) {}

  private get jobs() {
    return this.peers.of('job-queue', 'Jobs');
  }

  @Serve(routes.listJobs)
  async list(@Asked() ask: Ask<typeof routes.listJobs>): Promise<AnswerOf<typeof routes.listJobs>> {
    const { from, to, limit, after } = ask.query;
    const { items, next } = await this.jobs.listJobs(
      {
        ...(await this.chosen(ask)),
        jobIds: [],
        ...(from === undefined ? {} : { from: startOf(from) }),
        ...(to === undefined ? {} : { before: startOf(to, DAY_MS) }),
        limit,
        after,
      },
      ask.context,
    );
    const names = await this.namesOf(items, ask.who.accountId, ask.context);
    return listed(
      ask,
      items.map((job) => jobView(job, names)),
      next,
    );
  }

  @Serve(routes.listJobDays)
  async days(@Asked() ask: Ask<typeof routes.listJobDays>): Promise<AnswerOf<typeof routes.listJobDays>> {
    const { to = dayOf(this.clock.now().getTime()) } = ask.query;
    const { from = dayOf(Date.parse(to) - (SHOWN_DAYS - 1) * DAY_MS) } = ask.query;
    if (Date.parse(to) - Date.parse(from) >= DAYS_MAX * DAY_MS)
      throw new Problem('request/invalid', `Jobs are counted over ${DAYS_MAX} days at most.`, {
        fields: [{ pointer: '/from', detail: `must be within ${DAYS_MAX} days before \`to\`` }],
      });
    const { days } = await this.jobs.countJobDays(
      { ...(await this.chosen(ask)), from: startOf(from), before: startOf(to, DAY_MS) },
      ask.context,
    );
    return listed(ask, days);
  }

  @Serve(routes.getJob)
  async get(@Asked() { who, params, context }: Ask<typeof routes.getJob>): Promise<JobDetail> {
    const job = await this.find(params.id, who.accountId, context);
    const ran = job.status === 'completed' && !job.dryRun && job.childJobIds.length <= 1;
    const [names, results] = await Promise.all([
      this.namesOf([job], who.accountId, context),
      ran
        ? this.jobs.getHistogram(
            { projectId: job.projectId, jobId: job.jobId, limit: STATES_MAX },
            { ...context, timeoutMs: RESULTS_MS },
          )
        : undefined,
    ]);
    return jobDetail(job, names, results);
  }

  @Serve(routes.cancelJob)
  async cancel(@Asked() { who, params, context }: Ask<typeof routes.cancelJob>): Promise<JobView> {
    const { projectId } = await this.find(params.id, who.accountId, context);
    await this.jobs.cancelJobs({ projectId, jobIds: [params.id] }, context);
    const canceled = required(await this.jobs.getJob({ projectId, jobId: params.id }, context), 'job');
    return jobView(canceled, await this.namesOf([canceled], who.accountId, context));
  }

  /** A job of the caller's projects, or one circuit of it. */
  private async find(jobId: string, callerId: string, context: CallContext): Promise<jobQueue.Job> {
    const projectIds = await this.projectIds(callerId, context);
    const { items } = await this.jobs.listJobs({ projectIds, jobIds: [jobId], limit: 1 }, context);
    if (!items[0]) throw new Problem('job/unknown', 'Your projects have no job with this id.');
    return items[0];
  }

  /** What a query asks for, within what the caller sees. */
  private async chosen({ who, query, context }: Chosen) {
    const { organizationId, projectId, status, keyId, accountId } = query;
    const callerId = who.accountId;
    // Of one project or organization the owner says whether it is the caller's, as everywhere.
    if (organizationId !== undefined)
      await this.peers.of('organization', 'Organizations').getOrganization({ callerId, organizationId }, context);
    if (projectId !== undefined)
      await this.peers.of('organization', 'Projects').getProject({ callerId, projectId }, context);
    const seen =
      projectId !== undefined && organizationId === undefined
        ? [projectId]
        : await this.projectIds(callerId, context, organizationId);
    const projectIds = projectId === undefined ? seen : seen.filter((id) => id === projectId.toLowerCase());
    return { projectIds, status, keyId, accountId };
  }

  /** However many they are: as many as an organization may have are 400 kB. */
  private async projectIds(callerId: string, context: CallContext, organizationId?: string): Promise<string[]> {
    const projects = this.peers.of('organization', 'Projects');
    return (await projects.listProjectIds({ callerId, organizationId }, context)).projectIds;
  }

  private async namesOf(jobs: readonly jobQueue.Job[], accountId: string, context: CallContext): Promise<Names> {
    if (jobs.length === 0) return () => ({ submitter: { id: '', name: '' }, key: { id: '', name: '' } });
    const keyIds = [...new Set(jobs.map((job) => job.keyId))];
    const { seen: _, ...plain } = context;
    const [people, { keys }] = await Promise.all([
      this.people.describe(
        jobs.map((job) => job.accountId),
        context,
      ),
      this.peers.of('key-management', 'Keys').describeKeys({ accountId, keyIds }, plain),
    ]);
    const known = new Map(keys.map((key) => [key.keyId, key]));
    return (job) => {
      const key = known.get(job.keyId);
      // A member who has left is a stranger, as in lists of keys.
      const named = job.accountId === accountId || key?.holderLeft === false;
      return {
        submitter: { id: job.accountId, name: named ? people(job.accountId).name : '' },
        key: { id: job.keyId, name: key?.name ?? '' },
      };
    };
  }
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

const startOf = (day: string, later = 0) => new Date(Date.parse(day) + later).toISOString();

const jobView = (job: jobQueue.Job, names: Names): JobView => ({
  id: job.jobId,
  projectId: job.projectId,
  name: job.name ?? null,
  status: job.status as JobView['status'],
  backend: job.backend,
  shots: job.shots,
  submittedAt: job.submittedAt,
  startedAt: job.startedAt ?? null,
  completedAt: job.completedAt ?? null,
  failure: job.failureCode == null ? null : { code: job.failureCode, message: job.failureMessage ?? '' },
  ...names(job),
});

const jobDetail = (job: jobQueue.Job, names: Names, results: jobQueue.Histogram | undefined): JobDetail => ({
  ...jobView(job, names),
  type: job.type,
  dryRun: job.dryRun,
  qubits: (JSON.parse(job.stats) as { qubits: number }).qubits,
  noiseModel: (JSON.parse(job.noise) as { model?: string }).model ?? 'ideal',
  settings: JSON.parse(job.settings) as JobDetail['settings'],
  parentJobId: job.parentJobId ?? null,
  childJobIds: job.childJobIds,
  executionMs: job.executionDurationMs ?? null,
  results: results ? histogram(results, job.hasSamples) : null,
});

const histogram = ({ states, total }: jobQueue.Histogram, counted: boolean): JobDetail['results'] => ({
  states: total,
  probabilities: Object.fromEntries(states.map(({ state, probability }) => [state, probability])),
  counts: counted ? Object.fromEntries(states.map(({ state, count }) => [state, count ?? 0])) : null,
});
