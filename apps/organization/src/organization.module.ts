import { type Floor, migrate, type ServiceDefinition, ServiceModule, stepsIn } from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { organizationConfig, type OrganizationConfig } from './config.ts';
import { organization as organizationDecider } from './organization/organization.decider.ts';
import { invitation } from './invitation/invitation.decider.ts';
import { OrganizationInbox } from './inbox.ts';
import { Accepting } from './invitation/accepting.service.ts';
import { InvitationsController } from './invitation/invitations.controller.ts';
import { InvitedAddresses } from './invitation/invited-addresses.ts';
import { Inviting } from './invitation/inviting.service.ts';
import { invitationDirectory } from './invitation-directory/invitation-directory.projection.ts';
import { Enforcement } from './organization/enforcement.client.ts';
import { OrganizationsController } from './organization/organizations.controller.ts';
import { Organizations } from './organization/organizations.service.ts';
import { organizationDirectory } from './organization-directory/organization-directory.projection.ts';
import { publish } from './outbox.ts';
import { standing } from './places/standing.projection.ts';
import { places } from './places/places.projection.ts';
import { ProjectsController } from './project/projects.controller.ts';
import { RecordController } from './record/record.controller.ts';

const readModels = { projections: [organizationDirectory, invitationDirectory], inline: [places], foreign: [standing] };

@Module({})
export class OrganizationModule {
  static register(floor: Floor<OrganizationConfig>): DynamicModule {
    return {
      module: OrganizationModule,
      imports: [ServiceModule.register(floor, { service: 'organization', definedIn: import.meta.url, deciders: [organizationDecider, invitation], ...readModels, publish, inbox: OrganizationInbox })],
      controllers: [OrganizationsController, InvitationsController, ProjectsController, RecordController],
      providers: [Organizations, Enforcement, Inviting, Accepting, InvitedAddresses],
    };
  }
}

/** Organization, for whoever starts it. */
export const organization: ServiceDefinition<OrganizationConfig> = {
  name: 'organization',
  config: organizationConfig,
  migrate: (config) => migrate(config.ownerDatabaseUrl, stepsIn('apps/organization/migrations'), config.databaseUrl),
  module: (floor) => OrganizationModule.register(floor),
  readModels,
  publish,
};
