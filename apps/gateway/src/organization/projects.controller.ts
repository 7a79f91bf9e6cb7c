import { type AnswerOf, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';
import { answerEnforced, projectView } from './views.ts';

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
    return listed(ask, items.map(projectView), next);
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
      { ...context, timeoutMs: 8_000 },
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
      items.map(({ accountId }) => ({ accountId, ...people(accountId) })),
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
        { ...context, timeoutMs: 8_000 },
      ),
    );
  }
}
