import { type Floor, migrate, type ServiceDefinition, ServiceModule } from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { migrations } from '../migrations/0001-organization.ts';
import { organizationConfig, type OrganizationConfig } from './config.ts';
import { OrganizationInbox } from './inbox.ts';
import { InvitationsController } from './invitation/invitations.controller.ts';
import { Deciding } from './organization/deciding.service.ts';
import { OrganizationsController } from './organization/organizations.controller.ts';
import { ProjectsController } from './organization/projects.controller.ts';
import { publish } from './outbox.ts';
import { projectPlaces, roster } from './roster/roster.projection.ts';

@Module({})
export class OrganizationModule {
  static register(floor: Floor<OrganizationConfig>): DynamicModule {
    return {
      module: OrganizationModule,
      imports: [ServiceModule.register(floor, { service: 'organization', projections: [roster], inline: [projectPlaces], publish, inbox: OrganizationInbox })],
      controllers: [OrganizationsController, ProjectsController, InvitationsController],
      providers: [Deciding],
    };
  }
}

/** Organization, for whoever starts it. */
export const organization: ServiceDefinition<OrganizationConfig> = {
  name: 'organization',
  config: organizationConfig,
  migrate: (config) => migrate(config.ownerDatabaseUrl, migrations),
  module: (floor) => OrganizationModule.register(floor),
};
