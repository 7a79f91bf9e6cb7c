import type { organization as proto } from '#contracts';
import { CallableBy, type Controller, lookedAt, Problem, type Rpc } from '#platform';
import type { Metadata } from '@grpc/grpc-js';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';
import {
  findOrganizations,
  listMembers,
  listProjectMembers,
  listProjects,
  organizationById,
  projectById,
} from './organization-directory.query.ts';

const SHOWN_MAX = 200;

export type Inspecting = Pick<
  Controller<proto.Organizations>,
  'findOrganizations' | 'inspectOrganization' | 'inspectProject'
>;

/** What operators see of organizations and projects. Each look is noted before anything is shown. */
@NestController()
@CallableBy('operator')
export class InspectingController implements Inspecting {
  constructor(private readonly pool: Pool) {}

  @GrpcMethod('Organizations')
  async findOrganizations(
    { name, reason }: proto.FindOrganizationsRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.FindOrganizationsResponse> {
    if (name.trim() === '') throw new Problem('request/invalid', 'Say a part of the name.');
    // Without the text: it may be anybody's name.
    await lookedAt(this.pool, call, reason, 'organizations find', 'by name');
    return { organizations: await findOrganizations(this.pool, name) };
  }

  @GrpcMethod('Organizations')
  async inspectOrganization(
    { id, reason }: proto.InspectRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.InspectedOrganization> {
    await lookedAt(this.pool, call, reason, 'organizations show', id);
    const organization = await organizationById(this.pool, id);
    if (!organization) throw new Problem('organization/unknown', 'No organization has this id.');
    const [members, projects] = await Promise.all([
      listMembers(this.pool, id, { after: undefined, limit: SHOWN_MAX - 1 }),
      listProjects(this.pool, id, { viewer: null, onlyOwn: false }, { after: undefined, limit: SHOWN_MAX - 1 }),
    ]);
    return { organization, members, projects };
  }

  @GrpcMethod('Organizations')
  async inspectProject(
    { id, reason }: proto.InspectRequest,
    _metadata: Metadata,
    call: Rpc,
  ): Promise<proto.InspectedProject> {
    await lookedAt(this.pool, call, reason, 'projects show', id);
    const project = await projectById(this.pool, id);
    const organization = project && (await organizationById(this.pool, project.organizationId));
    if (!project || !organization) throw new Problem('project/unknown', 'No project has this id.');
    const members = await listProjectMembers(this.pool, id, { after: undefined, limit: SHOWN_MAX - 1 });
    return { project, organizationName: organization.name, members };
  }
}
