import type { organization as proto } from '#contracts';
import { PostgresEventStore, Refused } from '#event-sourcing';
import {
  CallableBy,
  causeOf,
  Clock,
  type Controller,
  onward,
  page,
  Problem,
  type Rpc,
  SERVICE_CONFIG,
  tellSeen,
} from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { OrganizationConfig } from '../config.ts';
import { Enforcement } from '../organization/enforcement.client.ts';
import type { Organization, OrganizationCommand, OrganizationEvent } from '../organization/vocabulary.decider.ts';
import { Organizations } from '../organization/organizations.service.ts';
import {
  describeProject,
  listProjectMembers,
  listProjects,
  projectIdsOf,
} from '../organization/organization-directory.query.ts';
import { projectUnknown } from '../organization/projects.decider.ts';

@NestController()
export class ProjectsController implements Controller<proto.Projects> {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly organizations: Organizations,
    private readonly enforcement: Enforcement,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async createProject(
    { callerId, organizationId, name }: proto.CreateProjectRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Project> {
    const projectId = uuid();
    const handled = await this.organizations.carryOut(
      callerId,
      organizationId,
      { type: 'CreateProject', by: callerId, projectId, name, activeMax: this.config.projectsPerOrganization },
      causeOf(call, this.clock),
    );
    tellSeen(call, handled);
    return projectView(organizationId, handled.state, handled.repeated ? await this.createdAt(handled) : projectId);
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway', 'key-management')
  async getProject({ callerId, projectId }: proto.ProjectRequest): Promise<proto.Project> {
    const { organizationId, state } = await this.organizations.project(callerId, projectId);
    return projectView(organizationId, state, projectId);
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async listProjects({ callerId, id, limit, after }: proto.ListMembersRequest): Promise<proto.ListProjectsResponse> {
    const folded = await this.organizations.asMember(callerId, id);
    await this.organizations.listed(folded);
    const onlyOwn = folded.state.members.get(callerId)?.role !== 'owner';
    return page(
      await listProjects(this.pool, id, { viewer: callerId, onlyOwn }, { after, limit }),
      limit,
      ({ projectId }) => projectId,
    );
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async describeProject({ callerId, projectId }: proto.ProjectRequest): Promise<proto.Project> {
    await this.organizations.listed(await this.organizations.project(callerId, projectId));
    const found = await describeProject(this.pool, projectId, callerId);
    if (!found)
      throw new Problem(
        'record/not-yet-here',
        'The project is so new that no list shows it yet. Try again in a second.',
        { retryAfterSeconds: 1 },
      );
    return found;
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async listProjectIds({
    callerId,
    organizationId,
  }: proto.ListProjectIdsRequest): Promise<proto.ListProjectIdsResponse> {
    return { projectIds: await projectIdsOf(this.pool, callerId, organizationId) };
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async renameProject(
    { callerId, id, name }: proto.RenameRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Project> {
    return (await this.change(callerId, { type: 'RenameProject', by: callerId, projectId: id, name }, call)).project;
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async archiveProject(
    { callerId, projectId }: proto.ProjectRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.EnforcedProject> {
    const { project, handled } = await this.change(callerId, { type: 'ArchiveProject', by: callerId, projectId }, call);
    return { project, enforced: await this.enforcement.atGates(handled, onward(call)) };
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async listProjectMembers({
    callerId,
    id,
    limit,
    after,
  }: proto.ListMembersRequest): Promise<proto.ListMembersResponse> {
    await this.organizations.listed(await this.organizations.project(callerId, id));
    return page(await listProjectMembers(this.pool, id, { after, limit }), limit, ({ accountId }) => accountId);
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async addProjectMember(
    { callerId, id, accountId }: proto.MemberRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Project> {
    return (await this.change(callerId, { type: 'AddProjectMember', by: callerId, projectId: id, accountId }, call))
      .project;
  }

  @GrpcMethod('Projects')
  @CallableBy('gateway')
  async removeProjectMember(
    { callerId, id, accountId }: proto.MemberRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.Enforced> {
    const { handled } = await this.change(
      callerId,
      { type: 'RemoveProjectMember', by: callerId, projectId: id, accountId },
      call,
    );
    return { enforced: await this.enforcement.atGates(handled, onward(call)) };
  }

  private async change(callerId: string, command: OrganizationCommand & { projectId: string }, call: Rpc) {
    const organizationId = await this.organizations.placeOf(callerId, command.projectId);
    const handled = await this.organizations.carryOut(callerId, organizationId, command, causeOf(call, this.clock));
    tellSeen(call, handled);
    return { handled, project: projectView(organizationId, handled.state, command.projectId) };
  }

  /** The project that the first attempt of a repeated command made. */
  private async createdAt({ streamId, version }: { streamId: string; version: number }): Promise<string> {
    const [made] = await this.store.readStream<OrganizationEvent>(streamId, { after: version - 1, upTo: version });
    if (made?.event.type !== 'ProjectCreated') throw new Error('a repeated command made something else');
    return made.event.data.projectId;
  }
}

function projectView(organizationId: string, state: Organization, projectId: string): proto.Project {
  const project = state.status === 'standing' ? state.projects.get(projectId) : undefined;
  if (!project) throw new Refused(projectUnknown);
  return { projectId, organizationId, name: project.name, status: project.archived ? 'archived' : 'active' };
}
