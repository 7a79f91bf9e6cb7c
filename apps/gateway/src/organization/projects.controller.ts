import { type AnswerOf, type organization, routes } from '#contracts';
import { type CallContext, Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { type Ask, Asked, DECIDED_MS, listed, Serve } from '../edge/ask.ts';
import { aside } from '../edge/aside.ts';
import { answerEnforced, projectDetail, projectView, type Role } from './views.ts';

/** How far back the jobs of a project are counted. */
const JOB_DAYS = 30;

@Controller()
export class ProjectsController {
  constructor(
    private readonly peers: Peers,
    private readonly people: People,
  ) {}

  private get projects() {
    return this.peers.of('organization', 'Projects');
  }

  @Serve(routes.listProjects)
  async list(@Asked() ask: Ask<typeof routes.listProjects>) {
    const { items, next } = await this.projects.listProjects(
      { callerId: ask.who.accountId, id: ask.params.id, ...ask.query },
      ask.context,
    );
    return listed(ask, await this.detailed(ask.params.id, items, ask.context), next);
  }

  @Serve(routes.getProject)
  async get(
    @Asked() { who, params, context }: Ask<typeof routes.getProject>,
  ): Promise<AnswerOf<typeof routes.getProject>> {
    const project = await this.projects.describeProject({ callerId: who.accountId, projectId: params.id }, context);
    const [detail] = await this.detailed(project.organizationId, [project], context);
    return required(detail, 'project');
  }

  @Serve(routes.createProject)
  async create(@Asked() { who, params, body: { name }, context }: Ask<typeof routes.createProject>) {
    return projectView(
      await this.projects.createProject({ callerId: who.accountId, organizationId: params.id, name }, context),
    );
  }

  @Serve(routes.renameProject)
  async rename(@Asked() { who, params, body: { name }, context }: Ask<typeof routes.renameProject>) {
    return projectView(await this.projects.renameProject({ callerId: who.accountId, id: params.id, name }, context));
  }

  @Serve(routes.archiveProject)
  async archive(
    @Asked() { who, params, reply, context }: Ask<typeof routes.archiveProject>,
  ): Promise<AnswerOf<typeof routes.archiveProject>> {
    const archived = await this.projects.archiveProject(
      { callerId: who.accountId, projectId: params.id },
      { ...context, timeoutMs: DECIDED_MS },
    );
    return { project: projectView(required(archived.project, 'project')), ...answerEnforced(reply, archived) };
  }

  @Serve(routes.listProjectMembers)
  async members(
    @Asked() ask: Ask<typeof routes.listProjectMembers>,
  ): Promise<AnswerOf<typeof routes.listProjectMembers>> {
    const { items, next } = await this.projects.listProjectMembers(
      { callerId: ask.who.accountId, id: ask.params.id, ...ask.query },
      ask.context,
    );
    const people = await this.people.describe(
      items.map((item) => item.accountId),
      ask.context,
    );
    return listed(
      ask,
      items.map(({ accountId, role }) => ({ accountId, ...people(accountId), role: role as Role })),
      next,
    );
  }

  @Serve(routes.addProjectMember)
  async add(@Asked() { who, params, body: { accountId }, context }: Ask<typeof routes.addProjectMember>) {
    return projectView(
      await this.projects.addProjectMember({ callerId: who.accountId, id: params.id, accountId }, context),
    );
  }

  @Serve(routes.removeProjectMember)
  async remove(@Asked() { who, params, body: { accountId }, reply, context }: Ask<typeof routes.removeProjectMember>) {
    return answerEnforced(
      reply,
      await this.projects.removeProjectMember(
        { callerId: who.accountId, id: params.id, accountId },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  /** With the counts of those who know them, a page at a time. */
  private async detailed(organizationId: string, projects: readonly organization.Project[], context: CallContext) {
    const projectIds = projects.map(({ projectId }) => projectId);
    const [keys, jobs] = await Promise.all([
      aside(
        (asked) =>
          this.peers.of('key-management', 'Keys').countKeys({ organizationId, accountIds: [], projectIds }, asked),
        context,
      ),
      aside((asked) => this.peers.of('job-queue', 'Jobs').countJobs({ projectIds, days: JOB_DAYS }, asked), context),
    ]);
    const activeKeys = keys && new Map(keys.ofProjects.map(({ id, active }) => [id, active]));
    const submitted = jobs && new Map(jobs.counts.map(({ projectId, jobs: count }) => [projectId, count]));
    return projects.map((project) =>
      projectDetail(project, {
        activeKeys: activeKeys ? (activeKeys.get(project.projectId) ?? 0) : null,
        jobs: submitted ? (submitted.get(project.projectId) ?? 0) : null,
      }),
    );
  }
}
