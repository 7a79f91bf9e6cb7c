import {
  type ServiceContext,
  HOUR_MS,
  type Housework,
  migrate,
  type ServiceDefinition,
  ServiceModule,
  stepsIn,
} from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { organizationConfig, type OrganizationConfig } from './config.ts';
import { organization as organizationDecider } from './organization/organization.decider.ts';
import { invitation } from './invitation/invitation.decider.ts';
import { OrganizationInbox } from './inbox.ts';
import { Accepting } from './inviting/accepting.service.ts';
import { InvitationsController } from './inviting/invitations.controller.ts';
import { forgetExpired, InvitedAddresses, sealedInvited } from './invitation/invited-addresses.ts';
import { Inviting } from './inviting/inviting.service.ts';
import { invitationDirectory } from './invitation/invitation-directory.projection.ts';
import { DemandsController } from './organization/demands.controller.ts';
import { Enforcement } from './organization/enforcement.client.ts';
import { InspectingController } from './organization/inspecting.controller.ts';
import { OrganizationsController } from './organization/organizations.controller.ts';
import { Organizations } from './organization/organizations.service.ts';
import { organizationDirectory } from './organization/organization-directory.projection.ts';
import { publish } from './outbox.ts';
import { takenBack } from './taken-back.ts';
import { Admitting } from './connecting/admitting.service.ts';
import { ConnectionSecrets, sealedSecrets } from './single-sign-on/connection-secrets.ts';
import { ConnectionsController } from './connecting/connections.controller.ts';
import { DailyLooks, forgetLooks } from './connecting/daily-looks.service.ts';
import { DnsDomainProofs, DomainProofs } from './single-sign-on/domain-proofs.ts';
import { DomainsController } from './connecting/domains.controller.ts';
import { Guests } from './connecting/guests.service.ts';
import { OpeningController } from './connecting/opening.controller.ts';
import { ProviderMetadata } from './connecting/provider-metadata.service.ts';
import { OverridingController } from './connecting/overriding.controller.ts';
import { singleSignOn } from './single-sign-on/single-sign-on.decider.ts';
import { singleSignOnPlaces } from './single-sign-on/single-sign-on-places.projection.ts';
import { SingleSignOns } from './connecting/single-sign-ons.service.ts';
import { standing } from './organization/standing.projection.ts';
import { places } from './organization/places.projection.ts';
import { Provisioning } from './provisioning/provisioning.service.ts';
import { ProvisioningController } from './provisioning/provisioning.controller.ts';
import { scimTokens } from './provisioning/scim-tokens.projection.ts';
import { ScimUsers, sealedUsers } from './provisioning/scim-users.ts';
import { ScimTokensController } from './connecting/scim-tokens.controller.ts';
import { ProjectsController } from './project/projects.controller.ts';
import { RecordController } from './record/record.controller.ts';

const readModels = {
  projections: [organizationDirectory, invitationDirectory],
  inline: [places, singleSignOnPlaces, scimTokens],
  foreign: [standing],
};
const housekeeping: readonly Housework[] = [
  { name: 'invited_addresses', everyMs: HOUR_MS, work: forgetExpired },
  { name: 'daily_looks', everyMs: HOUR_MS, work: forgetLooks },
];

@Module({})
export class OrganizationModule {
  static register(floor: ServiceContext<OrganizationConfig>): DynamicModule {
    return {
      module: OrganizationModule,
      imports: [
        ServiceModule.register(floor, {
          service: 'organization',
          definedIn: import.meta.url,
          deciders: [organizationDecider, invitation, singleSignOn],
          ...readModels,
          publish,
          inbox: OrganizationInbox,
          reopening: { takeBack: takenBack },
          withdraws: [
            'MemberRemoved',
            'MemberSuspended',
            'MemberDeactivated',
            'ProjectMemberRemoved',
            'ProjectArchived',
          ],
          housekeeping,
          sealed: [sealedSecrets(floor.config), sealedUsers(floor.config), sealedInvited(floor.config)],
        }),
      ],
      controllers: [
        OrganizationsController,
        DemandsController,
        InspectingController,
        InvitationsController,
        ProjectsController,
        RecordController,
        ConnectionsController,
        DomainsController,
        OpeningController,
        OverridingController,
        ScimTokensController,
        ProvisioningController,
      ],
      providers: [
        Organizations,
        Enforcement,
        Inviting,
        Accepting,
        InvitedAddresses,
        Admitting,
        SingleSignOns,
        ProviderMetadata,
        ScimUsers,
        Provisioning,
        Guests,
        DailyLooks,
        ConnectionSecrets,
        { provide: DomainProofs, useClass: DnsDomainProofs },
      ],
    };
  }
}

/** Organization, as a process or an installation starts it. */
export const organization: ServiceDefinition<OrganizationConfig> = {
  name: 'organization',
  config: organizationConfig,
  migrate: (config) => migrate(config.ownerDatabaseUrl, stepsIn('apps/organization/migrations'), config.databaseUrl),
  module: (floor) => OrganizationModule.register(floor),
  readModels,
  publish,
};
