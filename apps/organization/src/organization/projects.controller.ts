import type { organization } from '#contracts';
import { CallableBy, type Controller, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { projectMembersOf, projectsOf } from '../roster/roster.query.ts';
import { Deciding } from './deciding.service.ts';
import type { Organization, OrganizationCommand } from './organization.decider.ts';

@NestController()
export class ProjectsController implements Controller<organization.Projects> {
  constructor(private readonly deciding: Deciding, private readonly pool: Pool) {}

  @GrpcMethod('Projects') @CallableBy('gateway')
  async createProject({ callerId, organizationId, name }: organization.CreateProjectRequest, _metadata: Metadata, call: Rpc): Promise<organization.Project> {
    await this.deciding.place(organizationId, callerId);
    const { streamId, version, state } = await this.deciding.decide(organizationId, { type: 'CreateProject', by: callerId, projectId: uuid(), name }, call);
    const written = await this.deciding.written(streamId, version);
    if (written?.type !== 'ProjectCreated') throw new Error('a project that was just made is not in its stream');
    return { ...view(organizationId, written.data.projectId, state), projectId: written.data.projectId, name: written.data.name, status: 'active' };
  }

  @GrpcMethod('Projects') @CallableBy('gateway', 'key-management')
  async getProject({ callerId, projectId }: organization.ProjectRequest): Promise<organization.Project> {
    const { organizationId, state } = await this.deciding.placeOfProject(projectId, callerId);
    return view(organizationId, projectId, state);
  }

  @GrpcMethod('Projects') @CallableBy('gateway')
  async listProjects({ callerId, id, ...page }: organization.ListMembersRequest): Promise<organization.ListProjectsResponse> {
    const { role } = await this.deciding.place(id, callerId);
    return projectsOf(this.pool, id, role === 'owner' ? undefined : callerId, page);
  }

  @GrpcMethod('Projects') @CallableBy('gateway')
  async renameProject({ callerId, id, name }: organization.RenameRequest, _metadata: Metadata, call: Rpc): Promise<organization.Project> {
    return (await this.change(id, callerId, { type: 'RenameProject', by: callerId, projectId: id, name }, call)).project;
  }

  @GrpcMethod('Projects') @CallableBy('gateway')
  async archiveProject({ callerId, projectId }: organization.ProjectRequest, _metadata: Metadata, call: Rpc): Promise<organization.EnforcedProject> {
    const { project, handled } = await this.change(projectId, callerId, { type: 'ArchiveProject', by: callerId, projectId }, call);
    return { project, enforced: await this.deciding.enforced(handled, call) };
  }

  @GrpcMethod('Projects') @CallableBy('gateway')
  async listProjectMembers({ callerId, id, ...page }: organization.ListMembersRequest): Promise<organization.ListMembersResponse> {
    await this.deciding.placeOfProject(id, callerId);
    return projectMembersOf(this.pool, id, page);
  }

  @GrpcMethod('Projects') @CallableBy('gateway')
  async addProjectMember({ callerId, id, accountId }: organization.MemberRequest, _metadata: Metadata, call: Rpc): Promise<organization.Project> {
    return (await this.change(id, callerId, { type: 'AddProjectMember', by: callerId, projectId: id, accountId }, call)).project;
  }

  @GrpcMethod('Projects') @CallableBy('gateway')
  async removeProjectMember({ callerId, id, accountId }: organization.MemberRequest, _metadata: Metadata, call: Rpc): Promise<organization.Enforced> {
    const { handled } = await this.change(id, callerId, { type: 'RemoveProjectMember', by: callerId, projectId: id, accountId }, call);
    return { enforced: await this.deciding.enforced(handled, call) };
  }

  private async change(projectId: string, callerId: string, command: OrganizationCommand, call: Rpc) {
    const { organizationId } = await this.deciding.placeOfProject(projectId, callerId);
    const handled = await this.deciding.decide(organizationId, command, call);
    return { handled, project: view(organizationId, projectId, handled.state) };
  }
}

function view(organizationId: string, projectId: string, state: Organization): organization.Project {
  const project = state.projects.get(projectId);
  if (!project) return { projectId, organizationId, name: '', status: 'active' };
  return { projectId, organizationId, name: project.name, status: project.archived ? 'archived' : 'active' };
}

